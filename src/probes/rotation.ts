/** Softmax attention of one query to keys of which some, those of the image, are turned by RoPE. */

/** Numbers from somewhere in a larger array, without a copy. */
type Floats = Float32Array | Float64Array;

/** Keys of one head, RoPE applied. */
export interface HeadKeys {
	/** [keys, headDim] */
	keys: Floats;
	/** How many of them, from the first on, the query may look at. */
	count: number;
	/** The vision tokens among them, [start, end). */
	vision: readonly [start: number, end: number];
}

/**
 * q · R(φ)k / √d, where R(φ) turns key `index` on by φ positions. R(φ) pairs the halves, as Llama does:
 * (k₁, k₂) → (k₁ cos − k₂ sin, k₁ sin + k₂ cos) with angle φ · frequency.
 */
function turnedLogit(q: Floats, keys: Floats, index: number, cos: Float64Array, sin: Float64Array): number {
	const half = cos.length;
	const at = index * half * 2;
	let dot = 0;
	for (let i = 0; i < half; i++) {
		const a = keys[at + i]!;
		const b = keys[at + half + i]!;
		dot += q[i]! * (a * cos[i]! - b * sin[i]!) + q[half + i]! * (a * sin[i]! + b * cos[i]!);
	}
	return dot / Math.sqrt(half * 2);
}

/** d/dφ of `turnedLogit`, exact: Σ ω (q₂k₁′ − q₁k₂′) / √d, k′ the turned key. */
function turnedSlope(q: Floats, keys: Floats, index: number, frequencies: ArrayLike<number>): number {
	const half = frequencies.length;
	const at = index * half * 2;
	let sum = 0;
	for (let i = 0; i < half; i++) {
		sum += frequencies[i]! * (q[half + i]! * keys[at + i]! - q[i]! * keys[at + half + i]!);
	}
	return sum / Math.sqrt(half * 2);
}

/** Logits of one query with the vision keys turned on by `phi` positions: [count] */
export function logitsAt(
	q: Floats,
	{ keys, count, vision: [start, end] }: HeadKeys,
	phi: number,
	frequencies: ArrayLike<number>,
): Float64Array {
	const half = frequencies.length;
	const cos = Float64Array.from(frequencies, (f) => Math.cos(f * phi));
	const sin = Float64Array.from(frequencies, (f) => Math.sin(f * phi));
	const still = { cos: new Float64Array(half).fill(1), sin: new Float64Array(half) };
	return Float64Array.from({ length: count }, (_, i) =>
		i >= start && i < end ? turnedLogit(q, keys, i, cos, sin) : turnedLogit(q, keys, i, still.cos, still.sin),
	);
}

/** Slopes d logit / dφ of the vision keys at φ = 0: [end − start] */
export function visionSlopes(
	q: Floats,
	{ keys, vision: [start, end] }: HeadKeys,
	frequencies: ArrayLike<number>,
): Float64Array {
	return Float64Array.from({ length: end - start }, (_, i) => turnedSlope(q, keys, start + i, frequencies));
}

/** Softmax of some logits, and its sum over the vision tokens and over the rest, each to full relative precision. */
export function attentionOf(
	logits: Float64Array,
	[start, end]: readonly [number, number],
): { weights: Float64Array; vision: number; text: number } {
	const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
	const weights = logits.map((logit) => Math.exp(logit - most));
	let [vision, text] = [0, 0];
	for (const [i, weight] of weights.entries()) {
		if (i >= start && i < end) vision += weight;
		else text += weight;
	}
	const total = vision + text;
	return { weights: weights.map((weight) => weight / total), vision: vision / total, text: text / total };
}
