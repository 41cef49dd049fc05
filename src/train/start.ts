import { z } from 'zod';
import { InputError } from '../base/errors.ts';
import { show, validate } from '../base/json.ts';
import type { Checkpoint, FileStore } from '../checkpoint/checkpoint.ts';
import type { LlavaConfig } from '../checkpoint/config.ts';
import { type MemoryStore, memoryStore } from '../checkpoint/files.memory.ts';
import { MODEL_FILES, readModelFiles } from '../checkpoint/model-files.ts';
import { tensorShapes } from '../checkpoint/shapes.ts';
import type { VisionPath } from '../checkpoint/vision-path.ts';
import { type PreprocessConfig, parsePreprocessConfig } from '../image/preprocess-config.ts';
import { createText, type TextProcessor } from '../text/text.ts';
import { createTokenizer } from '../text/tokenizer.ts';
import { PROJECTOR_NORM } from '../vlm/vision-tail.ts';
import { initialTensor } from './initial.ts';
import { initialSeed, type ModelSizes, type Part, type Recipe } from './recipe.ts';
import { groupOf, type Weights } from './weights.ts';

/** A model before its first step, and what its checkpoint will need beside weights. */
export interface Start {
	config: LlavaConfig;
	visionPath: VisionPath;
	text: TextProcessor;
	preprocess: PreprocessConfig;
	/** Tokenizer, chat template, preprocessor: what is copied into every checkpoint. */
	files: MemoryStore;
	weights: Weights;
}

const LLAVA_PATH: VisionPath = {
	layers: [-2],
	postLayerNorm: false,
	normalize: null,
	pool: null,
	permute: null,
	scale: 1,
};

/** The model that a recipe begins with: `assets` has tokenizer and chat template, `from` the checkpoint, if any. */
export async function startingPoint(recipe: Recipe, assets: FileStore, from: Checkpoint | null): Promise<Start> {
	const visionPath: VisionPath = { ...(from?.visionPath ?? LLAVA_PATH), ...recipe.visionPath };
	const own = from ? from.config : newConfig(recipe.model as ModelSizes, await specialTokens(assets));
	const config: LlavaConfig = { ...own, visionFeatureLayers: visionPath.layers };
	checkConfig(config, visionPath);
	const files = await copyFiles(assets, from, config);
	const read = await readModelFiles(files);
	const weights = await startingWeights(recipe, config, visionPath, from);
	return {
		config,
		visionPath,
		text: createText({ files: read, config, location: assets.location }),
		preprocess: parsePreprocessConfig(read.preprocessor, {
			imageSize: config.vision.imageSize,
			where: `${assets.location}/preprocessor_config.json`,
		}),
		files,
		weights,
	};
}

async function startingWeights(
	recipe: Recipe,
	config: LlavaConfig,
	visionPath: VisionPath,
	from: Checkpoint | null,
): Promise<Weights> {
	const { model } = recipe;
	const fresh: readonly Part[] = model.from === null ? [] : model.fresh;
	const weights: Weights = new Map();
	for (const [name, shape] of tensorShapes(config, visionPath)) {
		const stored = from?.shape(name);
		const part = groupOf(name);
		const isFresh = from === null || fresh.includes(part as Part) || (name === PROJECTOR_NORM && !stored);
		if (isFresh) weights.set(name, initialTensor(name, shape, { seed: initialSeed(recipe, part), config }));
		else {
			if (stored?.join() !== shape.join()) throw wrongShape(from, name, stored, shape);
			weights.set(name, await from.read(name));
		}
	}
	return weights;
}

function wrongShape(from: Checkpoint, name: string, stored: readonly number[] | undefined, shape: readonly number[]) {
	const part = groupOf(name);
	return new InputError(
		`${from.location}: tensor ${show(name)} is ${stored ? `[${stored.join(', ')}]` : 'missing'}, but the recipe's visionPath asks for [${shape.join(', ')}]; have the ${part} drawn anew (model.fresh: ["${part}"])`,
		{ code: 'checkpoint-shape' },
	);
}

const tokenSchema = z.union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)]);
const tokensSchema = z.looseObject({
	bos_token: tokenSchema.nullish(),
	eos_token: tokenSchema,
	pad_token: tokenSchema.nullish(),
	image_token: tokenSchema.default('<image>'),
});

type SpecialTokens = Pick<LlavaConfig, 'imageTokenId' | 'bosTokenId' | 'eosTokenIds' | 'padTokenId'> & {
	vocabSize: number;
};

