import type { LlavaConfig } from './config.ts';
import type { VisionPath } from './vision-path.ts';

/**
 * config.json of the Hugging Face layout for a configuration, with our section `dorsal` only where the vision path needs
 * it, so that a plain LLaVA stays a plain LLaVA. Permutation and scale are interventions, not part of a model.
 */
export function hfConfig(config: LlavaConfig, { postLayerNorm, normalize, pool }: VisionPath): unknown {
	const { vision, text, projector, visionFeatureLayers: layers } = config;
	const special = {
		bos_token_id: config.bosTokenId,
		eos_token_id: config.eosTokenIds.length === 1 ? config.eosTokenIds[0] : config.eosTokenIds,
		pad_token_id: config.padTokenId,
	};
	const dorsal = {
		post_layer_norm: postLayerNorm,
		normalize: normalize && { mode: normalize.mode, target_mean: normalize.targetMean, max_norm: normalize.maxNorm },
		pool,
	};
	return {
		architectures: ['LlavaForConditionalGeneration'],
		model_type: 'llava',
		image_token_index: config.imageTokenId,
		image_seq_length: pool === null ? (vision.imageSize / vision.patchSize) ** 2 : pool ** 2,
		projector_hidden_act: projector.activation,
		multimodal_projector_bias: projector.bias,
		vision_feature_layer: layers.length === 1 ? layers[0] : layers,
		vision_feature_select_strategy: config.visionFeatureSelect,
		...special,
		tie_word_embeddings: text.tieWordEmbeddings,
		text_config: {
			model_type: 'llama',
			vocab_size: text.vocabSize,
			hidden_size: text.hiddenSize,
			intermediate_size: text.intermediateSize,
			num_hidden_layers: text.layers,
			num_attention_heads: text.heads,
			num_key_value_heads: text.kvHeads,
			head_dim: text.headDim,
			hidden_act: 'silu',
			rms_norm_eps: text.rmsNormEps,
			rope_theta: text.ropeTheta,
			max_position_embeddings: text.maxPositions,
			attention_bias: text.attentionBias,
			mlp_bias: false,
			tie_word_embeddings: text.tieWordEmbeddings,
			...special,
		},
		vision_config: {
			model_type: 'clip_vision_model',
			hidden_size: vision.hiddenSize,
			intermediate_size: vision.intermediateSize,
			num_hidden_layers: vision.layers,
			num_attention_heads: vision.heads,
			image_size: vision.imageSize,
			patch_size: vision.patchSize,
			num_channels: vision.channels,
			hidden_act: vision.activation,
			layer_norm_eps: vision.layerNormEps,
		},
		...(postLayerNorm || normalize || pool !== null ? { dorsal } : {}),
	};
}
