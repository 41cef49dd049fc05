import { float32 } from '../base/tensor.ts';
import type { VisionPath } from '../checkpoint/vision-path.ts';
import {
	add,
	constant,
	type Dim,
	div,
	gather,
	input,
	layerNorm,
	matmul,
	min,
	mul,
	reduceL2,
	reduceMean,
	rmsNorm,
	slice,
	topK,
	type Value,
} from '../graph/index.ts';
import type { Parameters } from './parameters.ts';
import { poolMatrix, squareSide } from './pooling.ts';

/** The learnt weight of the paper's normalisation: [width] */
export const PROJECTOR_NORM = 'multi_modal_projector.norm.weight';

/** `normalize` with its constants filled in. */
export interface Normalize {
	mode: NonNullable<VisionPath['normalize']>['mode'];
	targetMean: number;
	maxNorm: number;
}

/** What happens to projected tokens, constants filled in: normalise, pool, permute, scale, in this order. */
export interface VisionTail {
	normalize: Normalize | null;
	pool: number | null;
	permute: boolean;
	scale: number;
}

/**
 * The part of the vision path after the projector. tokens [batch, V, width] → [batch, V′, width]; with `permute`, the
 * graph gains an input `order`, int64 [V′].
 */
export function visionTail(p: Parameters, tokens: Value, tail: VisionTail): Value {
	let x = tokens;
	if (tail.normalize) x = normalizeTokens(p, x, tail.normalize);
	if (tail.pool !== null) x = poolTokens(x, tail.pool);
	if (tail.permute) x = gather(x, input(x.graph, 'order', 'int64', [x.shape[1]!]), 1);
	return tail.scale === 1 ? x : mul(x, tail.scale);
}

/** Average pooling of the grid to side s (Sec. 3.2): [batch, side², width] → [batch, s², width] */
function poolTokens(x: Value, s: number): Value {
	return matmul(constant(x.graph, poolMatrix(squareSide(x.shape[1] as number), s)), x);
}

/** As in the published code. */
const RMS_EPSILON = 1e-6;
const LAYER_NORM_EPSILON = 1e-5;

/** One of the normalisation modes of `VisionPath.normalize`: [batch, V, width] → the same shape. */
function normalizeTokens(p: Parameters, x: Value, { mode, targetMean, maxNorm }: Normalize): Value {
	const [, count, width] = x.shape as [Dim, number, number];
	const norms = () => reduceL2(x, [2], { keepDims: true }); // [batch, V, 1]
	switch (mode) {
		case 'paper':
			return mul(clipNorm(rmsNorm(x, p(PROJECTOR_NORM, [width]), RMS_EPSILON), maxNorm), targetMean);
		case 'clip':
			return clipNorm(x, maxNorm);
		case 'match-mean':
			return mul(x, div(constant(x.graph, float32([1], [targetMean])), reduceMean(norms(), [1], { keepDims: true })));
		case 'match-median':
			return mul(x, div(constant(x.graph, float32([1], [targetMean])), median(norms(), count)));
		case 'layernorm': {
			const gain = constant(x.graph, float32([width], new Float32Array(width).fill(targetMean / Math.sqrt(width))));
			const zero = constant(x.graph, float32([width], new Float32Array(width)));
			return layerNorm(x, gain, zero, LAYER_NORM_EPSILON);
		}
	}
}

/** x · min(maxNorm / ‖x‖, 1), token by token. */
function clipNorm(x: Value, maxNorm: number): Value {
	const norm = reduceL2(x, [2], { keepDims: true });
	const one = constant(x.graph, float32([1], [1]));
	return mul(x, min(div(constant(x.graph, float32([1], [maxNorm])), norm), one));
}

/** Median over axis 1 of [batch, count, 1]: the middle one, or the mean of the two in the middle. */
function median(x: Value, count: number): Value {
	const upper = Math.floor(count / 2) + 1;
	const { values } = topK(x, upper, 1);
	const last = slice(values, 1, upper - 1, upper);
	return count % 2 === 1 ? last : mul(add(last, slice(values, 1, upper - 2, upper - 1)), 0.5);
}