/** Ids of the special tokens that a tokenizer names, and the size of its vocabulary. */
async function specialTokens(assets: FileStore): Promise<SpecialTokens> {
	const { tokenizer: json, tokenizerConfig } = await readModelFiles(assets);
	const where = `${assets.location}/tokenizer_config.json`;
	const names = validate(tokensSchema, tokenizerConfig, { where, code: 'tokenizer' });
	const tokenizer = createTokenizer(json, tokenizerConfig, { where: `${assets.location}/tokenizer.json` });
	const idOf = (key: string, token: string): number => {
		const id = tokenizer.tokenId(token);
		if (id !== undefined) return id;
		throw new InputError(`${where}: ${key}: ${show(token)} is not in the vocabulary; add it to tokenizer.json`, {
			code: 'tokenizer',
		});
	};
	return {
		imageTokenId: idOf('image_token', names.image_token),
		bosTokenId: names.bos_token == null ? null : idOf('bos_token', names.bos_token),
		eosTokenIds: [idOf('eos_token', names.eos_token)],
		padTokenId: names.pad_token == null ? null : idOf('pad_token', names.pad_token),
		vocabSize: tokenizer.vocabularySize,
	};
}

function newConfig({ vision, text }: ModelSizes, { vocabSize, ...special }: SpecialTokens): LlavaConfig {
	return {
		vision: { ...vision, channels: 3, layerNormEps: 1e-5 },
		text: {
			...text,
			kvHeads: text.kvHeads ?? text.heads,
			headDim: text.hiddenSize / text.heads,
			vocabSize,
			rmsNormEps: 1e-5,
			tieWordEmbeddings: false,
			attentionBias: false,
		},
		projector: { activation: 'gelu', bias: true },
		visionFeatureLayers: [-2],
		visionFeatureSelect: 'default',
		...special,
	};
}

function checkConfig({ vision, text }: LlavaConfig, { layers, pool }: VisionPath): void {
	const fail = (where: string, reason: string) => {
		throw new InputError(`recipe: ${where}: ${reason}`, { code: 'recipe' });
	};
	const side = vision.imageSize / vision.patchSize;
	if (!Number.isInteger(side))
		fail('model.vision.patchSize', `${vision.patchSize} does not divide ${vision.imageSize}`);
	if (vision.hiddenSize % vision.heads !== 0) fail('model.vision.heads', `${vision.heads} does not divide the width`);
	if (!Number.isInteger(text.headDim) || text.headDim % 2 !== 0) {
		fail('model.text.heads', `${text.heads} does not divide ${text.hiddenSize} into heads of even width`);
	}
	if (text.heads % text.kvHeads !== 0) fail('model.text.kvHeads', `${text.kvHeads} does not divide ${text.heads}`);
	const wrong = layers.find((n) => n > vision.layers || n < -vision.layers - 1);
	if (wrong !== undefined) fail('visionPath.layers', `${wrong}: the encoder has ${vision.layers} layers`);
	if (pool !== null && pool > side) fail('visionPath.pool', `${pool}: the encoder's grid has ${side} patches a side`);
}

const PREPROCESSOR_FILE = 'preprocessor_config.json';

/**
 * A tokenizer's files, and what tells of images: of the checkpoint that is started from, whoever's the tokenizer is; for a
 * new model it is written anew.
 */
async function copyFiles(assets: FileStore, from: Checkpoint | null, config: LlavaConfig): Promise<MemoryStore> {
	const files: [string, Uint8Array][] = [];
	for (const path of MODEL_FILES) if (await assets.has(path)) files.push([path, await assets.read(path)]);
	const store = memoryStore(files, { location: assets.location });
	if (from?.location === assets.location) return store;
	store.files.delete('processor_config.json');
	store.files.delete(PREPROCESSOR_FILE);
	const images = from ? from.files.preprocessor : preprocessor(config.vision.imageSize);
	if (images !== null) {
		store.files.set(PREPROCESSOR_FILE, new TextEncoder().encode(`${JSON.stringify(images, null, 2)}\n`));
	}
	return store;
}

/** Grey levels from −1 to 1. */
const preprocessor = (size: number) => ({
	image_processor_type: 'CLIPImageProcessor',
	do_convert_rgb: true,
	do_resize: true,
	size: { shortest_edge: size },
	resample: 3,
	do_center_crop: true,
	crop_size: { height: size, width: size },
	do_rescale: true,
	rescale_factor: 1 / 255,
	do_normalize: true,
	image_mean: [0.5, 0.5, 0.5],
	image_std: [0.5, 0.5, 0.5],
});
