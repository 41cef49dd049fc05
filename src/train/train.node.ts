import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { DorsalError, InputError, UsageError } from '../base/errors.ts';
import { holdFolder } from '../base/hold.node.ts';
import { show } from '../base/json.ts';
import { PART } from '../base/replace-file.node.ts';
import { VERSION } from '../base/version.ts';
import type { Checkpoint, FileStore } from '../checkpoint/checkpoint.ts';
import { folderStore, folderWriter } from '../checkpoint/files.node.ts';
import { hashFiles } from '../checkpoint/hash.ts';
import { TOKENIZER_FILES } from '../checkpoint/model-files.ts';
import { openCheckpoint } from '../checkpoint/open.ts';
import { type NodeRuntimeOptions, openNodeRuntime } from '../runtime/node.node.ts';
import { workerRuntime } from '../runtime/worker-runtime.node.ts';
import { hasOriginalLayout } from '../vlm/load.node.ts';
import { hashOf, openConversations } from './data/llava-file.node.ts';
import type { Recipe, Stage } from './recipe.ts';
import { readRecipe } from './recipe-file.node.ts';
import { RECIPE_FILE } from './run-folder.ts';
import { startingPoint } from './start.ts';
import type { TrainResult } from './summary.ts';
import { type TrainOptions, train } from './trainer.ts';

export interface TrainRecipeOptions extends NodeRuntimeOptions, Pick<TrainOptions, 'signal' | 'onProgress' | 'onSave'> {
	/** The recipe's JSON file. */
	recipe: string;
	/** Folder of the run; one that was cut short there is gone on with. */
	out: string;
	/** Folder whose tokenizer a recipe that names none takes. */
	tokenizer: string;
	/** Seed instead of the recipe's. */
	seed?: number | undefined;
	/** Most steps a stage. */
	limit?: number | undefined;
	/**
	 * Worker threads that compute micro-batches at the same time, each with `threads` threads (default one), while the next
	 * step's samples are drawn. Default 1: all on the calling thread.
	 */
	workers?: number | undefined;
	/** Folders of other runs that have carried out some of this recipe's first stages. Default none. */
	reuse?: readonly string[];
}

/** Trains a model from a recipe. The checkpoint is written to `OUT/model`. */
export async function trainRecipe(options: TrainRecipeOptions): Promise<TrainResult & { model: string }> {
	const { recipe: file, out, reuse = [], seed, limit, signal, onProgress, onSave } = options;
	const beside = (name: string) => path.resolve(path.dirname(file), name);
	const given = await readRecipe(file, { seed, limit });
	const { model, tokenizer } = given;
	const opened: { close(): Promise<void> }[] = [];
	const open = <T extends { close(): Promise<void> }>(store: T): T => {
		opened.push(store);
		return store;
	};
	try {
		const from = model.from === null ? null : open(await openStart(beside(model.from)));
		const named = tokenizer ?? model.from;
		const assets = open(folderStore(named === null ? options.tokenizer : beside(named)));
		const recipe: Recipe = {
			...given,
			dorsal: VERSION,
			model: await withHash(given, from),
			tokenizerHash: await tokenizerHash(given, assets),
			stages: await stagesWithHashes(given, beside),
		};
		const start = await startingPoint(recipe, assets, from);
		const result = await train({
			recipe,
			start,
			...(await openRuntimes(options)),
			folder: { read: open(await openFolder(out)), write: folderWriter(out) },
			model: folderWriter(path.join(out, 'model')),
			openConversations: ({ json, images }) => openConversations(beside(json), beside(images)),
			reuse: reuse.map((run) => open(folderStore(run))),
			...(signal && { signal }),
			...(onProgress && { onProgress }),
			...(onSave && { onSave }),
		});
		return { ...result, model: path.join(out, 'model') };
	} finally {
		for (const store of opened) await store.close();
	}
}

/** Throws an InputError where a hash that the recipe gives is not what is found. */
function checkHash(where: string, found: string, key: string, given: string | undefined): void {
	if (given === undefined || given === found) return;
	throw new InputError(
		`${where}: its sha256 is ${found}, but the recipe (${key}) has ${show(given)}; give that one, or leave the key out`,
		{ code: 'recipe' },
	);
}

/** The recipe's model with the hash of its checkpoint, so that no run goes on with, or is reused for, another one. */
async function withHash({ model }: Recipe, from: Checkpoint | null): Promise<Recipe['model']> {
	if (model.from === null || !from) return model;
	const hash = await from.hash();
	checkHash(from.location, hash, 'model.hash', model.hash);
	return { ...model, hash };
}

/** Hash over the tokenizer's files and the chat template, for the same end: the same path may lead to others. */
async function tokenizerHash({ tokenizerHash: given }: Recipe, assets: FileStore): Promise<string> {
	const hash = await hashFiles([assets, TOKENIZER_FILES]);
	checkHash(assets.location, hash, 'tokenizerHash', given);
	return hash;
}

/** The recipe's stages with the sha256 of their files of conversations, for the same end. */
async function stagesWithHashes({ stages }: Recipe, beside: (name: string) => string): Promise<Stage[]> {
	const found: Stage[] = [];
	for (const [i, stage] of stages.entries()) {
		if (stage.kind !== 'dialogue' || stage.data.source !== 'llava') {
			found.push(stage);
			continue;
		}
		const file = beside(stage.data.json);
		const sha256 = await hashOf(file);
		checkHash(file, sha256, `stages[${i}].data.sha256`, stage.data.sha256);
		found.push({ ...stage, data: { ...stage.data, sha256 } });
	}
	return found;
}

/** What trains: this thread alone, or with workers beside it. */
async function openRuntimes({ device = 'cpu', threads, workers = 1 }: TrainRecipeOptions) {
	if (workers > 1 && device !== 'cpu') {
		throw new UsageError(`--workers ${workers}: workers share the processor's cores; leave --workers or --device out`, {
			code: 'option-value',
		});
	}
	const options = { ...(threads !== undefined && { threads }), flushDenormals: true };
	const runtime = await openNodeRuntime({ device, ...options });
	if (workers === 1) return { runtime };
	return { runtime, workers: workerRuntime({ workers, threads: 1, ...options }) };
}

/** The checkpoint that a recipe starts from. An original LLaVA's image has no token, so that it could not be written. */
async function openStart(folder: string) {
	if (await hasOriginalLayout(folder)) {
		throw new UsageError(
			`recipe: model.from: ${folder} is in the original LLaVA's layout; give the same model in the Hugging Face layout`,
			{ code: 'recipe' },
		);
	}
	return openCheckpoint(folderStore(folder));
}

/**
 * The folder of a run, made if need be, for this process alone until it is closed. Throws a UsageError where it holds
 * something else, and a DorsalError where another process trains there.
 */
async function openFolder(out: string): Promise<FileStore> {
	await mkdir(out, { recursive: true }).catch((cause) => {
		throw new UsageError(`${out}: cannot be made a folder (${cause.code}); give a folder for the run`, {
			code: 'out',
			cause,
		});
	});
	const names = await readdir(out);
	const foreign = names.find((name) => !name.endsWith(PART));
	if (foreign !== undefined && !names.includes(RECIPE_FILE)) {
		throw new UsageError(`${out}: holds ${foreign} and no training run; give a new folder`, { code: 'out' });
	}
	const letGo = await holdFolder(out);
	if (letGo === null) {
		throw new DorsalError(`${out}: another process trains there; wait for it, stop it, or give another --out`, {
			code: 'run-shared',
		});
	}
	const store = folderStore(out);
	return {
		...store,
		async close() {
			await store.close();
			await letGo();
		},
	};
}
