import type { LlavaConfig, TextConfig, VisionConfig } from './config.ts';
import { PROJECTOR_NORM } from './names.ts';
import type { VisionPath } from './vision-path.ts';

type Shape = readonly number[];
type Shapes = [name: string, shape: Shape][];

const VISION = 'vision_tower.vision_model';
const TEXT = 'language_model.model';

function affine(name: string, out: number, weight: Shape = [out], bias = true): Shapes {
	return [[`${name}.weight`, weight], ...(bias ? ([[`${name}.bias`, [out]]] satisfies Shapes) : [])];
}

const linear = (name: string, input: number, out: number, bias = true) => affine(name, out, [out, input], bias);

function visionShapes(config: VisionConfig): Shapes {
	const { hiddenSize: d, intermediateSize, layers, imageSize, patchSize, channels } = config;
	const patches = (imageSize / patchSize) ** 2;
	const layer = (i: number): Shapes => {
		const name = `${VISION}.encoder.layers.${i}`;
		return [
			...affine(`${name}.layer_norm1`, d),
			...['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap((part) => linear(`${name}.self_attn.${part}`, d, d)),
			...affine(`${name}.layer_norm2`, d),
			...linear(`${name}.mlp.fc1`, d, intermediateSize),
			...linear(`${name}.mlp.fc2`, intermediateSize, d),
		];
	};
	return [
		[`${VISION}.embeddings.class_embedding`, [d]],
		[`${VISION}.embeddings.patch_embedding.weight`, [d, channels, patchSize, patchSize]],
		[`${VISION}.embeddings.position_embedding.weight`, [patches + 1, d]],
		...affine(`${VISION}.pre_layrnorm`, d),
		...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
		...affine(`${VISION}.post_layernorm`, d),
	];
}

function textShapes(config: TextConfig): Shapes {
	const { hiddenSize: d, intermediateSize, heads, kvHeads, headDim, attentionBias, vocabSize, layers } = config;
	const layer = (i: number): Shapes => {
		const name = `${TEXT}.layers.${i}`;
		return [
			[`${name}.input_layernorm.weight`, [d]],
			...linear(`${name}.self_attn.q_proj`, d, heads * headDim, attentionBias),
			...linear(`${name}.self_attn.k_proj`, d, kvHeads * headDim, attentionBias),
			...linear(`${name}.self_attn.v_proj`, d, kvHeads * headDim, attentionBias),
			...linear(`${name}.self_attn.o_proj`, heads * headDim, d, attentionBias),
			[`${name}.post_attention_layernorm.weight`, [d]],
			...linear(`${name}.mlp.gate_proj`, d, intermediateSize, false),
			...linear(`${name}.mlp.up_proj`, d, intermediateSize, false),
			...linear(`${name}.mlp.down_proj`, intermediateSize, d, false),
		];
	};
	return [
		[`${TEXT}.embed_tokens.weight`, [vocabSize, d]],
		...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
		[`${TEXT}.norm.weight`, [d]],
		...(config.tieWordEmbeddings ? [] : linear('language_model.lm_head', d, vocabSize, false)),
	];
}

/**
 * Name and shape of every tensor that a model of this configuration has, under canonical names. A tied output layer has
 * no tensor of its own; the paper's normalisation has one, its learnt weight.
 */
export function tensorShapes(config: LlavaConfig, { normalize }: VisionPath): Map<string, Shape> {
	const { vision, text, projector, visionFeatureLayers } = config;
	const input = vision.hiddenSize * visionFeatureLayers.length;
	return new Map([
		...visionShapes(vision),
		...linear('multi_modal_projector.linear_1', input, text.hiddenSize, projector.bias),
		...linear('multi_modal_projector.linear_2', text.hiddenSize, text.hiddenSize, projector.bias),
		...(normalize?.mode === 'paper' ? ([[PROJECTOR_NORM, [text.hiddenSize]]] satisfies Shapes) : []),
		...textShapes(text),
	]);
}
