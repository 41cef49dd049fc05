import type { TextConfig } from '../checkpoint/config.ts';
import {
	add,
	concat,
	type Dim,
	gather,
	mul,
	product,
	recomputed,
	reshape,
	rmsNorm,
	rotaryEmbedding,
	silu,
	type Value,
} from '../graph/index.ts';
import { attend, mergeHeads, splitHeads } from './attention.ts';
import { linear, type Parameters } from './parameters.ts';
import { ROPE_COS, ROPE_SIN } from './rope.ts';

const MODEL = 'language_model.model';

/** Keys and values of one layer, RoPE applied: [batch, kvHeads, length, headDim] each. */
export interface LayerCache {
	key: Value;
	value: Value;
}

/** Some of the tokens, as many of each sequence. */
export interface AskedTokens {
	/** Which of the batch · sequence tokens: int64 [batch * asked] */
	rows: Value;
	/** int64 [batch, asked] */
	positions: Value;
	/** As `LlamaInputs.bias`, of these tokens: [batch, 1, asked, past + sequence] */
	bias: Value;
}

export interface LlamaInputs {
	/** [batch, sequence, width] */
	embeddings: Value;
	/** int64 [batch, sequence] */
	positions: Value;
	/** Added to attention logits: [batch, 1, sequence, past + sequence] */
	bias: Value;
	/** Multiplied with attention logits before the bias is added, in the bias's shape; default none. */
	scale?: Value | undefined;
	/** Per layer, what came before; empty where nothing did. */
	past: readonly LayerCache[];
	/** The tokens whose last hidden state is wanted; the last layer reads all, but computes only these. Default: all. */
	asked?: AskedTokens;
	/** Whether a backward pass computes each layer anew instead of keeping what it holds. Default false. */
	recompute?: boolean;
}

export interface LlamaStates {
	/** 0: the embeddings; n: after layer n, but the last one after the final norm, as Hugging Face has it. [batch, sequence, width] */
	hiddenStates: Value[];
	/** [batch, heads, sequence, past + sequence] */
	attentions: Value[];
	/** After RoPE: [batch, heads, sequence, headDim] */
	queries: Value[];
	/** past and the new tokens together */
	present: LayerCache[];
}

/** ids int64 [batch, sequence] → word embeddings [batch, sequence, width] */
export const embedTokens = (p: Parameters, ids: Value, { vocabSize, hiddenSize }: TextConfig): Value =>
	gather(p(`${MODEL}.embed_tokens.weight`, [vocabSize, hiddenSize]), ids);

/** Llama's decoder (Touvron et al. 2023): RMSNorm, rotary positions, grouped queries, SwiGLU. */
export function llama(p: Parameters, inputs: LlamaInputs, config: TextConfig): LlamaStates {
	const [batch, sequence, width] = inputs.embeddings.shape as [Dim, Dim, number];
	const { asked, ...all } = inputs;
	const stacked = (x: Value, count: Dim) => reshape(x, [batch, count, width]);
	let hidden = reshape(inputs.embeddings, [product(batch, sequence), width]); // [batch*sequence, width]
	const states: LlamaStates = { hiddenStates: [inputs.embeddings], attentions: [], queries: [], present: [] };
	for (let i = 0; i < config.layers; i++) {
		const isLast = i === config.layers - 1;
		const name = `${MODEL}.layers.${i}`;
		const before = hidden;
		const layer = recomputed(
			hidden.graph,
			() => decoderLayer(p, name, before, isLast ? inputs : all, inputs.past[i], config),
			inputs.recompute,
		);
		hidden = layer.hidden;
		states.attentions.push(layer.attention);
		states.queries.push(layer.query);
		states.present.push(layer.present);
		if (!isLast) states.hiddenStates.push(stacked(hidden, sequence));
	}
	const final = norm(p, `${MODEL}.norm`, hidden, config);
	states.hiddenStates.push(stacked(final, asked ? asked.positions.shape[1]! : sequence));
	return states;
}

/** Final hidden states [rows, width] → logits [rows, vocabSize] */
export function logits(p: Parameters, hidden: Value, { vocabSize, tieWordEmbeddings }: TextConfig): Value {
	const name = tieWordEmbeddings ? `${MODEL}.embed_tokens` : 'language_model.lm_head';
	return linear(p, name, hidden, vocabSize, { bias: false });
}

const norm = (p: Parameters, name: string, x: Value, { hiddenSize, rmsNormEps }: TextConfig): Value =>
	rmsNorm(x, p(`${name}.weight`, [hiddenSize]), rmsNormEps);

function decoderLayer(
	p: Parameters,
	name: string,
	x: Value,
	{ embeddings, positions, bias, scale, asked }: LlamaInputs,
	past: LayerCache | undefined,
	config: TextConfig,
) {
	const { heads, kvHeads, headDim, hiddenSize, intermediateSize } = config;
	const [batch, sequence] = embeddings.shape as [Dim, Dim];
	const normed = norm(p, `${name}.input_layernorm`, x, config);
	const project = (part: string, from: Value, tokens: Dim, count: number) =>
		splitHeads(
			linear(p, `${name}.self_attn.${part}`, from, count * headDim, { bias: config.attentionBias }),
			batch,
			tokens,
			count,
		);
	const asking = asked ? gather(normed, asked.rows) : normed;
	const cos = p(ROPE_COS, [config.maxPositions, headDim / 2]);
	const sin = p(ROPE_SIN, [config.maxPositions, headDim / 2]);
	const at = asked?.positions ?? positions;
	const q = rotaryEmbedding(project('q_proj', asking, at.shape[1]!, heads), cos, sin, at);
	const k = rotaryEmbedding(project('k_proj', normed, sequence, kvHeads), cos, sin, positions);
	const v = project('v_proj', normed, sequence, kvHeads);
	const present: LayerCache = past
		? { key: concat([past.key, k], 2, { dim: 'total' }), value: concat([past.value, v], 2, { dim: 'total' }) }
		: { key: k, value: v };
	const { context, weights } = attend(q, present.key, present.value, { bias: asked?.bias ?? bias, scale });
	const output = linear(p, `${name}.self_attn.o_proj`, mergeHeads(context), hiddenSize, {
		bias: config.attentionBias,
	});
	const attended = add(asked ? gather(x, asked.rows) : x, output);

	const inner = norm(p, `${name}.post_attention_layernorm`, attended, config);
	const gate = silu(linear(p, `${name}.mlp.gate_proj`, inner, intermediateSize, { bias: false }));
	const up = linear(p, `${name}.mlp.up_proj`, inner, intermediateSize, { bias: false });
	const hidden = add(attended, linear(p, `${name}.mlp.down_proj`, mul(gate, up), hiddenSize, { bias: false }));
	return { hidden, attention: weights, query: q, present };
}
