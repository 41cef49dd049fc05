import type { LlavaConfig, TextConfig } from '../checkpoint/config.ts';
import type { VisionPath } from '../checkpoint/vision-path.ts';
import {
	concat,
	createGraph,
	type Graph,
	gather,
	input,
	output,
	product,
	reduceL2,
	reduceMean,
	reshape,
	slice,
	transpose,
	type Value,
	weight,
} from '../graph/index.ts';
import { type ClipOptions, clip, gridSide, postLayerNorm } from './clip.ts';
import { embedTokens, type LayerCache, llama, logits } from './llama.ts';
import type { Parameters } from './parameters.ts';
import { projector } from './projector.ts';
import { rollout } from './rollout.ts';
import { type VisionTail, visionTail } from './vision-tail.ts';

const parametersOf =
	(graph: Graph): Parameters =>
	(name, shape) =>
		weight(graph, name, shape);

/** Which of the encoder's hidden states are taken, and how. */
export type VisionFeatures = Pick<VisionPath, 'layers' | 'postLayerNorm'>;

export interface VisionEncoderOptions {
	/** Also gives `hidden_states.n` [batch, 1 + patches, width] and `attentions.n` [batch, heads, 1 + patches, 1 + patches]. */
	trace?: boolean;
	/** Also gives `hidden_states.n`, as `trace` does, of all layers. */
	hiddenStates?: boolean;
	/**
	 * Takes a further input `rollout_weights` [batch, rows, 1 + patches] and gives `rollout` in the same shape: each row's
	 * weights followed back through the attention of the encoder (see `rollout`).
	 */
	rollout?: boolean;
}

/** `vision_encoder`: `pixel_values` [batch, 3, size, size] → `features` [batch, V, channels] and `tokens` [batch, V, width]. */
export function visionEncoderGraph(
	config: LlavaConfig,
	{ layers, postLayerNorm: post }: VisionFeatures,
	{ trace = false, hiddenStates: withStates = trace, rollout: withRollout = false }: VisionEncoderOptions = {},
): Graph {
	const graph = createGraph('vision_encoder');
	const p = parametersOf(graph);
	const { vision } = config;
	const pixels = input(graph, 'pixel_values', 'float32', [
		'batch',
		vision.channels,
		vision.imageSize,
		vision.imageSize,
	]);
	const taken = resolveLayers(config, layers);
	const depth = withStates ? vision.layers : Math.max(...taken);
	const { hiddenStates, attentions } = clip(p, pixels, vision, { layers: depth });
	const features = selectFeatures(p, hiddenStates, config, { layers, postLayerNorm: post });
	output('tokens', projector(p, features, config.text.hiddenSize, config.projector));
	if (withRollout) {
		const weights = input(graph, 'rollout_weights', 'float32', ['batch', 'rows', gridSide(vision) ** 2 + 1]);
		output('rollout', rollout(weights, attentions.slice(0, Math.max(...taken))));
	}
	if (withStates) {
		hiddenStates.forEach((state, n) => {
			output(`hidden_states.${n}`, state);
		});
	}
	if (trace) {
		output('features', features);
		attentions.forEach((attention, n) => {
			output(`attentions.${n}`, attention);
		});
	}
	return graph;
}

/** Numbers of hidden states counted from the front. */
export const resolveLayers = ({ vision }: LlavaConfig, layers: readonly number[]) =>
	layers.map((n) => (n < 0 ? n + vision.layers + 1 : n));

/** Selected hidden states side by side on channels, with or without the class token: [batch, V, channels] */
function selectFeatures(
	p: Parameters,
	hiddenStates: readonly Value[],
	config: LlavaConfig,
	{ layers, postLayerNorm: post }: VisionFeatures,
): Value {
	const states = resolveLayers(config, layers).map((n) => {
		const state = post ? postLayerNorm(p, hiddenStates[n]!, config.vision) : hiddenStates[n]!;
		return config.visionFeatureSelect === 'full' ? state : slice(state, 1, 1, gridSide(config.vision) ** 2 + 1);
	});
	return states.length === 1 ? states[0]! : concat(states, 2);
}

/** What the projector is given for some images: pixels [batch, 3, size, size] → [batch, V, channels] */
export function visionFeatures(
	p: Parameters,
	pixels: Value,
	config: LlavaConfig,
	choice: VisionFeatures,
	options: Pick<ClipOptions, 'recompute'> = {},
): Value {
	const layers = Math.max(...resolveLayers(config, choice.layers));
	return selectFeatures(p, clip(p, pixels, config.vision, { ...options, layers }).hiddenStates, config, choice);
}

/** `class_attention`: `pixel_values` [batch, 3, size, size] → `scores` [batch, patches]: the class token's attention in an encoder layer, a mean over heads. */
export function classAttentionGraph({ vision }: LlavaConfig, layer: number): Graph {
	const graph = createGraph('class_attention');
	const pixels = input(graph, 'pixel_values', 'float32', [
		'batch',
		vision.channels,
		vision.imageSize,
		vision.imageSize,
	]);
	const attention = clip(parametersOf(graph), pixels, vision, { layers: layer + 1 }).attentions[layer]!;
	const patches = gridSide(vision) ** 2;
	const row = slice(slice(attention, 2, 0, 1), 3, 1, patches + 1); // [batch, heads, 1, patches]
	output('scores', reshape(reduceMean(row, [1]), ['batch', patches]));
	return graph;
}

