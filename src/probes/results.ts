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
	residual: derivative,
});

export const ropeConditionSchema = z.object({
	/** `not normalised` or `normalised (mode)`. */
	name: z.string(),
	/** Whether this is how the model was trained. */
	trained: z.boolean(),
	normalize: visionPathSchema.shape.normalize,
	/** Means over layers and heads, then images: |Δg_V| a position, Δα_V and |Δα_V|. */
	absDeltaGV: meanIntervalSchema,
	deltaAlphaV: meanIntervalSchema,
	absDeltaAlphaV: meanIntervalSchema,
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
	theory: z.array(ropeTheoryPointSchema),
});
export type RopeProbe = z.infer<typeof ropeProbeSchema>;

export interface ProbeHeader {
	model: string;
	modelHash: string | null;
	data: string;
	images: number;
}

export async function probeHeader({ checkpoint }: Model, { name, items }: ProbeData): Promise<ProbeHeader> {
	return { model: checkpoint.location, modelHash: await checkpoint.hash(), data: name, images: items.length };
}
void byHead;
