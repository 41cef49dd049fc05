import { z } from 'zod';
import { validate } from '../base/json.ts';
import type { LlavaConfig } from './config.ts';
import {
	assumedFields,
	checkLayers,
	contradiction,
	specialTokens,
	specialTokensSchema,
	textConfig,
	textSchema,
	visionConfig,
	visionSchema,
} from './config-parts.ts';
import { type VisionPath, visionPathSchema } from './vision-path.ts';

/** What a config.json says, whatever its layout. */
export interface ParsedConfig {
	config: LlavaConfig;
	visionPath: VisionPath;
	/** Fields that decide shapes and that the file leaves to their defaults, as `text_config.hidden_size = 4096`. */
	assumed: string[];
}

export interface ConfigContext {
	/** Path of config.json, for messages. */
	where: string;
	/** generation_config.json, whose token ids take precedence; null where there is none. */
	generation: unknown;
	/** Whether the weights hold `multi_modal_projector.norm.weight`, which only the paper's normalisation has. */
	hasProjectorNorm: boolean;
}

/** The constants of the paper's published code (NormalizedProjector). */
export const PAPER_NORMALIZE = { mode: 'paper', targetMean: 0.83, maxNorm: 1.22 } as const;

/**
 * Our own section `dorsal` of config.json: what of the vision path a model was trained with and transformers has no
 * key for. All fields are optional; `vision_feature_layer` stays where transformers has it.
 *
 *     "dorsal": {
 *       "post_layer_norm": true,
 *       "normalize": { "mode": "paper", "target_mean": 0.83, "max_norm": 1.22 },
 *       "pool": 16
 *     }
 */
export const dorsalSchema = z.strictObject({
	post_layer_norm: z.boolean().default(false),
	normalize: z
		.strictObject({
			mode: visionPathSchema.shape.normalize.unwrap().shape.mode,
			target_mean: z.number().positive().nullable().default(null),
			max_norm: z.number().positive().nullable().default(null),
		})
		.nullish(),
	pool: z.int().positive().nullable().default(null),
});

const text = textSchema.extend({
	model_type: z.literal('llama', { error: 'only Llama decoders (llama) are supported' }).default('llama'),
});

const schema = specialTokensSchema.extend({
	model_type: z.literal('llava', { error: 'only LLaVA models (llava) are supported' }),
	text_config: text,
	vision_config: visionSchema,
	image_token_index: z.int().nonnegative().nullish(),
	image_token_id: z.int().nonnegative().nullish(),
	projector_hidden_act: z.literal('gelu', { error: 'only gelu is supported' }).default('gelu'),
	multimodal_projector_bias: z.boolean().default(true),
	vision_feature_layer: z
		.union([z.int(), z.array(z.int()).min(1)], { error: 'expected a whole number or a list of them' })
		.default(-2),
	vision_feature_select_strategy: z.enum(['default', 'full']).default('default'),
	tie_word_embeddings: z.boolean().default(false),
	quantization_config: z.null({ error: 'a quantised checkpoint is not supported' }).optional(),
	dorsal: dorsalSchema.default({ post_layer_norm: false, pool: null }),
});

function normalizeOf(section: z.infer<typeof dorsalSchema>, hasProjectorNorm: boolean): VisionPath['normalize'] {
	const { normalize } = section;
	if (normalize) return { mode: normalize.mode, targetMean: normalize.target_mean, maxNorm: normalize.max_norm };
	return hasProjectorNorm ? PAPER_NORMALIZE : null;
}

/** Parses the config.json of the Hugging Face layout (`LlavaForConditionalGeneration`). */
export function parseHfConfig(json: unknown, { where, generation, hasProjectorNorm }: ConfigContext): ParsedConfig {
	const code = 'config';
	const raw = validate(schema, json, { where, code, hint: 'is this a LLaVA checkpoint?' });
	const vision = visionConfig(raw.vision_config, `${where}: vision_config.`);
	const decoder = textConfig(raw.text_config, `${where}: text_config.`);
	const layers = [raw.vision_feature_layer].flat();
	checkLayers(`${where}: vision_feature_layer`, layers, vision);
	const imageTokenId = raw.image_token_index ?? raw.image_token_id ?? 32000;
	if (imageTokenId >= decoder.vocabSize) {
		throw contradiction(
			`${where}: image_token_index`,
			`${imageTokenId} lies outside the vocabulary of ${decoder.vocabSize} (text_config.vocab_size)`,
		);
	}
	const given = json as { text_config: object; vision_config: object };
	return {
		config: {
			vision,
			text: { ...decoder, tieWordEmbeddings: decoder.tieWordEmbeddings || raw.tie_word_embeddings },
			projector: { activation: 'gelu', bias: raw.multimodal_projector_bias },
			visionFeatureLayers: layers,
			visionFeatureSelect: raw.vision_feature_select_strategy,
			imageTokenId,
			...specialTokens([parseGeneration(generation, where), raw, raw.text_config]),
		},
		visionPath: {
			layers,
			postLayerNorm: raw.dorsal.post_layer_norm,
			normalize: normalizeOf(raw.dorsal, hasProjectorNorm),
			pool: raw.dorsal.pool,
			permute: null,
			scale: 1,
		},
		assumed: [
			...assumedFields('text_config.', given.text_config, raw.text_config),
			...assumedFields('vision_config.', given.vision_config, raw.vision_config),
		],
	};
}

/** Token ids of generation_config.json; none where the file is absent. */
export function parseGeneration(generation: unknown, where: string): z.infer<typeof specialTokensSchema> {
	if (generation === null) return {};
	const file = where.replace(/config\.json$/, 'generation_config.json');
	return validate(specialTokensSchema, generation, { where: file, code: 'config' });
}
