import type { DrawOptions } from '../section.ts';
import { type Estimate, intervals } from './intervals.ts';

/** Permutation sensitivity index, (intact − permuted) / intact, of questions about "where" and about "what". */
export function sensitivityFigure(estimates: readonly Estimate[], { width, label }: DrawOptions) {
	// Whole steps of 5 %, and at least a tenth of the range, so that tiny effects do not fill the figure.
	const low = Math.min(0, ...estimates.map((e) => Math.floor(e.low * 20) / 20));
	const high = Math.max(0.1, ...estimates.map((e) => Math.ceil(e.high * 20) / 20));
	return intervals(estimates, {
		width,
		label,
		axis: 'Share of correct answers lost by shuffling (%)',
		domain: [low, high],
	});
}
