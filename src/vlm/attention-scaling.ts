import { z } from 'zod';
import { float32, type Tensor } from '../base/tensor.ts';

const factor = z.number();

/**
 * Attention to the image, changed at inference (arXiv 2503.01773): in every layer and head, while the prompt is read,
 * the logits of the vision columns in the prompt's last row are multiplied by a factor, before softmax and mask.
 */
export const attentionScalingSchema = z.discriminatedUnion('kind', [
	/** ScalingVis: one factor for all questions; 1 leaves them. */
	z.strictObject({ kind: z.literal('fixed'), factor }),
	/**
	 * AdaptVis: `unsure` where the largest probability of the first token, at factor 1, is below `threshold`, else `sure`.
	 * In the paper the threshold is 0.3 to 0.4, `unsure` 0.5 or 0.8 and `sure` 1.2, 1.5 or 2.
	 */
	z.strictObject({ kind: z.literal('adaptive'), threshold: z.number().min(0).max(1), unsure: factor, sure: factor }),
]);
export type AttentionScaling = z.infer<typeof attentionScalingSchema>;

/** Largest probability of softmax(logits). */
export function confidence(logits: ArrayLike<number>): number {
	let top = Number.NEGATIVE_INFINITY;
	for (let i = 0; i < logits.length; i++) top = Math.max(top, logits[i]!);
	let sum = 0;
	for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - top);
	return 1 / sum;
}

/** The factor for a question whose first token has this confidence. */
export function scalingFactor(scaling: AttentionScaling, confidence: number): number {
	if (scaling.kind === 'fixed') return scaling.factor;
	return confidence < scaling.threshold ? scaling.unsure : scaling.sure;
}

/**
 * What the attention logits are multiplied with: `factors[i]` in the columns [start, end) of row `rows[i]` (as
 * b · sequence + i), 1 elsewhere → [batch, 1, sequence, total]
 */
export function attentionScale(
	[batch, sequence, total]: readonly [number, number, number],
	[start, end]: readonly [number, number],
	rows: readonly number[],
	factors: readonly number[],
): Tensor<'float32'> {
	const scale = new Float32Array(batch * sequence * total).fill(1);
	rows.forEach((row, i) => {
		scale.fill(factors[i]!, row * total + start, row * total + end);
	});
	return float32([batch, 1, sequence, total], scale);
}
