import { z } from 'zod';

/** What a stage is trained on, as its recipe says it. */

/** A whole number of at least `least`. */
export const whole = (least: number) => z.int().min(least);

const range = z.tuple([z.number(), z.number()]).refine(([low, high]) => low <= high, { error: 'expected [low, high]' });

export const QUESTION_KINDS = [
	/** Dense: every object's colour, shape, column and row. */
	'locate_all',
	/** The same, each found by its shape. */
	'locate_shapes',
	/** Dense: one object's, by its colour or its shape. */
	'locate_color',
	'locate_shape',
	/** Dense: the objects from one side to the other. */
	'in_order',
	/** Dense: every object's direction from one. */
	'relate_color',
	'relate_shape',
	'relate_shape_color',
	/** Dense: how far one object lies from another. */
	'distance_color',
	'distance_shape',
	/** 2DS's absolute questions. */
	'color_abs',
	'shape_abs',
	'shape_color_abs',
	/** 2DS's relative questions, yes or no. */
	'color_rel',
	'shape_rel',
	'shape_color_rel',
	/** The same in the direction form. */
	'color_where',
	'shape_where',
	'shape_color_where',
	/** The ventral twin's. */
	'color',
	'shape',
	'exists',
	'count',
] as const;
export type QuestionKind = (typeof QUESTION_KINDS)[number];

export const sceneShape = {
	/** Number of objects, drawn evenly. At most eight: all colours and all shapes of a scene differ. */
	objects: z
		.tuple([z.int().min(1).max(8), z.int().min(1).max(8)])
		.refine(([low, high]) => low <= high, { error: 'expected [low, high]' })
		.default([2, 6]),
	/** Where objects lie: on 2DS's grid, anywhere, or each in half of the scenes. */
	placement: z.enum(['grid', 'free', 'both']).default('both'),
	/** Radius of an object in sides of the image; each draws its own. 2DS has 0.09. */
	radius: range
		.refine(([low, high]) => low > 0 && high <= 0.5, { error: 'expected radii above 0 and up to 0.5' })
		.default([0.08, 0.1]),
};
const sceneSchema = z.strictObject(sceneShape);
/** What scenes look like. */
export type SceneChoice = z.infer<typeof sceneSchema>;

/** What scenes look like and what is asked of them in one phase of a curriculum. */
const phaseSchema = z.strictObject({
	/** Share of the stage's steps; the phases' shares are divided by their sum. */
	share: z.number().positive().default(1),
	...sceneShape,
	/** Questions about one image. */
	turns: whole(1).default(5),
	/** How often each kind of question is asked, as weights. */
	questions: z
		.partialRecord(z.enum(QUESTION_KINDS), z.number().nonnegative())
		.refine((weights) => Object.values(weights).some((weight) => weight > 0), {
			error: 'expected at least one kind of question with a weight above 0',
		}),
});
export type Phase = z.infer<typeof phaseSchema>;

const scenesSchema = z.strictObject({
	source: z.literal('scenes'),
	/**
	 * `image`: as pixels. `map`: in words, one a cell of the encoder's grid, in the places that vision tokens will have.
	 * `list`: in words, colour, shape, column and row of each object.
	 */
	as: z.enum(['image', 'map', 'list']).default('image'),
	/** Columns and rows of the grid in which dense answers name a place. */
	cells: whole(2).max(10).default(8),
	phases: z.array(phaseSchema).min(1),
});

const llavaSchema = z
	.strictObject({
		source: z.literal('llava'),
		/** LLaVA's JSON: a list of `{ image, conversations: [{ from, value }] }`. */
		json: z.string(),
		/** Folder of the images. */
		images: z.string(),
		/** sha256 of the file, hex; filled in when a run begins. One that is given must be the file's. */
		sha256: z.string().optional(),
		/** What is said to the model before each conversation. Default: what the chat template says by itself. */
		system: z.string().optional(),
		/** Whether images are centred on a square of the mean colour before they are resized. Default: as the checkpoint has it. */
		pad: z.boolean().optional(),
		/** `chat`: the model's chat template, loss on every answer. `plain`: the image and the answer alone, as in stage 1. */
		style: z.enum(['chat', 'plain']).default('chat'),
		/** Whether a step's conversations are all with images or all without, as LLaVA's `group_by_modality_length` has it. */
		groupByModalityLength: z.boolean().default(false),
	})
	.refine(({ style, system }) => style !== 'plain' || system === undefined, {
		error: 'the plain style says nothing before the image; leave it out',
		path: ['system'],
	});

export const dialogueDataSchema = z.discriminatedUnion('source', [scenesSchema, llavaSchema]);
/** Scenes that are drawn while the stage runs. */
export type ScenesData = z.infer<typeof scenesSchema>;
/** A file of conversations about images. */
export type LlavaData = z.infer<typeof llavaSchema>;
