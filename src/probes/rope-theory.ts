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
	/** Queries, each with keys of its own, that the numbers are means over. Default 8. */
	queries?: number;
	/** Seed of queries and keys. Default 0. */
	seed?: number;
}

/** Size of a derivative in closed form and by central differences. */
export interface CheckedDerivative {
	closed: number;
	finite: number;
}

/** What happens at one ratio of norms; means over queries. */
export interface RopeTheoryPoint {
	/** Norm of vision over norm of text. */
	scale: number;
	/** Logits of the query against the two kinds of keys. */
	visionLogit: { mean: number; max: number };
	textLogit: { mean: number; max: number };
	/** Attention on vision, α_V. */
	alphaV: number;
	/** |g_V|, g_V = Σ (α_v / α_V) dℓ_v/dφ the weighted mean slope of the vision logits. */
	gV: number;
	/** |dα_V/dφ|, α_V (1 − α_V) (g_V − g_T), φ in positions by which the vision keys alone are turned, so g_T = 0. */
	sensitivity: CheckedDerivative;
	/** Largest difference of the two, relative to what the derivative were if all slopes had one sign. */
	error: number;
	/** ‖du/dφ‖ of u = h′/‖h′‖, h′ = h + a(φ): what of the turn survives in a residual stream of this norm. */
	residual: CheckedDerivative;
}

const DEFAULT_SCALES = Array.from({ length: 25 }, (_, i) => 10 ** (-1 + i / 6));

/**
 * The argument of Sec. 4.2 and Appendix A as numbers, for random queries and keys of unit variance, those of the image
 * `scale` times as long. `sensitivity` follows the paper's premise that keys grow with the embeddings; in Llama an
 * RMSNorm before them takes that growth away, and what remains is `residual` (the lemma of the paper's second version),
 * du/dφ = (I − uuᵀ) / ‖h′‖ · da/dφ, where the keys are those of scale 1 and only the residual stream h grows.
 */
export function ropeTheory({
	headDim = 128,
	ropeTheta = 10_000,
	visionTokens = 576,
	textTokens = 64,
	scales = DEFAULT_SCALES,
	queries = 8,
	seed = 0,
}: RopeTheoryOptions = {}): RopeTheoryPoint[] {
	const frequencies = Float64Array.from({ length: headDim / 2 }, (_, i) => ropeTheta ** ((-2 * i) / headDim));
	const count = visionTokens + textTokens;
	const draws = Array.from({ length: queries }, (_, query) => {
		const random = rng(seed, 'rope-theory', query);
		const normal = (n: number) => Float64Array.from({ length: n }, random.normal);
		const q = normal(headDim);
		const keys = normal(count * headDim);
		const residual = residualSensitivity(
			q,
			{ keys, count, vision: [0, visionTokens] },
			frequencies,
			normal(count * headDim),
			normal(headDim),
		);
		return scales.map((scale) => ({
			...pointOf(q, keys, [visionTokens, textTokens], scale, frequencies),
			residual: residual(scale),
		}));
	});
	return scales.map((_, i) => averaged(draws.map((points) => points[i]!)));
}

function pointOf(
	q: Float64Array,
	unit: Float64Array,
	[visionTokens, textTokens]: readonly [number, number],
	scale: number,
	frequencies: Float64Array,
): Omit<RopeTheoryPoint, 'residual'> {
	const head: HeadKeys = { keys: unit, count: visionTokens + textTokens, vision: [0, visionTokens] };
	// Logits and slopes are linear in the keys, so their length can be put on afterwards.
	const logitsOf = (phi: number) =>
		logitsAt(q, head, phi, frequencies).map((logit, i) => (i < visionTokens ? scale * logit : logit));
	const logits = logitsOf(0);
	const slopes = visionSlopes(q, head, frequencies).map((slope) => scale * slope);
	const { weights, vision: alphaV, text } = attentionOf(logits, head.vision);
	const slope = (of: (slope: number) => number) =>
		slopes.reduce((sum, each, i) => sum + weights[i]! * of(each), 0) / alphaV;
	const gV = slope((each) => each);
	const steepest = slopes.reduce((most, slope) => Math.max(most, Math.abs(slope)), 1);
	const step = 1e-4 / steepest;
	const at = (phi: number) => attentionOf(logitsOf(phi), head.vision);
	const [after, before] = [at(step), at(-step)];
	// Where vision has nearly all weight, the rest is what differences can still resolve.
	const change = alphaV < text ? after.vision - before.vision : before.text - after.text;
	const [closed, finite] = [alphaV * text * gV, change / (2 * step)];
	return {
		scale,
		visionLogit: summary(logits.subarray(0, visionTokens)),
		textLogit: summary(logits.subarray(visionTokens)),
		alphaV,
		gV: Math.abs(gV),
		sensitivity: { closed: Math.abs(closed), finite: Math.abs(finite) },
		error: Math.abs(closed - finite) / (alphaV * text * slope(Math.abs) || 1),
	};
}

function averaged(points: readonly RopeTheoryPoint[]): RopeTheoryPoint {
	const mean = (of: (point: RopeTheoryPoint) => number) =>
		points.reduce((sum, point) => sum + of(point), 0) / points.length;
	const derivative = (of: (point: RopeTheoryPoint) => CheckedDerivative) => ({
		closed: mean((point) => of(point).closed),
		finite: mean((point) => of(point).finite),
	});
	const logit = (of: (point: RopeTheoryPoint) => RopeTheoryPoint['visionLogit']) => ({
		mean: mean((point) => of(point).mean),
		max: mean((point) => of(point).max),
	});
	return {
		scale: points[0]!.scale,
		visionLogit: logit(({ visionLogit }) => visionLogit),
		textLogit: logit(({ textLogit }) => textLogit),
		alphaV: mean(({ alphaV }) => alphaV),
		gV: mean(({ gV }) => gV),
		sensitivity: derivative(({ sensitivity }) => sensitivity),
		error: points.reduce((most, { error }) => Math.max(most, error), 0),
		residual: derivative(({ residual }) => residual),
	};
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
