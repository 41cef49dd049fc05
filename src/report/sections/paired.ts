import type { MeanInterval } from '../../probes/mean.ts';
import { side } from '../words.ts';

/**
 * Where the second of two means over the same images lies. The interval of their paired difference says it; without one,
 * means whose intervals are apart differ however they pair, and of those that overlap nothing is known (null).
 */
export function pairedSide(
	first: MeanInterval,
	second: MeanInterval,
	difference: MeanInterval | null | undefined,
): 'below' | 'within' | 'above' | null {
	if (difference) return side([difference.low, difference.high], 0);
	return second.low > first.high ? 'above' : second.high < first.low ? 'below' : null;
}
