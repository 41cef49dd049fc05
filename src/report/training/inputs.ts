import { z } from 'zod';
import { parseJson, validate } from '../../base/json.ts';
import type { FileStore } from '../../checkpoint/checkpoint.ts';
import { twoDsTask, ventralTask } from '../../tasks/2ds.ts';
import type { Question } from '../../tasks/task.ts';
import { type Metric, readMetrics } from '../../train/metrics.ts';
import { RECIPE_FILE } from '../../train/run-folder.ts';

export interface TrainingStage {
	name: string;
	kind: string;
	/** Null where the recipe counts passes over the data. */
	steps: number | null;
	batch: number;
}

/** What a small 2DS is asked for while a model trains, in the order of the report. */
export const MEASURES = ['yesNo', 'direction', 'ventral'] as const;
export type Measure = (typeof MEASURES)[number];

/** Accuracies of guesses that know which objects are in the image, not where they are. */
export type TrainingChance = Record<Measure, number> & { byType: Record<string, number> };

/** One run of training as the report shows it. */
export interface TrainingRun {
	/** Unique in its report. */
	name: string;
	/** The recipe's. */
	title: string;
	/** In the order of the recipe. */
	stages: readonly TrainingStage[];
	metrics: readonly Metric[];
	/** Whether the checkpoint has been written. */
	finished: boolean;
	/** Null where the recipe asks nothing. */
	chance: TrainingChance | null;
}

/** What is read of a stored recipe; the rest is the trainer's business, and changes with it. */
const storedRecipe = z.looseObject({
	title: z.string().default(''),
	stages: z
		.array(
			z.looseObject({
				name: z.string(),
				kind: z.string(),
				steps: z.int().positive().optional(),
				batch: z.int().positive(),
			}),
		)
		.min(1)
		.max(1000),
	evaluate: z.looseObject({ images: z.int().positive(), seed: z.int() }).nullish(),
});

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Types as training's evaluation names them: the direction form of `color_rel` is `color_where`. */
const typeOf = ({ category, groups }: Question): string =>
	groups.form === 'direction' ? category.replace('_rel', '_where') : category;

/** Chance on the small 2DS that a recipe asks, averaged as `train/evaluation.ts` averages accuracies. */
export function trainingChance({ images, seed }: { images: number; seed: number }): TrainingChance {
	const where = twoDsTask({ images, seed, form: 'both' }).questions;
	const what = ventralTask({ images, seed }).questions;
	const byType: Record<string, number> = {};
	for (const type of new Set([...where, ...what].map(typeOf))) {
		byType[type] = mean([...where, ...what].filter((one) => typeOf(one) === type).map(({ chance }) => chance));
	}
	const over = (wanted: (type: string) => boolean) =>
		mean(
			Object.keys(byType)
				.filter(wanted)
				.map((type) => byType[type]!),
		);
	return {
		yesNo: over((type) => /_(abs|rel)$/.test(type)),
		direction: over((type) => /_(abs|where)$/.test(type)),
		ventral: over((type) => !/_(abs|rel|where)$/.test(type)),
		byType,
	};
}

/** Reads a run of training, finished or under way. */
export async function readTrainingRun(store: FileStore, { name }: { name: string }): Promise<TrainingRun> {
	const where = `${store.location}/${RECIPE_FILE}`;
	const stored = parseJson(await store.read(RECIPE_FILE), where);
	const { title, stages, evaluate } = validate(storedRecipe, stored, { where, code: 'recipe' });
	return {
		name,
		title,
		stages: stages.map(({ name, kind, steps = null, batch }) => ({ name, kind, steps, batch })),
		metrics: await readMetrics(store),
		// A shipped model lies beside its own log.
		finished: (await store.has('model/config.json')) || (await store.has('config.json')),
		chance: evaluate ? trainingChance(evaluate) : null,
	};
}
