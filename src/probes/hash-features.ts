import { rng } from '../base/random.ts';

/** Makes a state fit for regression; the result is written over at the next call. */
export type FeatureReader = (state: Float32Array) => Float64Array;

/**
 * States of at most `most` channels as they are. Wider ones are hashed: every channel is added, with a random sign, to
 * one of `most` sums (Weinberger et al. 2009), which keeps inner products on average. That bounds the memory of the
 * regression, which grows with the square of the width, and loses a little accuracy.
 */
export function featureReader(width: number, most: number, seed: number): FeatureReader {
	const out = new Float64Array(Math.min(width, most));
	if (width <= most) {
		return (state) => {
			out.set(state);
			return out;
		};
	}
	const random = rng(seed, 'hash', width, most);
	const bucket = Int32Array.from({ length: width }, () => random.int(most));
	const sign = Float64Array.from({ length: width }, () => (random.int(2) === 0 ? -1 : 1));
	return (state) => {
		out.fill(0);
		for (let i = 0; i < width; i++) out[bucket[i]!]! += sign[i]! * state[i]!;
		return out;
	};
}
