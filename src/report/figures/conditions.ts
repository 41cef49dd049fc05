import type { DrawOptions } from '../section.ts';
import { type Estimate, intervals } from './intervals.ts';

/** Accuracy under every condition, one heading a data set. */
export function conditionsFigure(estimates: readonly Estimate[], { width, label }: DrawOptions) {
	return intervals(estimates, { width, label, axis: 'Accuracy (%)' });
}
