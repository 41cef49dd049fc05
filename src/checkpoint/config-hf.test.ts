import { describe, expect, test } from 'vitest';
import { plainPath, smallConfig } from '../../test/small-checkpoint.ts';
import { InputError } from '../base/errors.ts';
import type { LlavaConfig } from './config.ts';
import { parseHfConfig } from './config-hf.ts';
import { hfConfig } from './config-write.ts';
import type { VisionPath } from './vision-path.ts';

const where = 'm/config.json';
const parse = (json: unknown, { generation = null as unknown, hasProjectorNorm = false } = {}) =>
	parseHfConfig(json, { where, generation, hasProjectorNorm });

/** config.json of llava-hf/llava-1.5-7b-hf, which leaves most fields to transformers' defaults. */
const hub = {
	architectures: ['LlavaForConditionalGeneration'],
	ignore_index: -100,
	image_token_index: 32000,
	model_type: 'llava',
	pad_token_id: 32001,
	projector_hidden_act: 'gelu',
	text_config: {
		_name_or_path: 'lmsys/vicuna-7b-v1.5',
		architectures: ['LlamaForCausalLM'],
		max_position_embeddings: 4096,
		model_type: 'llama',
		rms_norm_eps: 1e-5,
		torch_dtype: 'float16',
		vocab_size: 32064,
	},
	tie_word_embeddings: false,
	torch_dtype: 'float16',
	vision_config: {
		hidden_size: 1024,
		image_size: 336,
		intermediate_size: 4096,
		model_type: 'clip_vision_model',
		num_attention_heads: 16,
		num_hidden_layers: 24,
		patch_size: 14,
		projection_dim: 768,
		vocab_size: 32000,
	},
	vision_feature_layer: -2,
	vision_feature_select_strategy: 'default',
};

const with_ = (part: object) => ({ ...hub, ...part });
const withText = (part: object) => with_({ text_config: { ...hub.text_config, ...part } });
const withVision = (part: object) => with_({ vision_config: { ...hub.vision_config, ...part } });

test('a sparse file from the hub is filled with the defaults of transformers', () => {
	const { config, visionPath, assumed } = parse(hub);
	expect(config).toEqual({
		vision: {
			hiddenSize: 1024,
			intermediateSize: 4096,
			layers: 24,
			heads: 16,
			imageSize: 336,
			patchSize: 14,
			channels: 3,
			activation: 'quick_gelu',
			layerNormEps: 1e-5,
		},
		text: {
			vocabSize: 32064,
			hiddenSize: 4096,
			intermediateSize: 11008,
			layers: 32,
			heads: 32,
			kvHeads: 32,
			headDim: 128,
			ropeTheta: 10000,
			rmsNormEps: 1e-5,
			maxPositions: 4096,
			tieWordEmbeddings: false,
			attentionBias: false,
		},
		projector: { activation: 'gelu', bias: true },
		visionFeatureLayers: [-2],
		visionFeatureSelect: 'default',
		imageTokenId: 32000,
		bosTokenId: 1,
		eosTokenIds: [2],
		padTokenId: 32001,
	} satisfies LlavaConfig);
	expect(visionPath).toEqual(plainPath);
	expect(assumed).toEqual([
		'text_config.hidden_size = 4096',
		'text_config.intermediate_size = 11008',
		'text_config.num_hidden_layers = 32',
		'text_config.num_attention_heads = 32',
	]);
});

test('newer keys: rope_parameters, image_token_id; several layers; token ids of generation_config.json', () => {
	const { rope_theta, ...rope } = { rope_theta: 500000, rope_type: 'default' };
	const { image_token_index, ...rest } = hub;
	const json = {
		...rest,
		image_token_id: 32001,
		vision_feature_layer: [12, 16, 20, 24],
		text_config: { ...hub.text_config, rope_parameters: { ...rope, rope_theta } },
	};
	const { config } = parse(json, { generation: { eos_token_id: [2, 7], pad_token_id: 9 } });
	expect(config.text.ropeTheta).toBe(500000);
	expect(config.imageTokenId).toBe(32001);
	expect(config.visionFeatureLayers).toEqual([12, 16, 20, 24]);
	expect([config.eosTokenIds, config.padTokenId, config.bosTokenId]).toEqual([[2, 7], 9, 1]);
});

