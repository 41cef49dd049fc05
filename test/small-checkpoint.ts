import { expect } from 'vitest';
import { InputError } from '../src/base/errors.ts';
import { rng } from '../src/base/random.ts';
import { float32, int64, sizeOf, type Tensor } from '../src/base/tensor.ts';
import type { LlavaConfig } from '../src/checkpoint/config.ts';
import { hfConfig } from '../src/checkpoint/config-write.ts';
import { type MemoryStore, memoryStore } from '../src/checkpoint/files.memory.ts';
import { openCheckpoint } from '../src/checkpoint/open.ts';
import { writeSafetensors } from '../src/checkpoint/safetensors-write.ts';
import { tensorShapes } from '../src/checkpoint/shapes.ts';
import type { VisionPath } from '../src/checkpoint/vision-path.ts';

/** A LLaVA of a few thousand numbers, with every width different so that a swap shows. */
export const smallConfig: LlavaConfig = {
	vision: {
		hiddenSize: 8,
		intermediateSize: 12,
		layers: 3,
		heads: 2,
		imageSize: 8,
		patchSize: 4,
		channels: 3,
		activation: 'quick_gelu',
		layerNormEps: 1e-5,
	},
	text: {
		vocabSize: 20,
		hiddenSize: 16,
		intermediateSize: 24,
		layers: 2,
		heads: 4,
		kvHeads: 2,
		headDim: 4,
		ropeTheta: 10000,
		rmsNormEps: 1e-5,
		maxPositions: 64,
		tieWordEmbeddings: false,
		attentionBias: false,
	},
	projector: { activation: 'gelu', bias: true },
	visionFeatureLayers: [-2],
	visionFeatureSelect: 'default',
	imageTokenId: 4,
	bosTokenId: 1,
	eosTokenIds: [2],
	padTokenId: 0,
};

export const plainPath: VisionPath = {
	layers: [-2],
	postLayerNorm: false,
	normalize: null,
	pool: null,
	permute: null,
	scale: 1,
};

export const jsonBytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** Random weights for a configuration, by canonical name. */
export function smallTensors(config = smallConfig, path = plainPath): Map<string, Tensor<'float32'>> {
	return new Map(
		[...tensorShapes(config, path)].map(([name, shape]) => {
			const random = rng(7, name);
			return [
				name,
				float32(
					shape,
					Array.from({ length: sizeOf(shape) }, () => random.normal()),
				),
			];
		}),
	);
}

/** Writes tensors as model.safetensors under the given names: floats as F32, int64 as I64. */
export async function writeTensors(store: MemoryStore, tensors: ReadonlyMap<string, Tensor>): Promise<void> {
	const entries = [...tensors].map(([name, value]) => ({
		name,
		dtype: value.dtype === 'int64' ? ('I64' as const) : ('F32' as const),
		shape: value.shape,
		read: () => value,
	}));
	await writeSafetensors(store, 'model.safetensors', entries);
}

export interface SmallOptions {
	config?: unknown;
	tensors?: ReadonlyMap<string, Tensor>;
	/** From the canonical name to the stored one; undefined leaves the tensor out. */
	rename?: (name: string) => string | undefined;
}

/** A checkpoint folder in memory; by default in the older Hugging Face layout. */
export async function smallStore({
	config = hfConfig(smallConfig, plainPath),
	tensors = smallTensors(),
	rename = (name) => name,
}: SmallOptions = {}): Promise<MemoryStore> {
	const store = memoryStore([['config.json', jsonBytes(config)]], { location: 'small' });
	const renamed = [...tensors].flatMap(([name, value]) => {
		const stored = rename(name);
		return stored === undefined ? [] : [[stored, value] as const];
	});
	await writeTensors(store, new Map(renamed));
	return store;
}

/** config.json of the same LLaVA in the original layout; its encoder is described nowhere but in `clipFolder`. */
export const originalConfig = {
	model_type: 'llava_llama',
	mm_vision_tower: 'openai/clip-vit-small',
	mm_projector_type: 'mlp2x_gelu',
	image_aspect_ratio: 'pad',
	hidden_size: 16,
	intermediate_size: 24,
	vocab_size: 20,
	num_hidden_layers: 2,
	num_attention_heads: 4,
	num_key_value_heads: 2,
};
/** Canonical name → name in the original layout. */
export const original = (name: string) =>
	name
		.replace('language_model.model.', 'model.')
		.replace('language_model.lm_head', 'lm_head')
		.replace('multi_modal_projector.linear_1', 'model.mm_projector.0')
		.replace('multi_modal_projector.linear_2', 'model.mm_projector.2')
		.replace('vision_tower.vision_model.', 'model.vision_tower.vision_tower.vision_model.');
const inVision = (name: string) => name.startsWith('vision_tower.');
/** The same, leaving the encoder out, as most original checkpoints do. */
export const withoutVision = (name: string) => (inVision(name) ? undefined : original(name));

/** The CLIP folder that original checkpoints leave their encoder in. */
export async function clipFolder(): Promise<MemoryStore> {
	const { vision_config } = hfConfig(smallConfig, plainPath) as { vision_config: object };
	const store = await smallStore({
		config: { model_type: 'clip', vision_config },
		tensors: new Map<string, Tensor>([
			...smallTensors(),
			['x.embeddings.position_ids', int64([1, 5], [0, 1, 2, 3, 4])],
		]),
		rename: (name) => (inVision(name) ? name.replace('vision_tower.', '') : name.startsWith('x.') ? name : undefined),
	});
	store.files.set('preprocessor_config.json', jsonBytes({ image_mean: [0.5, 0.5, 0.5], crop_size: 8 }));
	return store;
}

/** The one line with which a checkpoint is refused. */
export async function refusal(store: MemoryStore): Promise<string> {
	const error = await openCheckpoint(store).then(
		() => undefined,
		(e: unknown) => e,
	);
	expect(error).toBeInstanceOf(InputError);
	expect((error as Error).message).not.toMatch(/\p{Cc}/u);
	return (error as Error).message;
}
