import type { Metric } from '../../train/metrics.ts';
import type { TrainingRun } from './inputs.ts';

/** A step with its place among all steps of the run, from 1. */
export interface PlacedStep {
	at: number;
	metric: Metric;
}

/** A stage's first place, and how many steps it has had. */
export interface StageSpan {
	name: string;
	from: number;
	steps: number;
}

/**
 * The steps of all stages one after the other. Stages that were taken from another run have none; beside other runs
 * (`aligned`) they keep their place.
 */
export function placedSteps({ stages, metrics }: TrainingRun, { aligned = false } = {}) {
	const steps: PlacedStep[] = [];
	const spans: StageSpan[] = [];
	let from = 0;
	for (const { name, steps: planned } of stages) {
		const own = metrics.filter(({ stage }) => stage === name);
		const last = own.at(-1)?.step;
		if (last === undefined) {
			if (aligned) from += planned ?? 0;
			continue;
		}
		for (const metric of own) steps.push({ at: from + metric.step, metric });
		spans.push({ name, from, steps: last });
		from += last;
	}
	return { steps, spans };
}

/** Points of a curve, whatever the length of the run: more than there are pixels show nothing. */
const MOST_POINTS = 200;

/** Steps in groups of equal length that do not cross stages, so few that each is a point of a curve. */
export function grouped({ steps, spans }: ReturnType<typeof placedSteps>, most = MOST_POINTS): PlacedStep[][] {
	const size = Math.ceil(steps.length / most);
	return spans.flatMap(({ from, steps: count }) => {
		const own = steps.filter(({ at }) => at > from && at <= from + count);
		return Array.from({ length: Math.ceil(own.length / size) }, (_, i) => own.slice(i * size, (i + 1) * size));
	});
}
