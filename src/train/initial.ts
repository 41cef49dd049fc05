import { rng } from '../base/random.ts';
import { float32, sizeOf, type Tensor } from '../base/tensor.ts';
import type { LlavaConfig } from '../checkpoint/config.ts';
import { LOGIT_SCALE } from './contrastive.ts';

/**
 * Mean norm of the word embeddings at the start: that of LLaVA-1.5's decoder, from which the paper takes its constants.
 */
const WORD_NORM = 0.83;
/** CLIP's start: similarities divided by 0.07. */
const START_SCALE = Math.log(1 / 0.07);

/** What adds to the residual stream; two such a layer. */
const RESIDUAL = /\.(out_proj|fc2|o_proj|down_proj)\.weight$/;

/**
 * A parameter at the start. Norms are 1 and biases 0; matrices are normal with variance one over their inputs, those
 * that add to the residual stream divided by twice the number of layers (of the decoder, for the captions' transformer).
 */
export function initialTensor(
	name: string,
	shape: readonly number[],
	{ seed, config }: { seed: number; config: LlavaConfig },
): Tensor<'float32'> {
	const size = sizeOf(shape);
	const normal = (deviation: number) => {
		const random = rng(seed, 'initial', name);
		return float32(
			shape,
			Float32Array.from({ length: size }, () => deviation * random.normal()),
		);
	};
	if (name === LOGIT_SCALE) return float32(shape, [START_SCALE]);
	if (name.endsWith('.bias')) return float32(shape, new Float32Array(size));
	if (/norm\d?\.weight$/.test(name)) return float32(shape, new Float32Array(size).fill(1));
	const width = shape.at(-1)!;
	if (name.endsWith('embed_tokens.weight')) return normal(WORD_NORM / Math.sqrt(width));
	if (/\.(class_embedding|position_embedding\.weight)$/.test(name)) return normal(1 / Math.sqrt(width));
	const inputs = size / shape[0]!;
	const layers = name.startsWith('vision_tower') ? config.vision.layers : config.text.layers;
	return normal(RESIDUAL.test(name) ? 1 / Math.sqrt(2 * layers * inputs) : 1 / Math.sqrt(inputs));
}
