import { InputError } from '../../base/errors.ts';
import { rng } from '../../base/random.ts';
import { float32, int64, type Tensor } from '../../base/tensor.ts';
import type { PreprocessConfig } from '../../image/preprocess-config.ts';
import type { TextTokenizer } from '../../text/text.ts';
import { attentionBias } from '../../vlm/cache.ts';
import type { ContrastiveStage } from '../recipe.ts';
import { drawPixels, drawScenesAlike } from './scene.ts';
import { caption } from './words.ts';

export interface CaptionDrawing {
	size: number;
	config: PreprocessConfig;
	tokenizer: TextTokenizer;
	/** What ends a caption: where it is read. */
	endId: number;
	/** Longest caption that the text transformer reads, in tokens. */
	maxPositions: number;
}

/** Images and their captions as inputs of the contrastive graph: nothing but seed, stage and step determines them. */
export function captionBatch(
	choice: ContrastiveStage['data'],
	{ seed, stage, step, batch }: { seed: number; stage: string; step: number; batch: number },
	{ size, config, tokenizer, endId, maxPositions }: CaptionDrawing,
): Record<string, Tensor> {
	const plane = 3 * size * size;
	const pixels = new Float32Array(batch * plane);
	const scenes = Array.from({ length: Math.ceil(batch / choice.alike) }, (_, group) =>
		drawScenesAlike(rng(seed, 'train', stage, step, 'group', group), choice, choice.alike),
	).flat();
	const captions = scenes.slice(0, batch).map((scene, i) => {
		const random = rng(seed, 'train', stage, step, i);
		const cells = choice.places > 0 && random.next() < choice.places ? choice.cells : null;
		drawPixels(scene, random, { size, config, out: pixels.subarray(i * plane, (i + 1) * plane) });
		return [...tokenizer.encode(caption(scene, random, cells), { special: true }), endId];
	});
	const length = Math.max(...captions.map((ids) => ids.length));
	if (length > maxPositions) {
		throw new InputError(
			`recipe: stages: ${stage}: a caption of ${length} tokens is longer than model.text.maxPositions (${maxPositions}); raise that, or draw fewer objects or fewer places`,
			{ code: 'recipe' },
		);
	}
	const indices = Array.from({ length: batch }, (_, i) => i);
	return {
		pixel_values: float32([batch, 3, size, size], pixels),
		caption_ids: int64(
			[batch, length],
			captions.flatMap((ids) => [...ids, ...new Array<number>(length - ids.length).fill(0)]),
		),
		position_ids: int64(
			[batch, length],
			indices.flatMap(() => Array.from({ length }, (_, i) => i)),
		),
		attention_bias: attentionBias(1, length, length, (_, i) => [[0, i + 1]]),
		caption_ends: int64(
			[batch],
			captions.map((ids, i) => i * length + ids.length - 1),
		),
		labels: int64([batch], indices),
		label_weights: float32([batch], new Float32Array(batch).fill(1 / batch)),
	};
}