/** `vision_tail`: `projected` [batch, V, width] (and `order`, int64 [V′]) → `tokens` [batch, V′, width] */
export function visionTailGraph(tokens: number, width: number, tail: VisionTail): Graph {
	const graph = createGraph('vision_tail');
	const projected = input(graph, 'projected', 'float32', ['batch', tokens, width]);
	output('tokens', visionTail(parametersOf(graph), projected, tail));
	return graph;
}

/** `embed_tokens`: `input_ids` int64 [batch, sequence] → `inputs_embeds` [batch, sequence, width] */
export function embedTokensGraph(config: TextConfig): Graph {
	const graph = createGraph('embed_tokens');
	const ids = input(graph, 'input_ids', 'int64', ['batch', 'sequence']);
	output('inputs_embeds', embedTokens(parametersOf(graph), ids, config));
	return graph;
}

export interface DecoderOptions {
	/**
	 * Takes a further input `traced_rows` int64 [traced], the places in the sequence to look at, and gives for them
	 * `hidden_states.n` [batch, traced, width], `attentions.n` [batch, heads, traced, total] and `queries.n` [batch, heads,
	 * traced, headDim] (RoPE applied), and for every token `hidden_norms.n` [batch, sequence], the L2 norm of
	 * `hidden_states.n`. What is not asked for stays an intermediate, whose memory is used again by the next layer.
	 */
	trace?: boolean;
	/**
	 * Takes a further input `attention_scale` [batch, 1, sequence, total], which the attention logits of every layer and
	 * head are multiplied with before the bias is added. All ones change no bit.
	 */
	attentionScale?: boolean;
	/** Also gives `asked_attentions.n` [rows, total]: what the asked tokens attend to in layer n, a mean over heads. */
	askedAttentions?: boolean;
}

export const askedAttention = (layer: number) => `asked_attentions.${layer}`;
export const pastKey = (layer: number) => `past_key_values.${layer}.key`;
export const pastValue = (layer: number) => `past_key_values.${layer}.value`;
export const presentKey = (layer: number) => `present.${layer}.key`;
export const presentValue = (layer: number) => `present.${layer}.value`;

/**
 * `decoder`: `inputs_embeds` [batch, sequence, width], `position_ids` int64 [batch, sequence], `attention_bias`
 * [batch, 1, sequence, total] (added to the attention logits: 0 where a token may look, −∞ elsewhere),
 * `past_key_values.i.key|value` [batch, kvHeads, past, headDim] and `logit_rows` int64 [rows] (which of the
 * batch · sequence tokens are asked) → `logits` [rows, vocab], `present.i.key|value` [batch, kvHeads, total, headDim].
 */
export function decoderGraph(config: TextConfig, options: DecoderOptions = {}): Graph {
	const { trace = false, attentionScale = false, askedAttentions = false } = options;
	const graph = createGraph('decoder');
	const p = parametersOf(graph);
	const embeddings = input(graph, 'inputs_embeds', 'float32', ['batch', 'sequence', config.hiddenSize]);
	const positions = input(graph, 'position_ids', 'int64', ['batch', 'sequence']);
	const bias = input(graph, 'attention_bias', 'float32', ['batch', 1, 'sequence', 'total']);
	const scale = attentionScale
		? input(graph, 'attention_scale', 'float32', ['batch', 1, 'sequence', 'total'])
		: undefined;
	const asked = input(graph, 'logit_rows', 'int64', ['rows']);
	const cache = (name: string) => input(graph, name, 'float32', ['batch', config.kvHeads, 'past', config.headDim]);
	const past: LayerCache[] = Array.from({ length: config.layers }, (_, i) => ({
		key: cache(pastKey(i)),
		value: cache(pastValue(i)),
	}));

	const states = llama(p, { embeddings, positions, bias, scale, past }, config);
	const final = reshape(states.hiddenStates.at(-1)!, [product('batch', 'sequence'), config.hiddenSize]);
	output('logits', logits(p, gather(final, asked), config));
	states.present.forEach(({ key, value }, i) => {
		output(presentKey(i), key);
		output(presentValue(i), value);
	});
	if (askedAttentions) {
		states.attentions.forEach((attention, n) => {
			const mean = transpose(reduceMean(attention, [1]), [2, 0, 1]); // [total, batch, sequence]
			const flat = reshape(mean, ['total', product('batch', 'sequence')]);
			output(askedAttention(n), transpose(gather(flat, asked, 1), [1, 0]));
		});
	}
	if (trace) {
		const rows = input(graph, 'traced_rows', 'int64', ['traced']);
		const trace = (kind: string, values: readonly Value[], axis: number) => {
			values.forEach((value, n) => {
				output(`${kind}.${n}`, gather(value, rows, axis));
			});
		};
		trace('hidden_states', states.hiddenStates, 1);
		trace('attentions', states.attentions, 2);
		trace('queries', states.queries, 2);
		states.hiddenStates.forEach((state, n) => {
			output(`hidden_norms.${n}`, reduceL2(state, [2]));
		});
	}
	return graph;
}
