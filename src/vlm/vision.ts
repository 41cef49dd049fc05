import { UsageError } from '../base/errors.ts';
import { float32, int64, sizeOf, type Tensor } from '../base/tensor.ts';
import type { VisionPath } from '../checkpoint/vision-path.ts';
import type { Session } from '../runtime/runtime.ts';
import { gridSide } from './clip.ts';
import { classAttentionGraph, type VisionFeatures, visionTailGraph } from './graphs.ts';
import type { Model } from './model.ts';
import { permutationOrder } from './permutation.ts';
import { squareSide } from './pooling.ts';
import type { VisionTail } from './vision-tail.ts';

/** Images a run of the encoder takes at most: activations of a batch should stay in the processor's cache. */
const ENCODER_BATCH = 32;

/** Number of vision tokens that the encoder gives for an image, before pooling. */
export function visionTokenCount({ config }: Model): number {
	return gridSide(config.vision) ** 2 + (config.visionFeatureSelect === 'full' ? 1 : 0);
}

/**
 * The encoder and the projector: pixels [batch, 3, size, size] → projected tokens [batch, V, width], before
 * normalisation. `features` defaults to the model's own layers.
 */
export async function encodePixels(
	model: Model,
	pixels: Tensor<'float32'>,
	features: VisionFeatures = model.visionPath,
): Promise<Tensor<'float32'>> {
	checkLayers(model, features.layers);
	const session = await model.visionEncoder(features);
	const count = visionTokenCount(model);
	const width = model.config.text.hiddenSize;
	return float32([pixels.shape[0]!, count, width], await encode(session, pixels, 'tokens'));
}

/** Attention of the encoder's class token to the patches in a layer, counted from 0: pixels → [batch, patches] */
export async function classAttention(
	model: Model,
	pixels: Tensor<'float32'>,
	layer: number,
): Promise<Tensor<'float32'>> {
	const session = await model.session(`class_attention:${layer}`, () => classAttentionGraph(model.config, layer));
	return float32([pixels.shape[0]!, gridSide(model.config.vision) ** 2], await encode(session, pixels, 'scores'));
}

/** An output of a graph over pixels [batch, 3, size, size], a few images at a time; flat. */
async function encode(session: Session, pixels: Tensor<'float32'>, output: string): Promise<Float32Array> {
	const [batch, ...image] = pixels.shape as [number, number, number, number];
	const size = sizeOf(image);
	const parts: Float32Array[] = [];
	for (let start = 0; start < batch; start += ENCODER_BATCH) {
		const end = Math.min(start + ENCODER_BATCH, batch);
		const pixel_values = float32([end - start, ...image], pixels.data.subarray(start * size, end * size));
		const results = await session.run({ pixel_values }, [output]);
		parts.push(results[output]!.data as Float32Array);
	}
	const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
	let offset = 0;
	for (const part of parts) {
		out.set(part, offset);
		offset += part.length;
	}
	return out;
}

function checkLayers({ config, checkpoint: { location } }: Model, layers: readonly number[]): void {
	const depth = config.vision.layers;
	const wrong = layers.find((n) => n > depth || n < -depth - 1);
	if (wrong !== undefined) {
		throw new UsageError(
			`vision layer ${wrong} does not exist in ${location}: hidden states are numbered 0 … ${depth}, or −1 … ${-depth - 1} from the end`,
			{ code: 'vision-layer' },
		);
	}
	const trained = config.visionFeatureLayers.length;
	if (layers.length !== trained) {
		throw new UsageError(
			`the projector was trained on ${trained} hidden ${trained === 1 ? 'state' : 'states'}, got ${layers.length} (${layers}); give as many`,
			{ code: 'vision-layer-count' },
		);
	}
}

/** Number of vision tokens that a path makes of `count` projected ones. */
const tokensOfPath = (count: number, { pool }: VisionPath): number => (pool === null ? count : pool ** 2);

/** Number of vision tokens that the decoder reads. */
export function visionTokensOf(model: Model, path: VisionPath = model.visionPath): number {
	return tokensOfPath(visionTokenCount(model), path);
}

/** Throws a UsageError where a model cannot carry out a path. */
export function checkPath(model: Model, path: VisionPath): void {
	checkLayers(model, path.layers);
	if (path.pool !== null) squareSide(visionTokenCount(model));
	if (path.permute) permutationOrder(path.permute, visionTokensOf(model, path));
}

/** The rest of the vision path: projected tokens [batch, V, width] → vision tokens [batch, V′, width]. */
export async function applyTail(
	model: Model,
	projected: Tensor<'float32'>,
	path: VisionPath,
): Promise<Tensor<'float32'>> {
	const [, count, width] = projected.shape as [number, number, number];
	const tail = await tailOf(model, path);
	if (!tail.normalize && tail.pool === null && !tail.permute && tail.scale === 1) return projected;
	const session = await model.session(`vision_tail:${count}:${JSON.stringify(tail)}`, () =>
		visionTailGraph(count, width, tail),
	);
	const kept = tokensOfPath(count, path);
	const order = path.permute && { order: int64([kept], permutationOrder(path.permute, kept)) };
	const { tokens } = await session.run({ projected, ...order });
	return tokens as Tensor<'float32'>;
}

async function tailOf(model: Model, { normalize, pool, permute, scale }: VisionPath): Promise<VisionTail> {
	return { normalize: normalize && (await constants(model, normalize)), pool, permute: permute !== null, scale };
}

async function constants(model: Model, { mode, targetMean, maxNorm }: NonNullable<VisionPath['normalize']>) {
	const words = targetMean === null || maxNorm === null ? await model.wordNorms() : { mean: 0, max: 0 };
	return { mode, targetMean: targetMean ?? words.mean, maxNorm: maxNorm ?? words.max };
}

/** The model's own vision path with some parts replaced. */
export const overridePath = (model: Model, path: Partial<VisionPath>): VisionPath => ({ ...model.visionPath, ...path });
