import { z } from 'zod';
import { conditionSchema } from '../backends/condition.ts';
import { visionPathSchema } from '../checkpoint/vision-path.ts';

/**
 * A run is a folder: `manifest.json` (everything that determines the result), `records.jsonl` (one line an answer,
 * appended as it is known), `results.json` (statistics computed from the records), `gallery/` (the images of the
 * questions named in the manifest's `gallery`, for reports). Nothing in it but `results.json` is ever rewritten.
 */
export const RUN_FORMAT = 1;

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const manifestSchema = z.strictObject({
	format: z.literal(RUN_FORMAT),
	dorsal: z.string(),
	task: z.strictObject({
		name: z.string(),
		title: z.string(),
		dataHash: z.string(),
		facts: z.record(z.string(), scalar),
	}),
	backend: z.strictObject({
		kind: z.enum(['native', 'exported', 'remote']),
		model: z.string(),
		modelHash: z.string().nullable(),
		graphHash: z.string().nullable(),
		promptTemplate: z.string(),
		visionPath: visionPathSchema.nullable(),
		versions: z.record(z.string(), z.string()),
	}),
	conditions: z.array(conditionSchema),
	generation: z.strictObject({ maxNewTokens: z.int(), temperature: z.number(), seed: z.int() }),
	/** Seed of permutations and of the bootstrap. */
	seed: z.int(),
	/** Number of questions a condition is asked (after --limit). */
	questions: z.int(),
	/** Images handed to the backend at a time; part of the manifest because batching may move the last bit. */
	imagesPerBatch: z.int(),
	/** Ids of the questions whose images are kept in `gallery/`. */
	gallery: z.array(z.string()),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** One answer. */
export const recordSchema = z.strictObject({
	id: z.string(),
	image: z.string(),
	condition: z.string(),
	draw: z.int(),
	category: z.string(),
	groups: z.record(z.string(), z.string()),
	prompt: z.string(),
	answer: z.string(),
	chance: z.number(),
	raw: z.string(),
	value: z.string().nullable(),
	status: z.enum(['ok', 'ambiguous', 'none']),
	correct: z.boolean(),
	lenient: z.boolean(),
});
export type RunRecord = z.infer<typeof recordSchema>;

const interval = z.tuple([z.number(), z.number()]);

/**
 * Accuracy of one set of answers. Fractions of 1; `interval` is Wilson's at 95 %, with the number of questions as n
 * however many draws there are, so that more draws never feign more questions.
 */
export const scoreSchema = z.strictObject({
	questions: z.int(),
	accuracy: z.number(),
	interval,
	lenient: z.number(),
	unparsed: z.number(),
	chance: z.number(),
});
export type Score = z.infer<typeof scoreSchema>;

/** Accuracy on sets of questions: a set counts as right where all its questions are. */
export const setScoreSchema = z.strictObject({
	sets: z.int(),
	accuracy: z.number(),
	interval,
	/** Of independent guesses: the product of the questions' chances, averaged over the sets. */
	chance: z.number(),
});
export type SetScore = z.infer<typeof setScoreSchema>;

export const conditionResultSchema = scoreSchema.extend({
	byCategory: z.record(z.string(), scoreSchema),
	/** By the name of a group, then by its value: `byGroup.objects['3']`. */
	byGroup: z.record(z.string(), z.record(z.string(), scoreSchema)),
	/** One a draw where a condition has several; the scores above are over all of them. */
	draws: z.array(scoreSchema),
	/** By name of set: `sets.quad` from the groups `set:quad`, whose values name the sets. Absent where there are none. */
	sets: z.record(z.string(), setScoreSchema).optional(),
});
export type ConditionResult = z.infer<typeof conditionResultSchema>;

/** A paired comparison of two conditions (or two runs) on the same questions. */
export const pairedSchema = z.strictObject({
	a: z.string(),
	b: z.string(),
	/** Null for all questions, or the category. */
	category: z.string().nullable(),
	questions: z.int(),
	/** Images that they are about; absent in what earlier versions stored. */
	images: z.int().optional(),
	/**
	 * accuracy(b) − accuracy(a), with a bootstrap interval clustered by image (95 %); from fewer images than
	 * `FEWEST_IMAGES` from −1 to 1, which excludes nothing.
	 */
	difference: z.number(),
	interval,
	/** Questions only a, and only b, has right (first draw), and the exact two-sided McNemar p. */
	onlyA: z.int(),
	onlyB: z.int(),
	p: z.number(),
	/** (acc a − acc b) / acc a; null where acc a is 0. Its interval also where images are too few. */
	psi: z.number().nullable(),
	psiInterval: interval.nullable(),
});
export type Paired = z.infer<typeof pairedSchema>;

export const resultsSchema = z.strictObject({
	format: z.literal(RUN_FORMAT),
	task: z.string(),
	model: z.string(),
	/** Images asked about; absent in what earlier versions stored. */
	images: z.int().optional(),
	conditions: z.record(z.string(), conditionResultSchema),
	paired: z.array(pairedSchema),
});
export type Results = z.infer<typeof resultsSchema>;
