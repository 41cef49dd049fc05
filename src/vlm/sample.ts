import type { Rng } from '../base/random.ts';

/** Index of the largest, the first where several are equal. */
export function argMax(values: Float32Array): number {
	let best = 0;
	for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
	return best;
}

/** A token drawn from softmax(logits / temperature); temperature 0 takes the likeliest. */
export function sampleToken(logits: Float32Array, temperature: number, rng: Rng): number {
	if (temperature === 0) return argMax(logits);
	const top = logits[argMax(logits)]!;
	const weights = Float64Array.from(logits, (x) => Math.exp((x - top) / temperature));
	const total = weights.reduce((a, b) => a + b, 0);
	let left = rng.next() * total;
	for (let i = 0; i < weights.length; i++) {
		left -= weights[i]!;
		if (left < 0) return i;
	}
	return weights.length - 1;
}
