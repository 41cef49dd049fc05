import { z } from 'zod';
import { visionPathSchema } from '../checkpoint/vision-path.ts';
import type { Model } from '../vlm/model.ts';
import type { ProbeData } from './data.ts';

/** What stands first in every `probes/*.json`. */
const header = {
	/** Folder of the model and the hash that the manifests of runs carry. */
	model: z.string(),
	modelHash: z.string().nullable(),
	/** What was measured, in words. */
	data: z.string(),
	images: z.int().positive(),
};

/** A mean over images with its 95 % bootstrap interval over them. */
export const meanIntervalSchema = z.object({ mean: z.number(), low: z.number(), high: z.number() });

/** One number a layer and head; null where nothing could be measured. */
const byHead = z.array(z.array(z.number().nullable()));
const numbersByHead = z.array(z.array(z.number()));

/** L2 norms of many tokens. */
export const normDistributionSchema = z.object({
	count: z.int().positive(),
	mean: z.number(),
	min: z.number(),
	max: z.number(),
	/** Fractions to values, of type 7: `{ "0.25": 21.9, "0.5": 25.1, "0.75": 36.8 }`; 0.5 must be there. */
	quantiles: z.record(z.string(), z.number()).refine((q) => q['0.5'] !== undefined, 'quantile 0.5 is missing'),
	/** Counts in bins that are equally wide on a logarithmic axis; bin i begins at 10^(start + i · width). */
	histogram: z.object({ start: z.number(), width: z.number().positive(), counts: z.array(z.int().nonnegative()) }),
});
export type NormDistribution = z.infer<typeof normDistributionSchema>;

/** Mean norms of hidden state `layer` (0: the embeddings; the last: after the final norm) by kind of token. */
const hiddenNormLayerSchema = z.object({
	layer: z.int().nonnegative(),
	bos: z.number().nullable(),
	system: z.number().nullable(),
	vision: z.number(),
	user: z.number(),
});
export type HiddenNormLayer = z.infer<typeof hiddenNormLayerSchema>;

const nearestWordsSchema = z.object({
	/** Cosine of each vision token to the word embedding nearest to it. */
	mean: z.number(),
	min: z.number(),
	max: z.number(),
	quantiles: z.record(z.string(), z.number()),
	/** The words that are nearest most often, as the vocabulary spells them, with their share of the tokens. */
	words: z.array(z.object({ word: z.string(), share: z.number() })),
});
export type NearestWords = z.infer<typeof nearestWordsSchema>;

/** `dorsal probe norms`: vision tokens as the decoder receives them against text embeddings (Sec. 4.1, Fig. 3). */
export const normsProbeSchema = z.object({
	probe: z.literal('norms'),
	...header,
	vision: normDistributionSchema,
	/** As they leave the projector, where the vision path then changes them; else null. */
	projected: normDistributionSchema.nullable(),
	text: normDistributionSchema,
	/** Vision over text. */
	ratio: z.object({ mean: z.number(), median: z.number() }),
	/** Vision tokens above `threshold`; `rule` says how that was chosen, in words; `byPlace` their share at each place. */
	outliers: z.object({
		threshold: z.number(),
		share: z.number(),
		rule: z.string(),
		byPlace: z.array(z.number()).nullable(),
	}),
	/** Mean norm at each place of the token grid, row by row. */
	grid: z
		.object({ rows: z.int().positive(), columns: z.int().positive(), mean: z.array(z.number()) })
		.refine((g) => g.mean.length === g.rows * g.columns, 'mean needs rows × columns values'),
	hidden: z.object({ images: z.int().positive(), layers: z.array(hiddenNormLayerSchema) }).nullable(),
	nearest: nearestWordsSchema.nullable(),
});
export type NormsProbe = z.infer<typeof normsProbeSchema>;

const derivative = z.object({ closed: z.number(), finite: z.number() });
const logits = z.object({ mean: z.number(), max: z.number() });

/** `ropeTheory` at one ratio of norms. */
export const ropeTheoryPointSchema = z.object({
	scale: z.number().positive(),
	visionLogit: logits,
	textLogit: logits,
	alphaV: z.number(),
	gV: z.number(),
	sensitivity: derivative,
	error: z.number(),
	residual: derivative,
});

/** Means over layers and heads, then images: |Δg_V| a position, Δα_V and |Δα_V|. */
const sensitivities = {
	absDeltaGV: meanIntervalSchema,
	deltaAlphaV: meanIntervalSchema,
	absDeltaAlphaV: meanIntervalSchema,
};

export const ropeConditionSchema = z.object({
	/** `not normalised` or `normalised (mode)`. */
	name: z.string(),
	/** Whether this is how the model was trained. */
	trained: z.boolean(),
	normalize: visionPathSchema.shape.normalize,
	...sensitivities,
	/** Means over images; [layers][heads]. `slope` is dα_V/dφ in closed form. */
	byHead: z.object({
		alphaV: numbersByHead,
		deltaAlphaV: numbersByHead,
		absDeltaGV: numbersByHead,
		slope: numbersByHead,
	}),
});
export type RopeCondition = z.infer<typeof ropeConditionSchema>;

