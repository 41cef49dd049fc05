import type { VisionConfig } from '../checkpoint/config.ts';
import {
	add,
	concat,
	type Dim,
	expand,
	gelu,
	integers,
	layerNorm,
	product,
	quickGelu,
	recomputed,
	reshape,
	shapeOf,
	slice,
	transpose,
	type Value,
} from '../graph/index.ts';
import { attend, mergeHeads, splitHeads } from './attention.ts';
import { linear, type Parameters } from './parameters.ts';

const TOWER = 'vision_tower.vision_model';

export interface ClipStates {
	/** Index n is Hugging Face's `hidden_states[n]`: 0 after pre-layernorm, n after layer n. [batch, 1 + patches, width] */
	hiddenStates: Value[];
	/** Attention weights of layer n + 1: [batch, heads, 1 + patches, 1 + patches] */
	attentions: Value[];
}

export interface ClipOptions {
	/** Default all. */
	layers?: number;
	/** Whether a backward pass computes each layer anew instead of keeping what it holds. Default false. */
	recompute?: boolean;
}

/** Number of patches along one side of the image. */
export const gridSide = ({ imageSize, patchSize }: VisionConfig): number => Math.floor(imageSize / patchSize);

/**
 * CLIP's vision transformer (Radford et al. 2021) up to and including `layers` encoder layers; the class token comes
 * first. pixels: [batch, channels, size, size].
 */
export function clip(
	p: Parameters,
	pixels: Value,
	config: VisionConfig,
	{ layers = config.layers, recompute = false }: ClipOptions = {},
): ClipStates {
	const batch = pixels.shape[0]!;
	let hidden = embed(p, pixels, config); // [batch * tokens, width]
	const tokens = gridSide(config) ** 2 + 1;
	hidden = norm(p, `${TOWER}.pre_layrnorm`, hidden, config);

	const stacked = (x: Value) => reshape(x, [batch, tokens, config.hiddenSize]);
	const states: ClipStates = { hiddenStates: [stacked(hidden)], attentions: [] };
	for (let i = 0; i < layers; i++) {
		const name = `${TOWER}.encoder.layers.${i}`;
		const before = hidden;
		const layer = recomputed(pixels.graph, () => encoderLayer(p, name, before, batch, tokens, config), recompute);
		hidden = layer.hidden;
		states.hiddenStates.push(stacked(hidden));
		states.attentions.push(layer.attention);
	}
	return states;
}

/** The encoder's post-layernorm on [batch, tokens, width]. */
export const postLayerNorm = (p: Parameters, x: Value, config: VisionConfig): Value =>
	norm(p, `${TOWER}.post_layernorm`, x, config);

function norm(p: Parameters, name: string, x: Value, { hiddenSize, layerNormEps }: VisionConfig): Value {
	return layerNorm(x, p(`${name}.weight`, [hiddenSize]), p(`${name}.bias`, [hiddenSize]), layerNormEps);
}

/** Patches (a convolution whose stride is its size), class token and position embedding. */
function embed(p: Parameters, pixels: Value, config: VisionConfig): Value {
	const { hiddenSize: width, channels, patchSize: size } = config;
	const batch = pixels.shape[0]!;
	const side = gridSide(config);
	const patches = side * side;
	const name = `${TOWER}.embeddings`;

	const used = side * size === config.imageSize ? pixels : cropTo(pixels, side * size);
	const cut = reshape(used, [batch, channels, side, size, side, size]);
	const rows = reshape(transpose(cut, [0, 2, 4, 1, 3, 5]), [product(batch, patches), channels * size * size]);
	const kernel = reshape(p(`${name}.patch_embedding.weight`, [width, channels, size, size]), [
		width,
		channels * size * size,
	]);
	const embedded = reshape(
		linear(() => kernel, '', rows, width, { bias: false }),
		[batch, patches, width],
	);

	const classToken = reshape(p(`${name}.class_embedding`, [width]), [1, 1, width]);
	const count = concat([slice(shapeOf(pixels), 0, 0, 1), integers(pixels.graph, [1, width])], 0);
	const tokens = concat([expand(classToken, count, [batch, 1, width]), embedded], 1);
	const positioned = add(tokens, p(`${name}.position_embedding.weight`, [patches + 1, width]));
	return reshape(positioned, [product(batch, patches + 1), width]);
}

/** Pixels beyond the last whole patch are not seen, as in a convolution without padding. */
const cropTo = (pixels: Value, side: number): Value => slice(slice(pixels, 2, 0, side), 3, 0, side);

function encoderLayer(p: Parameters, name: string, x: Value, batch: Dim, tokens: number, config: VisionConfig) {
	const { hiddenSize: width, heads } = config;
	const normed = norm(p, `${name}.layer_norm1`, x, config);
	const project = (part: string) =>
		splitHeads(linear(p, `${name}.self_attn.${part}`, normed, width), batch, tokens, heads);
	const { context, weights } = attend(project('q_proj'), project('k_proj'), project('v_proj'));
	const attended = add(x, linear(p, `${name}.self_attn.out_proj`, mergeHeads(context), width));

	const activation = config.activation === 'quick_gelu' ? quickGelu : gelu;
	const inner = linear(p, `${name}.mlp.fc1`, norm(p, `${name}.layer_norm2`, attended, config), config.intermediateSize);
	const hidden = add(attended, linear(p, `${name}.mlp.fc2`, activation(inner), width));
	return { hidden, attention: weights };
}
