import type { Evaluation } from './evaluation.ts';
import type { Metric } from './metrics.ts';

/** How a stage ended, or stands: means over its last steps, at most 50. */
export interface StageSummary {
	name: string;
	/** Steps that were taken. */
	steps: number;
	loss: number;
	accuracy: number;
	imagesPerSecond: number;
}

export interface TrainResult {
	/** Steps of all stages. */
	steps: number;
	/** Those of the last stage; null where nothing is known of any. */
	loss: number | null;
	imagesPerSecond: number | null;
	/** The last evaluation; null where none was asked for. */
	evaluation: Evaluation | null;
	stages: StageSummary[];
}

/** Steps at the end of a stage whose mean tells how it ended. */
const LAST_STEPS = 50;

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** What metrics come to, by stage, the end being the `last` of each (default 50); a stage of which none are known is left out. */
export function summary(stages: readonly string[], metrics: readonly Metric[], last = LAST_STEPS): TrainResult {
	const each = stages.flatMap((name): StageSummary[] => {
		const own = metrics.filter(({ stage }) => stage === name);
		if (own.length === 0) return [];
		const end = own.slice(-last);
		return [
			{
				name,
				steps: own.length,
				loss: mean(end.map(({ loss }) => loss)),
				accuracy: mean(end.map(({ accuracy }) => accuracy)),
				imagesPerSecond: 1 / mean(end.map(({ imagesPerSecond }) => 1 / imagesPerSecond)),
			},
		];
	});
	const { loss = null, imagesPerSecond = null } = each.at(-1) ?? {};
	const evaluation = metrics.findLast((metric) => metric.evaluation)?.evaluation ?? null;
	return { steps: metrics.length, loss, imagesPerSecond, evaluation, stages: each };
}
