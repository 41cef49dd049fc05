import { rng } from '../base/random.ts';
import { attentionOf, type HeadKeys, logitsAt, visionSlopes } from './rotation.ts';

export interface RopeTheoryOptions {
	/** Default 128, as in LLaVA-1.5 7B. */
	headDim?: number;
	/** Base of RoPE's frequencies. Default 10,000. */
	ropeTheta?: number;
	/** Default 576. */
	visionTokens?: number;
	/** Default 64. */
	textTokens?: number;
	/** Norm of vision over norm of text. Default 25 values from 10⁻¹ to 10³, evenly on a logarithmic axis. */
	scales?: readonly number[];
	/** Seed of the query and the keys. Default 0. */
	seed?: number;
}

/** A derivative in closed form and by central differences. */
export interface CheckedDerivative {
	closed: number;
	finite: number;
}

/** What happens at one ratio of norms. */
export interface RopeTheoryPoint {
	/** Norm of vision over norm of text. */
	scale: number;
	/** Logits of the query against the two kinds of keys. */
	visionLogit: { mean: number; max: number };
	textLogit: { mean: number; max: number };
	/** Attention on vision, α_V. */
	alphaV: number;
	/** Weighted mean slope of the vision logits, g_V = Σ (α_v / α_V) dℓ_v/dφ. */
	gV: number;
	/** dα_V/dφ = α_V (1 − α_V) (g_V − g_T), φ in positions by which the vision keys alone are turned, so g_T = 0. */
	sensitivity: CheckedDerivative;
	/** ‖du/dφ‖ of u = h′/‖h′‖, h′ = h + a(φ): what of the turn survives in a residual stream of this norm. */
	residual: CheckedDerivative;
}

const DEFAULT_SCALES = Array.from({ length: 25 }, (_, i) => 10 ** (-1 + i / 6));

/**
 * The argument of Sec. 4.2 and Appendix A as numbers, for one query and random unit-variance keys of which those of the
 * image are `scale` times as long. `sensitivity` follows the paper's premise that keys grow with the embeddings; in
 * Llama an RMSNorm before them takes that growth away, and what remains is `residual` (the lemma of the paper's second
 * version), du/dφ = (I − uuᵀ) / ‖h′‖ · da/dφ, where the keys are those of scale 1 and only the residual stream h grows.
 */
export function ropeTheory({
	headDim = 128,
	ropeTheta = 10_000,
	visionTokens = 576,
	textTokens = 64,
	scales = DEFAULT_SCALES,
	seed = 0,
}: RopeTheoryOptions = {}): RopeTheoryPoint[] {
	const random = rng(seed, 'rope-theory');
	const normal = (n: number) => Float64Array.from({ length: n }, random.normal);
	const frequencies = Float64Array.from({ length: headDim / 2 }, (_, i) => ropeTheta ** ((-2 * i) / headDim));
	const count = visionTokens + textTokens;
	const q = normal(headDim);
	const unit = normal(count * headDim);
	const values = normal(count * headDim);
	const stream = normal(headDim);
	const vision = [0, visionTokens] as const;
	const keysAt = (scale: number): HeadKeys => ({
		keys: unit.map((x, i) => (i < visionTokens * headDim ? scale * x : x)),
		count,
		vision,
	});
	const residual = residualSensitivity(q, keysAt(1), frequencies, values, stream);
	return scales.map((scale) => {
		const head = keysAt(scale);
		const logits = logitsAt(q, head, 0, frequencies);
		const slopes = visionSlopes(q, head, frequencies);
		const { weights, vision: alphaV, text } = attentionOf(logits, vision);
		const gV = slopes.reduce((sum, slope, i) => sum + weights[i]! * slope, 0) / alphaV;
		const steepest = slopes.reduce((most, slope) => Math.max(most, Math.abs(slope)), 1);
		// Where vision has nearly all weight, the rest is what differences can still resolve.
		const step = 1e-4 / steepest;
		const at = (phi: number) => attentionOf(logitsAt(q, head, phi, frequencies), vision);
		const [after, before] = [at(step), at(-step)];
		const finite = alphaV < text ? after.vision - before.vision : before.text - after.text;
		return {
			scale,
			visionLogit: summary(logits.subarray(0, visionTokens)),
			textLogit: summary(logits.subarray(visionTokens)),
			alphaV,
			gV,
			sensitivity: { closed: alphaV * text * gV, finite: finite / (2 * step) },
			residual: residual(scale),
		};
	});
}

const summary = (logits: Float64Array) => ({
	mean: logits.reduce((a, b) => a + b, 0) / logits.length,
	max: logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
});

const norm = (x: Float64Array) => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));

/** ‖du/dφ‖ as a function of the norm of the residual stream; the attention output a(φ) stays the same. */
function residualSensitivity(
	q: Float64Array,
	head: HeadKeys,
	frequencies: Float64Array,
	values: Float64Array,
	stream: Float64Array,
): (scale: number) => CheckedDerivative {
	const size = q.length;
	const mix = (weights: (i: number) => number) => {
		const out = new Float64Array(size);
		for (let i = 0; i < head.count; i++) {
			const weight = weights(i);
			for (let d = 0; d < size; d++) out[d]! += weight * values[i * size + d]!;
		}
		return out;
	};
	const outputAt = (phi: number) => {
		const { weights } = attentionOf(logitsAt(q, head, phi, frequencies), head.vision);
		return mix((i) => weights[i]!);
	};
	const { weights } = attentionOf(logitsAt(q, head, 0, frequencies), head.vision);
	const slopes = visionSlopes(q, head, frequencies);
	const [start, end] = head.vision;
	const slope = (i: number) => (i >= start && i < end ? slopes[i - start]! : 0);
	const mean = weights.reduce((sum, weight, i) => sum + weight * slope(i), 0);
	const derivative = mix((i) => weights[i]! * (slope(i) - mean)); // da/dφ
	const output = outputAt(0);
	const step = 1e-4;
	const [after, before] = [outputAt(step), outputAt(-step)];
	const length = norm(stream);
	return (scale) => {
		const direction = (a: Float64Array) => {
			const sum = a.map((x, d) => x + (scale * stream[d]!) / length);
			const total = norm(sum);
			return { unit: sum.map((x) => x / total), total };
		};
		const { unit, total } = direction(output);
		const along = unit.reduce((sum, x, d) => sum + x * derivative[d]!, 0);
		const closed = norm(derivative.map((x, d) => (x - along * unit[d]!) / total));
		const [right, left] = [direction(after).unit, direction(before).unit];
		return { closed, finite: norm(right.map((x, d) => (x - left[d]!) / (2 * step))) };
	};
}
