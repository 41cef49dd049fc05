import { isOriginal } from '../checkpoint/config-original.ts';
import { folderStore } from '../checkpoint/files.node.ts';
import { readJson } from '../checkpoint/json-file.ts';
import { decodeImage } from '../image/decode.node.ts';
import { type NodeRuntimeOptions, openNodeRuntime } from '../runtime/node.node.ts';
import { type LoadFromOptions, loadFrom } from './load.ts';
import type { Model } from './model.ts';

export interface LoadOptions extends NodeRuntimeOptions, LoadFromOptions {
	/** Folder of the vision tower, for original LLaVA checkpoints that leave it out. */
	visionTower?: string;
}

/**
 * Opens a checkpoint folder: Hugging Face's LLaVA layout or the original one. Weights are read when the first question
 * is asked. Throws a UsageError where the folder is missing and an InputError where a file in it is wrong.
 *
 * @example
 * const model = await load('models/base');
 */
export async function load(folder: string, options: LoadOptions = {}): Promise<Model> {
	const { visionTower, trace, interventions, pad, ...engine } = options;
	const platform = {
		// Probes look into large models beside a budget of memory.
		runtime: await openNodeRuntime({ keepMemory: trace !== true, ...engine }),
		decodeImage,
		store: folderStore(folder),
		...(visionTower !== undefined && { visionTower: folderStore(visionTower) }),
	};
	return loadFrom(platform, {
		...(trace !== undefined && { trace }),
		...(interventions !== undefined && { interventions }),
		...(pad !== undefined && { pad }),
	});
}

/** Opens one of several models: of them only those in the original layout are given the vision tower. */
export async function loadOneOf(folder: string, { visionTower, ...options }: LoadOptions): Promise<Model> {
	const needed = visionTower !== undefined && (await hasOriginalLayout(folder));
	return load(folder, { ...options, ...(needed && { visionTower }) });
}

/** Whether a checkpoint folder is in the original LLaVA's layout. */
export async function hasOriginalLayout(folder: string): Promise<boolean> {
	const store = folderStore(folder);
	try {
		return isOriginal(await readJson(store, 'config.json'));
	} finally {
		await store.close();
	}
}
