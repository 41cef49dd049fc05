/** The facts about a LLaVA-style model that the network is built from, whatever its config.json called them. */

export interface VisionConfig {
	hiddenSize: number;
	intermediateSize: number;
	layers: number;
	heads: number;
	/** Side of the square input, in pixels. */
	imageSize: number;
	/** Side of a patch, in pixels. */
	patchSize: number;
	channels: number;
	activation: 'quick_gelu' | 'gelu';
	layerNormEps: number;
}

export interface TextConfig {
	vocabSize: number;
	hiddenSize: number;
	intermediateSize: number;
	layers: number;
	heads: number;
	kvHeads: number;
	headDim: number;
	ropeTheta: number;
	rmsNormEps: number;
	maxPositions: number;
	tieWordEmbeddings: boolean;
	attentionBias: boolean;
}

export interface LlavaConfig {
	vision: VisionConfig;
	text: TextConfig;
	projector: { activation: 'gelu'; bias: boolean };
	/** `vision_feature_layer`, always as a list. */
	visionFeatureLayers: number[];
	/** `default` drops the class token, `full` keeps it. */
	visionFeatureSelect: 'default' | 'full';
	/**
	 * The token that stands for an image. In the original LLaVA layout −200, which is no word: it must never be embedded.
	 */
	imageTokenId: number;
	bosTokenId: number | null;
	eosTokenIds: number[];
	padTokenId: number | null;
}
