import { readFile } from 'node:fs/promises';
import type { Tensor } from '../../src/base/tensor.ts';
import { folderStore } from '../../src/checkpoint/files.node.ts';
import { readTensors } from '../../src/checkpoint/safetensors.ts';

/** Where the reference tensors of an independent PyTorch program lie. */
export const GOLDEN = 'test/fixtures/golden/tiny-llava';

/** One safetensors file of the reference. */
export async function goldenTensors(file: string): Promise<Map<string, Tensor>> {
	const store = folderStore(GOLDEN);
	try {
		return await readTensors(store, file);
	} finally {
		await store.close();
	}
}

/** One JSON file of the reference. */
export async function goldenJson<T>(file: string): Promise<T> {
	return JSON.parse(await readFile(`${GOLDEN}/${file}`, 'utf8')) as T;
}
