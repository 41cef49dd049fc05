import { z } from 'zod';
import { visionPathSchema } from '../checkpoint/vision-path.ts';
import { attentionScalingSchema } from '../vlm/attention-scaling.ts';
import { tokenSelectionSchema } from '../vlm/selection.ts';
import { pixelControlSchema } from './pixel-controls.ts';

/** A condition as it is stored and sent; `draw` tells the seeds of one name apart. */
export const conditionSchema = z.strictObject({
	name: z.string(),
	image: z.enum(['own', 'wrong', 'none']),
	path: visionPathSchema.partial(),
	pixels: pixelControlSchema.optional(),
	select: tokenSelectionSchema.optional(),
	attention: attentionScalingSchema.optional(),
	draw: z.int().nonnegative(),
});
