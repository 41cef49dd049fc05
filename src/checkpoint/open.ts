import { InputError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import type { Tensor } from '../base/tensor.ts';
import { checkTensors, firstNonFinite } from './check.ts';
import type { Checkpoint, FileStore } from './checkpoint.ts';
import { type ConfigContext, parseHfConfig } from './config-hf.ts';
import { isOriginal, parseOriginalConfig } from './config-original.ts';
import { type FileSet, hashFiles } from './hash.ts';
import { readJson } from './json-file.ts';
import { MODEL_FILES, originalPreprocessor, readModelFiles } from './model-files.ts';
import { PROJECTOR_NORM } from './names.ts';
import { readTensor } from './safetensors.ts';
import { tensorShapes } from './shapes.ts';
import { openWeights, type StoredTensor, type Weights } from './weights.ts';

const CONFIG = 'config.json';
const LM_HEAD = 'language_model.lm_head.weight';

export interface OpenOptions {
	/**
	 * The CLIP folder, for original LLaVA checkpoints, which often lack the vision tower: it describes the encoder, and
	 * gives its weights where the checkpoint has none.
	 */
	visionTower?: FileStore;
}

async function readConfigJson(store: FileStore): Promise<unknown> {
	const json = await readJson(store, CONFIG);
	if (json !== null) return json;
	throw new InputError(`${store.location}/${CONFIG}: not there; is this a checkpoint folder?`, {
		code: 'missing-file',
	});
}

/** The original layout describes encoder and preprocessing by the encoder's name, or in the CLIP folder. */
async function parseOriginal(
	json: unknown,
	context: ConfigContext,
	visionTower: FileStore | undefined,
	preprocessor: unknown,
) {
	const tower = visionTower && {
		json: await readConfigJson(visionTower),
		where: `${visionTower.location}/${CONFIG}`,
	};
	const parsed = parseOriginalConfig(json, { ...context, tower });
	const clip = preprocessor ?? (visionTower && (await readJson(visionTower, 'preprocessor_config.json')));
	const { imageSize } = parsed.config.vision;
	return { ...parsed, preprocessor: originalPreprocessor(clip, { imageSize, pad: parsed.pad }) };
}

const isVision = (name: string) => name.startsWith('vision_tower.');

/** Adds the vision tower of a second folder where the first has none; its own may have been trained further. */
function joinTower(own: Weights, tower: Weights | undefined): Map<string, StoredTensor> {
	const tensors = new Map(own.tensors);
	if (!tower || [...tensors.keys()].some(isVision)) return tensors;
	for (const [name, stored] of tower.tensors) if (isVision(name)) tensors.set(name, stored);
	return tensors;
}

async function readFinite(name: string, { store, path, info }: StoredTensor): Promise<Tensor<'float32'>> {
	const tensor = (await readTensor(store, path, info)) as Tensor<'float32'>;
	const bad = firstNonFinite(tensor.data);
	if (bad < 0) return tensor;
	throw new InputError(
		`${store.location}/${path}: tensor ${show(name)} holds ${tensor.data[bad]} at element ${bad}; is the file damaged?`,
		{ code: 'not-finite' },
	);
}

/**
 * Opens a checkpoint folder in the Hugging Face or the original LLaVA layout: parses config.json, reads the headers of
 * the weights and checks that they are the tensors that the configuration implies. Weights are read by `read`, one
 * tensor at a time; one that holds NaN or infinity is refused then. The stores are closed with the checkpoint, and at
 * once if it cannot be opened.
 */
export async function openCheckpoint(store: FileStore, { visionTower }: OpenOptions = {}): Promise<Checkpoint> {
	const close = async () => {
		await store.close();
		await visionTower?.close();
	};
	try {
		return await open(store, visionTower, close);
	} catch (error) {
		await close();
		throw error;
	}
}

async function open(
	store: FileStore,
	visionTower: FileStore | undefined,
	close: () => Promise<void>,
): Promise<Checkpoint> {
	const json = await readConfigJson(store);
	const files = await readModelFiles(store);
	const own = await openWeights(store);
	const tower = visionTower && (await openWeights(visionTower));
	const tensors = joinTower(own, tower);
	if (tower && !isOriginal(json) && [...own.tensors.keys()].some(isVision)) {
		throw new InputError(`${store.location}: the checkpoint has a vision tower of its own; leave out --vision-tower`, {
			code: 'vision-tower',
		});
	}
	const context = {
		where: `${store.location}/${CONFIG}`,
		generation: files.generation,
		hasProjectorNorm: tensors.has(PROJECTOR_NORM),
	};
	const original = isOriginal(json) ? await parseOriginal(json, context, visionTower, files.preprocessor) : undefined;
	if (original) files.preprocessor = original.preprocessor;
	const { config, visionPath, assumed } = original ?? parseHfConfig(json, context);
	// transformers ties the output layer to the embeddings even where a file stores one.
	if (config.text.tieWordEmbeddings) tensors.delete(LM_HEAD);
	checkTensors(store.location, tensors, tensorShapes(config, visionPath), { assumed, tower: original?.tower });

	const hashed: FileSet[] = [[store, [CONFIG, ...MODEL_FILES, ...own.paths]]];
	if (visionTower && tower) hashed.push([visionTower, [CONFIG, 'preprocessor_config.json', ...tower.paths]]);
	let hash: Promise<string> | undefined;
	return {
		location: store.location,
		config,
		visionPath,
		files,
		names: [...tensors.keys()].sort(),
		shape: (name) => tensors.get(name)?.info.shape,
		async read(name) {
			const stored = tensors.get(name);
			if (!stored) throw new InputError(`${store.location}: no tensor ${show(name)}`, { code: 'missing-tensor' });
			return readFinite(name, stored);
		},
		hash() {
			hash ??= hashFiles(...hashed);
			return hash;
		},
		close,
	};
}