describe('what cannot be built is refused in one line', () => {
	const cases: [string, unknown, string][] = [
		[
			'a missing text_config',
			with_({ text_config: undefined }),
			'text_config: expected an object, got nothing; is this a LLaVA checkpoint?',
		],
		[
			'a missing vision_config',
			with_({ vision_config: null }),
			'vision_config: expected an object, got null; is this a LLaVA checkpoint?',
		],
		['no object', 7, 'expected an object, got 7; is this a LLaVA checkpoint?'],
		[
			'a field of null',
			withText({ hidden_size: null }),
			'text_config.hidden_size: expected a whole number from 1 to 16777216, got null; is this a LLaVA checkpoint?',
		],
		[
			'a size beyond reason',
			withText({ num_hidden_layers: 1e9 }),
			'text_config.num_hidden_layers: expected a whole number from 1 to 1024, got 1000000000;',
		],
		[
			'another model',
			with_({ model_type: 'qwen2_vl' }),
			'model_type: only LLaVA models (llava) are supported, got "qwen2_vl"',
		],
		[
			'another decoder',
			withText({ model_type: 'mistral' }),
			'text_config.model_type: only Llama decoders (llama) are supported, got "mistral"',
		],
		[
			'another encoder',
			withVision({ model_type: 'siglip_vision_model' }),
			'vision_config.model_type: only CLIP encoders (clip_vision_model) are supported, got "siglip_vision_model"',
		],
		[
			'RoPE scaling',
			withText({ rope_scaling: { type: 'linear', factor: 4 } }),
			'text_config.rope_scaling.type: RoPE scaling is not supported, got "linear"',
		],
		[
			'RoPE scaling, newer key',
			withText({ rope_parameters: { rope_type: 'llama3', rope_theta: 1 } }),
			'text_config.rope_parameters.rope_type: RoPE scaling is not supported, got "llama3"',
		],
		[
			'a bias in the MLP',
			withText({ mlp_bias: true }),
			'text_config.mlp_bias: a bias in the MLP is not supported, got true',
		],
		[
			'another activation',
			withText({ hidden_act: 'gelu' }),
			'text_config.hidden_act: only silu is supported, got "gelu"',
		],
		[
			'another encoder activation',
			withVision({ hidden_act: 'relu' }),
			'vision_config.hidden_act: only quick_gelu and gelu are supported, got "relu"',
		],
		[
			'another projector activation',
			with_({ projector_hidden_act: 'relu' }),
			'projector_hidden_act: only gelu is supported, got "relu"',
		],
		[
			'quantised weights',
			with_({ quantization_config: { bits: 4 } }),
			'quantization_config: a quantised checkpoint is not supported, got {"bits":4}',
		],
		[
			'a layer that is not there',
			with_({ vision_feature_layer: [12, 25] }),
			'vision_feature_layer: expected layers from -25 to 24, got 25',
		],
		[
			'layers of no number',
			with_({ vision_feature_layer: 'last' }),
			'vision_feature_layer: expected a whole number or a list of them, got "last"',
		],
		[
			'heads that do not divide',
			withText({ num_attention_heads: 5 }),
			'text_config.hidden_size: 4096 is not a multiple of num_attention_heads 5',
		],
		[
			'groups that do not divide',
			withText({ num_key_value_heads: 5 }),
			'text_config.num_attention_heads: 32 is not a multiple of num_key_value_heads 5',
		],
		['an odd head', withText({ head_dim: 5 }), 'text_config.head_dim: expected an even number for RoPE, got 5'],
		[
			'patches that do not fit',
			withVision({ image_size: 335 }),
			'vision_config.image_size: 335 is not a multiple of patch_size 14',
		],
		[
			'an image token outside the vocabulary',
			withText({ vocab_size: 32000 }),
			'image_token_index: 32000 lies outside the vocabulary of 32000 (text_config.vocab_size)',
		],
		['an unknown key of our own section', with_({ dorsal: { normalise: true } }), 'dorsal: unknown key "normalise"'],
		[
			'an unknown normalisation',
			with_({ dorsal: { normalize: { mode: 'x' } } }),
			'dorsal.normalize.mode: expected "paper" or',
		],
	];
	test.each(cases)('%s', (_, json, message) => {
		expect(() => parse(json)).toThrow(InputError);
		expect(() => parse(json)).toThrow(`m/config.json: ${message}`);
	});

	test('a wrong generation_config.json is named', () => {
		expect(() => parse(hub, { generation: { eos_token_id: 'x' } })).toThrow(
			'm/generation_config.json: eos_token_id: expected a token id or a list of them, got "x"',
		);
	});
});

describe('the vision path a model was trained with', () => {
	test('a learnt norm weight means the normalisation of the paper', () => {
		const { visionPath } = parse(hub, { hasProjectorNorm: true });
		expect(visionPath.normalize).toEqual({ mode: 'paper', targetMean: 0.83, maxNorm: 1.22 });
	});

	test('our own section says the rest', () => {
		const dorsal = { post_layer_norm: true, normalize: { mode: 'match-mean', target_mean: 0.9 }, pool: 4 };
		expect(parse(with_({ dorsal })).visionPath).toEqual({
			...plainPath,
			postLayerNorm: true,
			normalize: { mode: 'match-mean', targetMean: 0.9, maxNorm: null },
			pool: 4,
		});
	});
});

test.each<[string, LlavaConfig, VisionPath]>([
	['plain', smallConfig, plainPath],
	[
		'with every choice the other way',
		{
			...smallConfig,
			vision: { ...smallConfig.vision, activation: 'gelu' },
			text: { ...smallConfig.text, ropeTheta: 5e5, tieWordEmbeddings: true, attentionBias: true, headDim: 6 },
			projector: { activation: 'gelu', bias: false },
			visionFeatureLayers: [1, 3],
			visionFeatureSelect: 'full',
			bosTokenId: 3,
			eosTokenIds: [2, 5],
			padTokenId: null,
		},
		{
			...plainPath,
			layers: [1, 3],
			postLayerNorm: true,
			normalize: { mode: 'paper', targetMean: null, maxNorm: 2 },
			pool: 2,
		},
	],
])('a written config.json reads back the same: %s', (_, config, visionPath) => {
	const parsed = parse(JSON.parse(JSON.stringify(hfConfig(config, visionPath))));
	expect(parsed).toEqual({ config, visionPath, assumed: [] });
});
