import { z } from 'zod';
import { InputError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import type { TextConfig, VisionConfig } from './config.ts';

/** Widths, vocabularies and positions beyond this are mistakes; the largest vocabularies have some 300,000 words. */
const MAX_SIZE = 2 ** 24;
/** The deepest published models have some 130 layers. */
const MAX_LAYERS = 1024;

const whole = (max: number) => {
	const error = `expected a whole number from 1 to ${max}`;
	return z.int({ error }).min(1, { error }).max(max, { error });
};
const size = whole(MAX_SIZE);
const positive = z.number().positive();
const unsupported = (what: string) => ({ error: `${what} is not supported` });

const tokenId = z.int().max(MAX_SIZE).nullish();

/** Ids of special tokens, as configurations and generation_config.json give them. */
export const specialTokensSchema = z.looseObject({
	bos_token_id: tokenId,
	eos_token_id: z.union([z.int(), z.array(z.int())], { error: 'expected a token id or a list of them' }).nullish(),
	pad_token_id: tokenId,
});

/** Only rotary embeddings without scaling: a stretched base or divided positions would move every answer. */
const ropeSchema = z.looseObject({
	rope_type: z.literal('default', unsupported('RoPE scaling')).nullish(),
	type: z.literal('default', unsupported('RoPE scaling')).nullish(),
	rope_theta: positive.nullish(),
	partial_rotary_factor: z.literal(1, unsupported('partial RoPE')).nullish(),
});

/** A Llama decoder, with the defaults of transformers' LlamaConfig, on which sparse files rely. */
export const textSchema = specialTokensSchema.extend({
	vocab_size: size.default(32000),
	hidden_size: size.default(4096),
	intermediate_size: size.default(11008),
	num_hidden_layers: whole(MAX_LAYERS).default(32),
	num_attention_heads: size.default(32),
	num_key_value_heads: size.nullish(),
	head_dim: size.nullish(),
	hidden_act: z.literal('silu', { error: 'only silu is supported' }).default('silu'),
	max_position_embeddings: size.default(2048),
	rms_norm_eps: positive.default(1e-6),
	rope_theta: positive.nullish(),
	rope_scaling: ropeSchema.nullish(),
	rope_parameters: ropeSchema.nullish(),
	attention_bias: z.boolean().default(false),
	mlp_bias: z.literal(false, unsupported('a bias in the MLP')).default(false),
	tie_word_embeddings: z.boolean().default(false),
	quantization_config: z.null(unsupported('a quantised checkpoint')).optional(),
});

/** A CLIP vision encoder, with the defaults of transformers' CLIPVisionConfig. */
export const visionSchema = z.looseObject({
	model_type: z
		.enum(['clip_vision_model', 'clip'], { error: 'only CLIP encoders (clip_vision_model) are supported' })
		.default('clip_vision_model'),
	hidden_size: size.default(768),
	intermediate_size: size.default(3072),
	num_hidden_layers: whole(MAX_LAYERS).default(12),
	num_attention_heads: size.default(12),
	num_channels: size.default(3),
	image_size: size.default(224),
	patch_size: size.default(32),
	hidden_act: z.enum(['quick_gelu', 'gelu'], { error: 'only quick_gelu and gelu are supported' }).default('quick_gelu'),
	layer_norm_eps: positive.default(1e-5),
});

/** A field whose value contradicts another field. `path` is where the reader should look. */
export function contradiction(path: string, message: string): InputError {
	return new InputError(`${path}: ${message}`, { code: 'config' });
}

function divisible(where: string, name: string, value: number, by: string, divisor: number): void {
	if (value % divisor !== 0) throw contradiction(`${where}${name}`, `${value} is not a multiple of ${by} ${divisor}`);
}

/** Facts about the decoder from its parsed fields. `where` ends in the path of the fields, such as `config.json: text_config.` */
export function textConfig(raw: z.infer<typeof textSchema>, where: string): TextConfig {
	const heads = raw.num_attention_heads;
	const kvHeads = raw.num_key_value_heads ?? heads;
	if (raw.head_dim == null) divisible(where, 'hidden_size', raw.hidden_size, 'num_attention_heads', heads);
	divisible(where, 'num_attention_heads', heads, 'num_key_value_heads', kvHeads);
	const headDim = raw.head_dim ?? raw.hidden_size / heads;
	if (headDim % 2 !== 0) throw contradiction(`${where}head_dim`, `expected an even number for RoPE, got ${headDim}`);
	return {
		vocabSize: raw.vocab_size,
		hiddenSize: raw.hidden_size,
		intermediateSize: raw.intermediate_size,
		layers: raw.num_hidden_layers,
		heads,
		kvHeads,
		headDim,
		ropeTheta: raw.rope_parameters?.rope_theta ?? raw.rope_theta ?? 10000,
		rmsNormEps: raw.rms_norm_eps,
		maxPositions: raw.max_position_embeddings,
		tieWordEmbeddings: raw.tie_word_embeddings,
		attentionBias: raw.attention_bias,
	};
}

/** Facts about the encoder from its parsed fields. */
export function visionConfig(raw: z.infer<typeof visionSchema>, where: string): VisionConfig {
	divisible(where, 'hidden_size', raw.hidden_size, 'num_attention_heads', raw.num_attention_heads);
	divisible(where, 'image_size', raw.image_size, 'patch_size', raw.patch_size);
	return {
		hiddenSize: raw.hidden_size,
		intermediateSize: raw.intermediate_size,
		layers: raw.num_hidden_layers,
		heads: raw.num_attention_heads,
		imageSize: raw.image_size,
		patchSize: raw.patch_size,
		channels: raw.num_channels,
		activation: raw.hidden_act,
		layerNormEps: raw.layer_norm_eps,
	};
}

/** Refuses layers that the encoder does not have; `layers` count as transformers' hidden_states do. */
export function checkLayers(where: string, layers: readonly number[], { layers: depth }: VisionConfig): void {
	const wrong = layers.find((layer) => layer > depth || layer < -depth - 1);
	if (wrong === undefined) return;
	throw contradiction(where, `expected layers from ${-depth - 1} to ${depth}, got ${show(wrong)}`);
}

type SpecialTokens = z.infer<typeof specialTokensSchema>;

/** Ids of special tokens: of each the first that a source gives, else Llama's own (`<s>` 1, `</s>` 2, no padding). */
export function specialTokens(sources: readonly SpecialTokens[]) {
	const first = <K extends keyof SpecialTokens>(key: K) => sources.find((source) => source[key] != null)?.[key];
	const eos = first('eos_token_id') ?? 2;
	const valid = (id: number | null | undefined) => (id == null || id < 0 ? null : id);
	return {
		bosTokenId: valid(first('bos_token_id') ?? 1),
		eosTokenIds: Array.isArray(eos) ? eos : [eos],
		padTokenId: valid(first('pad_token_id')),
	};
}

/** Fields that decide the shapes of tensors; where a file leaves one out, its default is named beside a mismatch. */
const SHAPE_FIELDS = [
	'vocab_size',
	'hidden_size',
	'intermediate_size',
	'num_hidden_layers',
	'num_attention_heads',
	'image_size',
	'patch_size',
];

/** `text_config.hidden_size = 4096` for each such field that the file leaves to its default. */
export function assumedFields(prefix: string, given: unknown, parsed: Record<string, unknown>): string[] {
	return SHAPE_FIELDS.filter((key) => key in parsed && !(key in (given as object))).map(
		(key) => `${prefix}${key} = ${parsed[key]}`,
	);
}