/** `dorsal probe rope`: sensitivity to the position of vision tokens (Sec. 4.2, Appendix A). */
export const ropeProbeSchema = z.object({
	probe: z.literal('rope'),
	...header,
	conditions: z.array(ropeConditionSchema).min(1),
	/** The second condition less the first, paired image by image; absent from older results. */
	difference: z.object(sensitivities).optional(),
	theory: z.array(ropeTheoryPointSchema),
});
export type RopeProbe = z.infer<typeof ropeProbeSchema>;

/** Where one token of an answer looks on the image. */
export const attentionMapSchema = z.object({
	/** The image's id in the data. */
	image: z.string(),
	question: z.string(),
	answer: z.string(),
	/** The generated token: its number in the answer from 0, its id, and as text. */
	token: z.object({ index: z.int().nonnegative(), id: z.int(), text: z.string() }),
	/** `llm`: the decoder's row; `vit`: the encoder's own rollout, all patches together; `composed`: one through the other. */
	source: z.enum(['llm', 'vit', 'composed']),
	/** The decoder's layers and heads that were averaged, from 0. */
	layers: z.array(z.int().nonnegative()),
	heads: z.array(z.int().nonnegative()),
	rows: z.int().positive(),
	columns: z.int().positive(),
	/** By place, row by row from the top left; not normalised. */
	weights: z.array(z.number()),
	/** Normalised entropy of `weights`. */
	entropy: z.number(),
	/** What the decoder's row gives the image, of 1 without BOS. */
	visionShare: z.number(),
	/** What the encoder sees of the image, as a `data:` address of a PNG. */
	picture: z.string().startsWith('data:image/png;base64,').optional(),
});
export type AttentionMap = z.infer<typeof attentionMapSchema>;

/** Normalised entropies, 0 … 1. mean(H): entropies are averaged; H(mean): attention is, first. */
export const attentionEntropySchema = z.object({
	/** Rows taken in: tokens of answers. */
	rows: z.int().positive(),
	/** Over each answer's tokens, then over images. */
	meanOfH: meanIntervalSchema,
	hOfMean: meanIntervalSchema,
	/** mean(H) of each image, in the order of the data; absent from older results. */
	perImage: z.array(z.number()).optional(),
	/** Entropy of the attention averaged over all rows of all images. */
	hOfMeanOverAll: z.number(),
	/** mean(H) of the first, second … token of the answers. */
	byToken: z.array(z.number()),
	/** In the order of `layers`. */
	byLayer: z.object({ meanOfH: z.array(z.number()), hOfMean: z.array(z.number()) }),
	/** mean(H); [layers][heads]; null for a head that never gave the image any weight. */
	byHead,
});
export type AttentionEntropy = z.infer<typeof attentionEntropySchema>;

/** `dorsal probe attention`: entropy of attention over the image and maps of it (Sec. 7, Table 4, Fig. 7). */
export const attentionProbeSchema = z.object({
	probe: z.literal('attention'),
	...header,
	layers: z.array(z.int().nonnegative()),
	heads: z.array(z.int().nonnegative()),
	entropy: attentionEntropySchema,
	maps: z.array(attentionMapSchema),
});
export type AttentionProbe = z.infer<typeof attentionProbeSchema>;

const sharesOf = <T extends z.ZodType>(share: T) =>
	z.object({ bos: share, system: share, vision: share, user: share, answer: share });

export const balanceConditionSchema = z.object({
	/** `as asked` or `without system prompt`. */
	name: z.string(),
	/** Tokens of the system prompt that the decoder read. */
	systemTokens: z.int().nonnegative(),
	/** Rows taken in: steps of generation. */
	rows: z.int().positive(),
	/** Cross-modal balance, vision / (vision + user text): a mean over layers, heads and steps, then images. */
	balance: meanIntervalSchema,
	/** [layers][heads]; null for a head that never gave either side any weight. */
	balanceByHead: byHead,
	/** Shares of attention; they add up to 1. */
	shares: sharesOf(meanIntervalSchema),
	sharesByLayer: z.array(sharesOf(z.number())),
	/** Vision / (vision + user) of the mean shares: the system prompt counted out but still read. */
	visionOfImageAndUser: z.number(),
});
export type BalanceCondition = z.infer<typeof balanceConditionSchema>;

/** `dorsal probe balance`: what attention goes to (facts of the paper's second version). */
export const balanceProbeSchema = z.object({
	probe: z.literal('balance'),
	...header,
	conditions: z.array(balanceConditionSchema).min(1),
});
export type BalanceProbe = z.infer<typeof balanceProbeSchema>;

export interface ProbeHeader {
	model: string;
	modelHash: string | null;
	data: string;
	images: number;
}

export async function probeHeader({ checkpoint }: Model, { name, items }: ProbeData): Promise<ProbeHeader> {
	return { model: checkpoint.location, modelHash: await checkpoint.hash(), data: name, images: items.length };
}
