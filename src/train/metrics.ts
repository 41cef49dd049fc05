import { z } from 'zod';
import { parseJson, validate } from '../base/json.ts';
import type { FileStore, WriteStore } from '../checkpoint/checkpoint.ts';

export const METRICS_FILE = 'metrics.jsonl';

const accuracy = z.number().min(0).max(1);
const evaluationSchema = z.strictObject({
	yesNo: accuracy,
	direction: accuracy,
	ventral: accuracy,
	byType: z.record(z.string(), accuracy),
});

/** One line of metrics.jsonl: one step. */
export const metricSchema = z.strictObject({
	stage: z.string(),
	/** 1 is the first of the stage. */
	step: z.int().positive(),
	/** Mean cross-entropy over the targets, before the step's update. */
	loss: z.number(),
	/** Share of the targets that are likeliest (contrastive: images whose caption is the likeliest of the batch). */
	accuracy: z.number(),
	/** By part of the model. */
	learningRate: z.record(z.string(), z.number()),
	/** Global norm before clipping. */
	gradientNorm: z.number(),
	/** Samples of the step over its seconds, evaluation and saving left out. Drawing counts unless workers compute meanwhile. */
	imagesPerSecond: z.number(),
	/** 2DS after the step, where it was asked. */
	evaluation: evaluationSchema.optional(),
});
export type Metric = z.infer<typeof metricSchema>;

/** The steps of a run so far. */
export async function readMetrics(store: FileStore): Promise<Metric[]> {
	if (!(await store.has(METRICS_FILE))) return [];
	const where = `${store.location}/${METRICS_FILE}`;
	const lines = new TextDecoder()
		.decode(await store.read(METRICS_FILE))
		.split('\n')
		.slice(0, -1);
	return lines.map((line, i) => {
		const at = `${where}: line ${i + 1}`;
		return validate(metricSchema, parseJson(new TextEncoder().encode(line), at), { where: at, code: 'metrics' });
	});
}

/** Writes all steps anew: the file is there either whole or as it was before. */
export const writeMetrics = (out: WriteStore, metrics: readonly Metric[]): Promise<void> =>
	out.write(METRICS_FILE, [new TextEncoder().encode(metrics.map((metric) => `${JSON.stringify(metric)}\n`).join(''))]);

/** Those of finished stages and of the first `step` steps of the one under way: what a saved state has seen. */
export function metricsUntil(metrics: readonly Metric[], stages: readonly string[], step: number): Metric[] {
	const current = stages.at(-1);
	return metrics.filter((metric) => stages.includes(metric.stage) && (metric.stage !== current || metric.step <= step));
}
