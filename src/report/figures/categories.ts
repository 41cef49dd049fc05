import type { DrawOptions } from '../section.ts';
import { type Estimate, intervals } from './intervals.ts';

/** Accuracy by category of question, intact and permuted; one heading a category. */
export function categoriesFigure(estimates: readonly Estimate[], { width, label }: DrawOptions) {
	return intervals(estimates, { width, label, axis: 'Accuracy (%)' });
}
