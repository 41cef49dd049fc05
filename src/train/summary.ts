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

/**
 * What metrics come to, by stage; a stage of which none are known is left out. A line may stand for several steps, as in
 * the logs of the shipped models: it names the last of them.
 */
export function summary(stages: readonly string[], metrics: readonly Metric[]): TrainResult {
	const each = stages.flatMap((name): StageSummary[] => {
		const own = metrics.filter(({ stage }) => stage === name);
		const steps = own.at(-1)?.step;
		if (steps === undefined) return [];
		const end = own.filter(({ step }) => step > steps - LAST_STEPS);
		return [
			{
				name,
				steps,
				loss: mean(end.map(({ loss }) => loss)),
				accuracy: mean(end.map(({ accuracy }) => accuracy)),
				imagesPerSecond: 1 / mean(end.map(({ imagesPerSecond }) => 1 / imagesPerSecond)),
			},
		];
	});
	const { loss = null, imagesPerSecond = null } = each.at(-1) ?? {};
	const evaluation = metrics.findLast((metric) => metric.evaluation)?.evaluation ?? null;
	const steps = each.reduce((sum, stage) => sum + stage.steps, 0);
	return { steps, loss, imagesPerSecond, evaluation, stages: each };
}
