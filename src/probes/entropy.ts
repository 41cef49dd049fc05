import { InputError } from '../base/errors.ts';

/** As in the published code: added to every share before the logarithm, then divided out again. */
const SMOOTHING = 1e-10;

/**
 * Normalised entropy of some weights: H / log2 n in 0 … 1, where H = −Σ p log2 p of p = a / Σa, smoothed by 1e-10 and
 * normalised again, as the published code of the paper has it (Sec. 7.2, Table 4). 0: all on one; 1: spread evenly.
 *
 * The weights need not sum to 1. One weight alone has entropy 0. Weights that are all zero have no distribution: they
 * count as evenly spread (1), which is what the smoothing makes of them. A weight that is negative, NaN or infinite, and
 * an empty list, are an InputError.
 */
export function normalizedEntropy(weights: ArrayLike<number>): number {
	const n = weights.length;
	const sum = sumOf(weights);
	if (n === 1) return 0;
	if (sum === 0) return 1;
	const total = 1 + n * SMOOTHING;
	let entropy = 0;
	for (let i = 0; i < n; i++) {
		const p = (weights[i]! / sum + SMOOTHING) / total;
		entropy -= p * Math.log2(p);
	}
	return Math.min(1, Math.max(0, entropy / Math.log2(n)));
}

/** Σ of weights that must each be a finite number from 0 up. */
function sumOf(weights: ArrayLike<number>): number {
	if (weights.length === 0) throw new InputError('entropy of no weights; give at least one', { code: 'weights' });
	let sum = 0;
	for (let i = 0; i < weights.length; i++) {
		const weight = weights[i]!;
		if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) {
			throw new InputError(`attention weight ${i} of ${weights.length} is ${weight}; expected a number from 0 up`, {
				code: 'weights',
			});
		}
		sum += weight;
	}
	return sum;
}
