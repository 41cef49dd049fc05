import { describe, expect, test } from 'vitest';
import { plainPath } from '../../test/small-checkpoint.ts';
import { isOriginal, ORIGINAL_IMAGE_TOKEN, parseOriginalConfig } from './config-original.ts';

/** config.json of liuhaotian/llava-v1.5-7b. */
const original = {
	architectures: ['LlavaLlamaForCausalLM'],
	bos_token_id: 1,
	eos_token_id: 2,
	freeze_mm_mlp_adapter: false,
	hidden_act: 'silu',
	hidden_size: 4096,
	image_aspect_ratio: 'pad',
	image_grid_pinpoints: null,
	intermediate_size: 11008,
	max_position_embeddings: 4096,
	mm_hidden_size: 1024,
	mm_projector_type: 'mlp2x_gelu',
	mm_use_im_patch_token: false,
	mm_use_im_start_end: false,
	mm_vision_select_feature: 'patch',
	mm_vision_select_layer: -2,
	mm_vision_tower: 'openai/clip-vit-large-patch14-336',
	model_type: 'llava_llama',
	num_attention_heads: 32,
	num_hidden_layers: 32,
	num_key_value_heads: 32,
	pad_token_id: 0,
	pretraining_tp: 1,
	rms_norm_eps: 1e-5,
	rope_scaling: null,
	tie_word_embeddings: false,
	vocab_size: 32000,
};

interface Context {
	hasProjectorNorm?: boolean;
	tower?: { json: unknown; where: string };
}
const parse = (part: object = {}, { hasProjectorNorm = false, tower }: Context = {}) =>
	parseOriginalConfig({ ...original, ...part }, { where: 'm/config.json', generation: null, hasProjectorNorm, tower });

test('the layout is told by mm_vision_tower', () => {
	expect(isOriginal(original)).toBe(true);
	expect(isOriginal({ model_type: 'llava' })).toBe(false);
	expect(isOriginal(null)).toBe(false);
});

test('the encoder is known by its name, and so are padding and the image token', () => {
	const { config, visionPath, pad, tower } = parse();
	expect(config.vision).toMatchObject({ hiddenSize: 1024, layers: 24, heads: 16, imageSize: 336, patchSize: 14 });
	expect(config.vision.activation).toBe('quick_gelu');
	expect(config.text).toMatchObject({ vocabSize: 32000, hiddenSize: 4096, layers: 32, headDim: 128 });
	expect(config.imageTokenId).toBe(ORIGINAL_IMAGE_TOKEN);
	expect(config.visionFeatureSelect).toBe('default');
	expect(visionPath).toEqual(plainPath);
	expect(pad).toBe(true);
	expect(tower).toBe('openai/clip-vit-large-patch14-336');
	expect(parse({ image_aspect_ratio: null }).pad).toBe(false);
	expect(parse({ mm_vision_tower: '/data/clip-vit-large-patch14/' }).config.vision.imageSize).toBe(224);
	expect(parse({ mm_vision_select_feature: 'cls_patch' }).config.visionFeatureSelect).toBe('full');
});

test("the paper's flags make its vision path", () => {
	const paper = { mode: 'paper', targetMean: 0.83, maxNorm: 1.22 };
	expect(parse({ normalize_projector: true }).visionPath).toEqual({ ...plainPath, normalize: paper });
	expect(parse({}, { hasProjectorNorm: true }).visionPath.normalize).toEqual(paper);
	expect(parse({ use_multilayer_features: true }).visionPath).toEqual({
		...plainPath,
		layers: [12, 16, 20, 24],
		postLayerNorm: true,
	});
	expect(parse({ compression_after_projection: true, final_spatial_size: 4 }).visionPath.pool).toBe(4);
	expect(parse({ compression_after_projection: false, final_spatial_size: 4 }).visionPath.pool).toBe(null);
});

describe('an encoder that the file does not describe', () => {
	const part = { mm_vision_tower: 'someone/their-clip', mm_hidden_size: 16 };
	const vision = { hidden_size: 16, num_attention_heads: 2, num_hidden_layers: 4, image_size: 64, patch_size: 8 };

	test('asks for its folder', () => {
		expect(() => parse(part)).toThrow(
			'm/config.json: mm_vision_tower: the encoder "someone/their-clip" is not described in the file; ' +
				'give the folder of that CLIP model with --vision-tower DIR',
		);
	});

	test.each([
		['a whole CLIP model', { model_type: 'clip', text_config: {}, vision_config: vision }],
		['a vision model alone', { model_type: 'clip_vision_model', ...vision }],
	])('is described by that folder: %s', (_, json) => {
		const { config } = parse(part, { tower: { json, where: 'clip/config.json' } });
		expect(config.vision).toMatchObject({ hiddenSize: 16, layers: 4, imageSize: 64 });
	});

	test('of another width than the projector reads is refused', () => {
		const tower = { json: { ...vision, hidden_size: 32 }, where: 'clip/config.json' };
		expect(() => parse(part, { tower })).toThrow(/mm_hidden_size: expected 32, the width of .*, got 16/);
	});
});

test.each<[string, object, string]>([
	[
		'a linear projector',
		{ mm_projector_type: 'linear' },
		'mm_projector_type: only mlp2x_gelu is supported, got "linear"',
	],
	['tiles', { image_aspect_ratio: 'anyres' }, 'image_aspect_ratio: only pad and square are supported, got "anyres"'],
	[
		'another decoder',
		{ model_type: 'llava_mpt' },
		'model_type: only LLaVA on Llama (llava, llava_llama) is supported, got "llava_mpt"',
	],
	['registers', { add_registers: true }, 'add_registers: a projector with registers is not supported, got true'],
	['image marks', { mm_use_im_start_end: true }, 'mm_use_im_start_end: marking the image'],
	[
		'a layer that is not there',
		{ mm_vision_select_layer: -26 },
		'mm_vision_select_layer: expected layers from -25 to 24, got -26',
	],
	[
		'too few layers for the paper',
		{ use_multilayer_features: true, mm_vision_tower: 'x', mm_hidden_size: 768 },
		'use_multilayer_features: expected layers from -13 to 12, got 16',
	],
])('%s is refused', (_, part, message) => {
	const tower = { json: { model_type: 'clip_vision_model' }, where: 'clip/config.json' };
	const context = 'mm_hidden_size' in part ? { tower } : {};
	expect(() => parse(part, context)).toThrow(`m/config.json: ${message}`);
});
