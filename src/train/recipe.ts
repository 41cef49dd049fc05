import { z } from 'zod';
import { visionPathSchema } from '../checkpoint/vision-path.ts';
import { dialogueDataSchema, sceneShape, whole } from './recipe-data.ts';

/** Everything that determines a training run, as one JSON value; unknown keys are refused. */

const share = z.number().min(0).max(1);

/** Linear warm-up to the peak, then a cosine down to `final` of it. */
const scheduleSchema = z.strictObject({ warmup: share.default(0.03), final: share.default(0) }).prefault({});

const shared = {
	/** Unique within the recipe; names the stage's files. */
	name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, { error: 'expected lower-case letters, digits and dashes' }),
	/** Seed of the stage's data; default the recipe's. */
	seed: z.int().optional(),
	/** Samples a step. */
	batch: whole(1),
	schedule: scheduleSchema,
	/** Taken off matrices at each step, times the learning rate; biases and norms are left out. */
	weightDecay: z.number().min(0).default(0),
	/** Global norm that gradients are clipped to; null leaves them. */
	clip: z.number().positive().nullable().default(1),
	/** Decays of AdamW's running means. */
	betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).default([0.9, 0.999]),
	/** Whether the backward pass computes each layer anew instead of keeping what it holds: less memory, a third more work. */
	recompute: z.boolean().default(false),
};

const rate = z.number().positive();

const contrastiveSchema = z.strictObject({
	...shared,
	kind: z.literal('contrastive'),
	steps: whole(1),
	learningRate: z.strictObject({ encoder: rate, captions: rate }),
	/** The small text transformer that captions are read by; it is dropped after the stage. */
	captions: z
		.strictObject({
			hiddenSize: whole(1).default(128),
			intermediateSize: whole(1).default(256),
			layers: whole(1).default(2),
			heads: whole(1).default(4),
			/** Width of the space in which images and captions are compared. */
			projection: whole(1).default(128),
		})
		.refine(({ hiddenSize, heads }) => hiddenSize % (2 * heads) === 0, {
			error: 'expected a hiddenSize that divides into heads of even width',
		})
		.prefault({}),
	/** Image side of the comparison: the class token, or the mean over the patches. */
	pool: z.enum(['class', 'mean']).default('class'),
	data: z.strictObject({
		source: z.literal('scenes'),
		...sceneShape,
		/**
		 * Images that follow each other with objects of the same colours, so that only shapes tell their captions apart.
		 * Without it an encoder that sees colours alone tells nearly all captions of a batch apart.
		 */
		alike: whole(1).default(1),
		/** Share of the captions that also say where each object lies, in columns and rows of `cells` each way. */
		places: share.default(0),
		cells: whole(2).max(10).default(4),
	}),
});
export type ContrastiveStage = z.infer<typeof contrastiveSchema>;

const isWords = (data: { source: string; as?: string }) => data.source === 'scenes' && data.as !== 'image';

const dialogueSchema = z
	.strictObject({
		...shared,
		kind: z.literal('dialogue'),
		/** Steps, or passes over a file of conversations. */
		steps: whole(1).optional(),
		epochs: z.number().positive().optional(),
		/** Most steps that the epochs may take. */
		maxSteps: whole(1).optional(),
		/** Samples whose gradients are computed at a time and added up: what fits the processor's caches, or the memory. */
		microBatch: whole(1).default(16),
		/** Peak learning rate of each part that is trained; parts that are left out are frozen. */
		learningRate: z
			.strictObject({ encoder: rate.optional(), projector: rate.optional(), decoder: rate.optional() })
			.refine((rates) => Object.values(rates).some((value) => value !== undefined), {
				error: 'expected a rate for at least one of encoder, projector and decoder',
			}),
		data: dialogueDataSchema,
	})
	.refine(({ steps, epochs }) => (steps === undefined) !== (epochs === undefined), {
		error: 'expected either steps or epochs',
	})
	.refine(({ epochs, data }) => epochs === undefined || data.source === 'llava', {
		error: 'scenes have no end, so that epochs mean nothing; give steps',
		path: ['epochs'],
	})
	.refine(({ epochs, maxSteps }) => epochs !== undefined || maxSteps === undefined, {
		error: 'limits what epochs come to; give fewer steps instead',
		path: ['maxSteps'],
	})
	.refine(({ learningRate: { encoder, projector }, data }) => !isWords(data) || (!encoder && !projector), {
		error: 'words train the decoder alone: the way from image to token is not used',
		path: ['learningRate'],
	});
export type DialogueStage = z.infer<typeof dialogueSchema>;

export type Stage = ContrastiveStage | DialogueStage;

/** Whether a stage's samples go through the vision path. */
export const seesImages = (stage: Stage): boolean => stage.kind === 'dialogue' && !isWords(stage.data);

