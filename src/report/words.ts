import { tooFewImages } from '../eval/paired.ts';
import type { ConditionResult, Paired, Score } from '../eval/run.ts';
import { interval, percent, points } from './format.ts';

/** How results are put into words, the same in tables, sentences and on the command line. */

/** Below, within or above: where an interval lies against a value. An interval that only touches it is not clear. */
export function side([low, high]: readonly [number, number], value: number): 'below' | 'within' | 'above' {
	return high < value ? 'below' : low > value ? 'above' : 'within';
}

/** How many draws a condition has and, of several, the least and the greatest accuracy: `1`, `3: 32.5 to 50.0`. */
export function drawsText({ draws }: Pick<ConditionResult, 'draws'>): string {
	return draws.length < 2 ? '1' : `${draws.length}: ${drawsRange(draws)}`;
}

/** Least and greatest accuracy in percent, `32.5 to 50.0`; one number where there is one draw. */
export function drawsRange(draws: readonly Pick<Score, 'accuracy'>[]): string {
	const all = draws.map(({ accuracy }) => accuracy);
	const ends = [Math.min(...all), Math.max(...all)].map(percent);
	return [...new Set(ends)].join(' to ');
}

const TOO_FEW = 'too few images';

/** The interval of a difference in points, or that there are too few images for one. */
export const differenceBounds = (paired: Paired): string =>
	tooFewImages(paired) ? TOO_FEW : interval(paired.interval, points);

/** The interval of PSI in percent, or that there are too few images for one. */
export const psiBounds = (paired: Paired): string | null =>
	tooFewImages(paired) ? TOO_FEW : paired.psiInterval && interval(paired.psiInterval);

/** What a change does: `costs 43.2 points [41.0, 45.5]`, `gains …`, or that nothing can be measured. */
export function effectWords({ difference, interval: [low, high] }: Pick<Paired, 'difference' | 'interval'>): string {
	switch (side([low, high], 0)) {
		case 'below':
			return `costs ${percent(-difference)} points ${interval([-high, -low])}`;
		case 'above':
			return `gains ${percent(difference)} points ${interval([low, high])}`;
		default:
			return `makes no measurable difference (${points(difference)} points ${interval([low, high], points)})`;
	}
}
