import { z } from 'zod';
import { InputError } from '../base/errors.ts';
import { show, validate } from '../base/json.ts';
import type { VisionConfig } from './config.ts';
import { type ConfigContext, PAPER_NORMALIZE, type ParsedConfig, parseGeneration } from './config-hf.ts';
import {
	assumedFields,
	checkLayers,
	contradiction,
	specialTokens,
	textConfig,
	textSchema,
	visionConfig,
	visionSchema,
} from './config-parts.ts';

/** The id that the original LLaVA puts for an image; it is no word of the vocabulary. */
export const ORIGINAL_IMAGE_TOKEN = -200;

/** Encoders that original checkpoints name instead of describing them, by the last part of the name. */
const KNOWN_TOWERS: Record<string, unknown> = Object.fromEntries(
	[
		['clip-vit-large-patch14-336', 336],
		['clip-vit-large-patch14', 224],
	].map(([name, side]) => [
		name,
		{
			hidden_size: 1024,
			intermediate_size: 4096,
			num_hidden_layers: 24,
			num_attention_heads: 16,
			image_size: side,
			patch_size: 14,
		},
	]),
);

/** Layers that the paper's code takes with `use_multilayer_features`, each after post-layernorm (Sec. 5.2). */
const PAPER_LAYERS = [12, 16, 20, 24];

/** Side of the pooled grid where `compression_after_projection` is set and no side is given. */
const PAPER_POOL = 16;

const only = (what: string) => ({ error: `only ${what} is supported` });
const off = (what: string) => z.literal(false, { error: `${what} is not supported` }).nullish();

const schema = textSchema.extend({
	model_type: z.enum(['llava', 'llava_llama'], { error: 'only LLaVA on Llama (llava, llava_llama) is supported' }),
	mm_vision_tower: z.string(),
	mm_projector_type: z.literal('mlp2x_gelu', only('mlp2x_gelu')),
	mm_hidden_size: z.int().optional(),
	mm_vision_select_layer: z.int().default(-2),
	mm_vision_select_feature: z.enum(['patch', 'cls_patch']).default('patch'),
	mm_patch_merge_type: z.literal('flat', only('flat')).nullish(),
	mm_use_im_start_end: off('marking the image with start and end tokens'),
	image_aspect_ratio: z.enum(['pad', 'square'], { error: 'only pad and square are supported' }).nullish(),
	s2: off('an encoder at several scales'),
	// The paper's flags.
	normalize_projector: z.boolean().nullish(),
	use_multilayer_features: z.boolean().nullish(),
	compression_after_projection: z.boolean().nullish(),
	final_spatial_size: z.int().positive().nullish(),
	add_registers: off('a projector with registers'),
	add_spatial_coordinates: off('a projector with coordinates'),
});

export interface OriginalContext extends ConfigContext {
	/** config.json of the folder that the vision tower is read from; undefined where there is none. */
	tower?: { json: unknown; where: string } | undefined;
}

/** Whether a config.json is of the original LLaVA's layout. */
export function isOriginal(json: unknown): boolean {
	return typeof json === 'object' && json !== null && 'mm_vision_tower' in json;
}

function towerConfig(name: string, { where, tower }: OriginalContext): VisionConfig {
	if (tower) {
		// A whole CLIP model nests its vision part; a vision model alone does not.
		const whole = tower.json as { vision_config?: unknown } | null;
		const nested = whole?.vision_config !== undefined;
		const at = `${tower.where}${nested ? ': vision_config' : ''}`;
		const raw = validate(visionSchema, nested ? whole.vision_config : whole, { where: at, code: 'config' });
		return visionConfig(raw, `${tower.where}: ${nested ? 'vision_config.' : ''}`);
	}
	const known = KNOWN_TOWERS[name.replace(/\/+$/, '').split('/').at(-1)!];
	if (known) return visionConfig(visionSchema.parse(known), `${where}: `);
	throw new InputError(
		`${where}: mm_vision_tower: the encoder ${show(name)} is not described in the file; ` +
			'give the folder of that CLIP model with --vision-tower DIR',
		{ code: 'vision-tower' },
	);
}

export interface ParsedOriginal extends ParsedConfig {
	/** Whether images are padded to a square before they are resized. */
	pad: boolean;
	/** The encoder's name. */
	tower: string;
}

/** Parses the config.json of the original LLaVA and of the paper's code, which adds flags of its own to it. */
export function parseOriginalConfig(json: unknown, context: OriginalContext): ParsedOriginal {
	const { where, generation, hasProjectorNorm } = context;
	const raw = validate(schema, json, { where, code: 'config', hint: 'is this a LLaVA-1.5 checkpoint?' });
	const vision = towerConfig(raw.mm_vision_tower, context);
	if (raw.mm_hidden_size !== undefined && raw.mm_hidden_size !== vision.hiddenSize) {
		throw contradiction(
			`${where}: mm_hidden_size`,
			`expected ${vision.hiddenSize}, the width of ${show(raw.mm_vision_tower)}, got ${raw.mm_hidden_size}`,
		);
	}
	const multilayer = raw.use_multilayer_features === true;
	const layers = multilayer ? PAPER_LAYERS : [raw.mm_vision_select_layer];
	checkLayers(`${where}: ${multilayer ? 'use_multilayer_features' : 'mm_vision_select_layer'}`, layers, vision);
	return {
		config: {
			vision,
			text: textConfig(raw, `${where}: `),
			projector: { activation: 'gelu', bias: true },
			visionFeatureLayers: layers,
			visionFeatureSelect: raw.mm_vision_select_feature === 'patch' || multilayer ? 'default' : 'full',
			imageTokenId: ORIGINAL_IMAGE_TOKEN,
			...specialTokens([parseGeneration(generation, where), raw]),
		},
		visionPath: {
			layers,
			postLayerNorm: multilayer,
			normalize: raw.normalize_projector || hasProjectorNorm ? PAPER_NORMALIZE : null,
			pool: raw.compression_after_projection ? (raw.final_spatial_size ?? PAPER_POOL) : null,
			permute: null,
			scale: 1,
		},
		assumed: assumedFields('', json, raw),
		pad: raw.image_aspect_ratio === 'pad',
		tower: raw.mm_vision_tower,
	};
}
