import { z } from 'zod';
import { pairedSchema, scoreSchema } from '../eval/run.ts';

const interval = z.tuple([z.number(), z.number()]);
const share = z.object({ share: z.number(), interval });

/** Answers that come out otherwise than under `intact`, as a mean over draws; an unread answer counts by its text. */
export const flipsSchema = z.object({
	/** Of all questions. */
	all: share,
	/** Of those that are right under `intact`; null where none is. */
	right: share.nullable(),
});
export type Flips = z.infer<typeof flipsSchema>;

/** One condition beside `intact`, on the same questions. Fractions of 1, intervals at 95 %. */
export const changeSchema = z.object({
	score: scoreSchema,
	/** accuracy − accuracy intact, bootstrap interval clustered by image. */
	difference: pairedSchema.shape.difference,
	interval,
	/** McNemar's exact p on the first draw. */
	p: pairedSchema.shape.p,
	/** (accuracy intact − accuracy) / accuracy intact; null where nothing is right under `intact`. */
	psi: pairedSchema.shape.psi,
	psiInterval: pairedSchema.shape.psiInterval,
	flips: flipsSchema,
});
export type Change = z.infer<typeof changeSchema>;

/** A condition's changes, over all questions and by category. */
export const changesSchema = z.object({
	/** As `--condition` has it. */
	name: z.string(),
	draws: z.int().positive(),
	overall: changeSchema,
	byCategory: z.record(z.string(), changeSchema),
});
export type Changes = z.infer<typeof changesSchema>;

/** What stands first in the results of a probe that asks a task's questions. */
const header = {
	/** Folder of the model and the hash that the manifests of runs carry. */
	model: z.string(),
	modelHash: z.string().nullable(),
	/** What was asked, in words. */
	data: z.string(),
	images: z.int().positive(),
	task: z.string(),
	questions: z.int().positive(),
	seed: z.int(),
	intact: z.object({ overall: scoreSchema, byCategory: z.record(z.string(), scoreSchema) }),
};

/** `dorsal probe permutation`: which part of the vision tokens' order matters (Sec. 3.1). */
export const permutationProbeSchema = z.object({
	probe: z.literal('permutation'),
	...header,
	orders: z.array(
		changesSchema.extend({
			/** Where tokens move: anywhere, within their row, column or block, or all of them end to end. */
			within: z.enum(['grid', 'rows', 'columns', 'blocks', 'reversed']),
			/** Side of the blocks; null for other orders. */
			block: z.int().positive().nullable(),
		}),
	),
});
export type PermutationProbe = z.infer<typeof permutationProbeSchema>;

/** One way to make the vision tokens fewer. */
export const compressionPointSchema = changesSchema.extend({
	method: z.enum(['pool', 'random', 'strided', 'attention', 'class-attention', 'farthest']),
	/** Whose position ids the tokens have; null for pooled tokens, which have none of their own. */
	positions: z.enum(['original', 'repacked']).nullable(),
	/** Vision tokens left. */
	tokens: z.int().positive(),
});

/** A model that was trained at its own number of vision tokens, as the paper's were. */
export const retrainedPointSchema = z.object({
	model: z.string(),
	modelHash: z.string().nullable(),
	tokens: z.int().positive(),
	overall: scoreSchema,
	byCategory: z.record(z.string(), scoreSchema),
	/** Its accuracy minus that of the model at full number, on the same questions. */
	difference: z.number(),
	interval,
});

/** `dorsal probe compression`: accuracy by number of vision tokens (Sec. 3.2, Fig. 2). */
export const compressionProbeSchema = z.object({
	probe: z.literal('compression'),
	...header,
	/** Vision tokens of the intact model. */
	tokens: z.int().positive(),
	points: z.array(compressionPointSchema),
	/** The largest number of tokens first. */
	retrained: z.array(retrainedPointSchema),
});
export type CompressionProbe = z.infer<typeof compressionProbeSchema>;

/** `dorsal probe interventions`: what changes at inference do to accuracy. */
export const interventionsProbeSchema = z.object({
	probe: z.literal('interventions'),
	...header,
	conditions: z.array(changesSchema),
});
export type InterventionsProbe = z.infer<typeof interventionsProbeSchema>;
