import type { LlavaConfig, TextConfig } from '../checkpoint/config.ts';
import {
	add,
	div,
	exp,
	type Graph,
	gather,
	input,
	matmul,
	min,
	mul,
	product,
	reduceL2,
	reduceMean,
	reshape,
	slice,
	transpose,
	type Value,
} from '../graph/index.ts';
import { clip, gridSide, postLayerNorm } from '../vlm/clip.ts';
import { embedTokens, llama } from '../vlm/llama.ts';
import { linear, type Parameters } from '../vlm/parameters.ts';
import { crossEntropy, hitShare } from './loss.ts';
import type { ContrastiveStage } from './recipe.ts';

/** Parameters of the caption's side of the comparison, which no checkpoint keeps, begin with this. */
export const CAPTIONS = 'captions';
export const LOGIT_SCALE = `${CAPTIONS}.logit_scale`;

/** The text transformer that reads captions: our decoder, small. */
export function captionConfig({ text }: LlavaConfig, { captions }: ContrastiveStage): TextConfig {
	const { hiddenSize, heads, intermediateSize, layers } = captions;
	return { ...text, hiddenSize, heads, kvHeads: heads, headDim: hiddenSize / heads, intermediateSize, layers };
}

/** Names and shapes of the parameters that the comparison adds to the encoder. */
export function captionShapes(
	config: LlavaConfig,
	stage: ContrastiveStage,
): [name: string, shape: readonly number[]][] {
	const { vocabSize, hiddenSize: d, intermediateSize, layers } = captionConfig(config, stage);
	const layer = (i: number): [string, number[]][] => {
		const name = `${CAPTIONS}.model.layers.${i}`;
		return [
			[`${name}.input_layernorm.weight`, [d]],
			...['q_proj', 'k_proj', 'v_proj', 'o_proj'].map((part): [string, number[]] => [
				`${name}.self_attn.${part}.weight`,
				[d, d],
			]),
			[`${name}.post_attention_layernorm.weight`, [d]],
			[`${name}.mlp.gate_proj.weight`, [intermediateSize, d]],
			[`${name}.mlp.up_proj.weight`, [intermediateSize, d]],
			[`${name}.mlp.down_proj.weight`, [d, intermediateSize]],
		];
	};
	return [
		[`${CAPTIONS}.model.embed_tokens.weight`, [vocabSize, d]],
		...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
		[`${CAPTIONS}.model.norm.weight`, [d]],
		[`${CAPTIONS}.projection.weight`, [stage.captions.projection, d]],
		[`${CAPTIONS}.image_projection.weight`, [stage.captions.projection, config.vision.hiddenSize]],
		[LOGIT_SCALE, []],
	];
}

/** Similarities are multiplied with at most this, as in CLIP. */
const MAX_SCALE = 100;

/**
 * CLIP's loss (Radford et al. 2021): which caption belongs to which image, and which image to which caption.
 *
 * Inputs: `pixel_values` [batch, 3, size, size], `caption_ids` int64 [batch, length], `position_ids` int64 [batch,
 * length], `attention_bias` [1, 1, length, length], `caption_ends` int64 [batch] (the last token of each caption among
 * all batch · length), `labels` int64 [batch] (0, 1, 2, …) and `label_weights` [batch] (one over the batch).
 */
export function contrastiveLoss(graph: Graph, p: Parameters, config: LlavaConfig, stage: ContrastiveStage) {
	const { vision } = config;
	const { projection } = stage.captions;
	const pixels = input(graph, 'pixel_values', 'float32', [
		'batch',
		vision.channels,
		vision.imageSize,
		vision.imageSize,
	]);
	const labels = input(graph, 'labels', 'int64', ['batch']);
	const weights = input(graph, 'label_weights', 'float32', ['batch']);
	const images = unit(
		linear(p, `${CAPTIONS}.image_projection`, imageState(p, pixels, config, stage), projection, NO_BIAS),
	);
	const captions = unit(
		linear(p, `${CAPTIONS}.projection`, captionState(graph, p, config, stage), projection, NO_BIAS),
	);
	const scale = min(exp(p(LOGIT_SCALE, [])), MAX_SCALE);
	const logits = mul(matmul(images, transpose(captions, [1, 0])), scale); // [image, caption]
	const loss = mul(
		add(crossEntropy(logits, labels, weights), crossEntropy(transpose(logits, [1, 0]), labels, weights)),
		0.5,
	);
	return { loss, accuracy: hitShare(logits, labels, weights) };
}

const NO_BIAS = { bias: false };

/** Rows of length 1: [batch, width] */
const unit = (x: Value): Value => div(x, reduceL2(x, [1], { keepDims: true }));

/** The class token, or the mean of the patches, after the post-layernorm: [batch, width] */
function imageState(p: Parameters, pixels: Value, config: LlavaConfig, { pool, recompute }: ContrastiveStage): Value {
	const { vision } = config;
	const states = postLayerNorm(p, clip(p, pixels, vision, { recompute }).hiddenStates.at(-1)!, vision);
	const patches = gridSide(vision) ** 2;
	return pool === 'mean'
		? reduceMean(slice(states, 1, 1, patches + 1), [1])
		: reshape(slice(states, 1, 0, 1), ['batch', vision.hiddenSize]);
}

/** The state after a caption's last token: [batch, width] */
function captionState(graph: Graph, p: Parameters, config: LlavaConfig, stage: ContrastiveStage): Value {
	const text = captionConfig(config, stage);
	const ids = input(graph, 'caption_ids', 'int64', ['batch', 'length']);
	const positions = input(graph, 'position_ids', 'int64', ['batch', 'length']);
	const bias = input(graph, 'attention_bias', 'float32', [1, 1, 'length', 'length']);
	const ends = input(graph, 'caption_ends', 'int64', ['batch']);
	const own: Parameters = (name, shape) => p(name.replace(/^language_model/, CAPTIONS), shape);
	const { hiddenStates } = llama(own, { embeddings: embedTokens(own, ids, text), positions, bias, past: [] }, text);
	return gather(reshape(hiddenStates.at(-1)!, [product('batch', 'length'), text.hiddenSize]), ends);
}