/** Parts of a model, each trained or frozen as a whole. */
export const PARTS = ['encoder', 'projector', 'decoder'] as const;
export type Part = (typeof PARTS)[number];

const visionSizes = z.strictObject({
	imageSize: whole(1).default(64),
	patchSize: whole(1).default(8),
	hiddenSize: whole(1).default(128),
	intermediateSize: whole(1).default(512),
	layers: whole(1).default(8),
	heads: whole(1).default(4),
	activation: z.enum(['quick_gelu', 'gelu']).default('quick_gelu'),
});
const textSizes = z.strictObject({
	hiddenSize: whole(1).default(192),
	intermediateSize: whole(1).default(512),
	layers: whole(1).default(4),
	heads: whole(1).default(4),
	kvHeads: whole(1).optional(),
	ropeTheta: z.number().positive().default(10_000),
	maxPositions: whole(1).default(256),
});

const modelSchema = z
	.strictObject({
		/** Sizes of a model that is made anew. */
		vision: visionSizes.optional(),
		text: textSizes.optional(),
		/** Folder of a checkpoint that gives sizes, tokenizer and weights instead. */
		from: z.string().nullable().default(null),
		/** sha256 over its files, hex; filled in when a run begins. One that is given must be the checkpoint's. */
		hash: z.string().optional(),
		/** Its parts whose weights are drawn anew all the same. */
		fresh: z.array(z.enum(PARTS)).default([]),
		/**
		 * Seed of encoder and decoder; default the recipe's. With it, and seeds of their own for the stages that train
		 * these two, runs of several seeds stand on one pre-trained encoder and decoder; the projector is each run's own.
		 */
		seed: z.int().optional(),
	})
	.refine(({ from, vision, text }) => from === null || (vision === undefined && text === undefined), {
		error: 'expected either sizes (vision, text) or a checkpoint (from)',
	})
	.refine(({ from, fresh }) => from !== null || fresh.length === 0, {
		error: 'all parts of a new model are fresh; leave it out',
		path: ['fresh'],
	})
	.refine(({ from, hash }) => from !== null || hash === undefined, {
		error: 'a new model has no checkpoint; leave it out',
		path: ['hash'],
	})
	.transform(({ from, hash, fresh, seed, vision, text }) => ({
		...(seed !== undefined && { seed }),
		...(from === null
			? { from, vision: visionSizes.parse(vision ?? {}), text: textSizes.parse(text ?? {}) }
			: { from, ...(hash !== undefined && { hash }), fresh }),
	}));
export type ModelChoice = z.infer<typeof modelSchema>;
export type ModelSizes = Extract<ModelChoice, { from: null }>;

/** Seed that a parameter is drawn with, by the part that it belongs to. */
export const initialSeed = ({ seed, model }: Pick<Recipe, 'seed' | 'model'>, part: string | undefined): number =>
	part === 'projector' ? seed : (model.seed ?? seed);

const visionPathChoice = visionPathSchema
	.pick({ layers: true, postLayerNorm: true, normalize: true, pool: true })
	.partial()
	.refine(({ normalize }) => normalize?.mode !== 'match-median', {
		error: 'match-median cannot be trained through: a median has no useful derivative; take match-mean',
		path: ['normalize', 'mode'],
	});

export const recipeSchema = z.strictObject({
	/** One line for people. */
	title: z.string().default(''),
	/** Seed of the weights, unless the model has its own, and of the data, unless a stage has its own. */
	seed: z.int().default(0),
	/** Sizes of a model that is made anew, or a checkpoint to start from. */
	model: modelSchema.prefault({}),
	/** Folder with tokenizer.json and chat template; null takes those of `model.from`, else the shipped model's. */
	tokenizer: z.string().nullable().default(null),
	/** sha256 over its files, hex; filled in when a run begins. One that is given must be the tokenizer's. */
	tokenizerHash: z.string().optional(),
	/** What is done to the image's features; what is left out is as in the checkpoint, or as in LLaVA-1.5. */
	visionPath: visionPathChoice.prefault({}),
	stages: z
		.array(z.discriminatedUnion('kind', [contrastiveSchema, dialogueSchema]))
		.min(1)
		.refine((stages) => new Set(stages.map(({ name }) => name)).size === stages.length, {
			error: 'expected stages of different names',
		}),
	/** A small 2DS that the model is asked while it trains; null asks nothing. */
	evaluate: z
		.strictObject({
			every: whole(1).default(100),
			/** Images of each of 2DS's five categories. */
			images: whole(1).default(20),
			seed: z.int().default(1),
		})
		.nullable()
		.prefault({}),
	/** Steps between two saved states. */
	saveEvery: whole(1).default(100),
	/** Version of this package; filled in when a run begins. */
	dorsal: z.string().optional(),
});
export type Recipe = z.infer<typeof recipeSchema>;
