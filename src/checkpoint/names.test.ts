import { expect, test } from 'vitest';
import { canonicalName } from './names.ts';

const cases: [string, string, string | null | undefined][] = [
	[
		'older Hugging Face',
		'language_model.model.layers.3.mlp.up_proj.weight',
		'language_model.model.layers.3.mlp.up_proj.weight',
	],
	['older Hugging Face', 'language_model.lm_head.weight', 'language_model.lm_head.weight'],
	['older Hugging Face', 'multi_modal_projector.linear_1.bias', 'multi_modal_projector.linear_1.bias'],
	['older Hugging Face', 'vision_tower.vision_model.pre_layrnorm.bias', 'vision_tower.vision_model.pre_layrnorm.bias'],
	[
		'newer Hugging Face',
		'model.language_model.layers.3.mlp.up_proj.weight',
		'language_model.model.layers.3.mlp.up_proj.weight',
	],
	['newer Hugging Face', 'model.language_model.embed_tokens.weight', 'language_model.model.embed_tokens.weight'],
	['newer Hugging Face', 'model.multi_modal_projector.linear_2.weight', 'multi_modal_projector.linear_2.weight'],
	[
		'newer Hugging Face',
		'model.vision_tower.vision_model.post_layernorm.weight',
		'vision_tower.vision_model.post_layernorm.weight',
	],
	['newer Hugging Face and original', 'lm_head.weight', 'language_model.lm_head.weight'],
	['original', 'model.layers.0.self_attn.q_proj.weight', 'language_model.model.layers.0.self_attn.q_proj.weight'],
	['original', 'model.embed_tokens.weight', 'language_model.model.embed_tokens.weight'],
	['original', 'model.norm.weight', 'language_model.model.norm.weight'],
	['original', 'model.mm_projector.0.weight', 'multi_modal_projector.linear_1.weight'],
	['original', 'model.mm_projector.2.bias', 'multi_modal_projector.linear_2.bias'],
	[
		'original',
		'model.vision_tower.vision_tower.vision_model.encoder.layers.1.mlp.fc1.bias',
		'vision_tower.vision_model.encoder.layers.1.mlp.fc1.bias',
	],
	['paper, normalised', 'model.mm_projector.projector.0.bias', 'multi_modal_projector.linear_1.bias'],
	['paper, normalised', 'mm_projector.projector.2.weight', 'multi_modal_projector.linear_2.weight'],
	['paper, normalised', 'model.mm_projector.norm.weight', 'multi_modal_projector.norm.weight'],
	['paper, pooled', 'model.mm_projector.proj.2.weight', 'multi_modal_projector.linear_2.weight'],
	[
		'paper, normalised and pooled',
		'model.mm_projector.proj.projector.0.weight',
		'multi_modal_projector.linear_1.weight',
	],
	['paper, normalised and pooled', 'mm_projector.proj.norm.weight', 'multi_modal_projector.norm.weight'],
	['CLIP folder', 'vision_model.embeddings.class_embedding', 'vision_tower.vision_model.embeddings.class_embedding'],
	['CLIP folder', 'text_model.encoder.layers.0.mlp.fc1.weight', null],
	['CLIP folder', 'visual_projection.weight', null],
	['CLIP folder', 'logit_scale', null],
	['a constant', 'vision_tower.vision_model.embeddings.position_ids', null],
	['a constant', 'model.layers.0.self_attn.rotary_emb.inv_freq', null],
	['registers', 'model.mm_projector.registers', undefined],
	['another model', 'transformer.h.0.attn.c_attn.weight', undefined],
	['LLaVA-1.6', 'model.image_newline', undefined],
];

test.each(cases)('%s: %s', (_, stored, canonical) => {
	expect(canonicalName(stored)).toBe(canonical);
});
