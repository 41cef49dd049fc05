import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jsonBytes, plainPath, smallConfig, smallTensors } from '../../test/small-checkpoint.ts';
import { ORIGINAL_IMAGE_TOKEN } from './config-original.ts';
import type { FloatDtype } from './dtypes.ts';
import { memoryStore } from './files.memory.ts';
import { folderStore, folderWriter } from './files.node.ts';
import { openCheckpoint } from './open.ts';
import { readHeader } from './safetensors.ts';
import { type CheckpointContent, writeCheckpoint } from './write.ts';

const path = {
	...plainPath,
	postLayerNorm: true,
	normalize: { mode: 'paper', targetMean: null, maxNorm: 2 },
	pool: 1,
} as const;
const tensors = smallTensors(smallConfig, path);
const copyFrom = memoryStore([
	['tokenizer.json', jsonBytes({ version: '1.0' })],
	['chat_template.jinja', new TextEncoder().encode('{{ messages }}')],
	['preprocessor_config.json', jsonBytes({ size: 8 })],
	['notes.txt', jsonBytes('not ours')],
]);
const content: CheckpointContent = {
	config: smallConfig,
	visionPath: path,
	read: (name) => tensors.get(name)!,
	copyFrom,
};

test.each<[FloatDtype, number]>([
	['F32', 0],
	['F16', 2 ** -11],
	['BF16', 2 ** -8],
])('a checkpoint written in %s reads back', async (dtype, rtol) => {
	const out = memoryStore();
	await writeCheckpoint(out, content, { dtype });
	expect([...out.files.keys()].sort()).toEqual([
		'chat_template.jinja',
		'config.json',
		'model.safetensors',
		'preprocessor_config.json',
		'tokenizer.json',
	]);
	const back = await openCheckpoint(out);
	expect([back.config, back.visionPath]).toEqual([smallConfig, path]);
	expect(back.files).toMatchObject({ tokenizer: { version: '1.0' }, chatTemplate: '{{ messages }}' });
	expect(back.names).toEqual([...tensors.keys()].sort());
	for (const [name, { data }] of tensors) expect((await back.read(name)).data).toBeAllclose(data, { atol: 1e-7, rtol });
	for (const { dtype: stored } of (await readHeader(out, 'model.safetensors')).values()) expect(stored).toBe(dtype);
});

test('large checkpoints are sharded, each shard within the limit', async () => {
	const out = memoryStore();
	await writeCheckpoint(out, content, { maxShardBytes: 8000 });
	const shards = [...out.files.keys()].filter((name) => /^model-\d{5}-of-\d{5}\.safetensors$/.test(name));
	expect(shards.length).toBeGreaterThan(2);
	for (const shard of shards) {
		const header = [...(await readHeader(out, shard)).values()];
		expect(header.reduce((sum, { start, end }) => sum + end - start, 0)).toBeLessThanOrEqual(8000);
	}
	const back = await openCheckpoint(out);
	for (const [name, value] of tensors) expect(await back.read(name)).toEqual(value);
});

test('a checkpoint over another leaves none of its files to be read', async () => {
	const out = memoryStore();
	await writeCheckpoint(out, content);
	const changed = (name: string) => ({ ...tensors.get(name)!, data: tensors.get(name)!.data.map((x) => 2 * x) });
	await writeCheckpoint(out, { ...content, read: changed, copyFrom: memoryStore() }, { maxShardBytes: 8000 });
	const back = await openCheckpoint(out);
	const name = 'language_model.lm_head.weight';
	expect(await back.read(name)).toEqual(changed(name));
	expect(back.files).toMatchObject({ tokenizer: null, chatTemplate: null });
	await writeCheckpoint(out, content);
	expect(await (await openCheckpoint(out)).read(name)).toEqual(tensors.get(name));
});

test('a folder in Node gets the same bytes', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'dorsal-write-'));
	try {
		const target = join(folder, 'deep', 'model');
		await writeCheckpoint(folderWriter(target), content, { maxShardBytes: 8000 });
		const out = memoryStore();
		await writeCheckpoint(out, content, { maxShardBytes: 8000 });
		expect((await readdir(target)).sort()).toEqual([...out.files.keys()].sort());
		const [disk, memory] = [await openCheckpoint(folderStore(target)), await openCheckpoint(out)];
		expect(await disk.hash()).toBe(await memory.hash());
		await disk.close();
	} finally {
		await rm(folder, { recursive: true });
	}
});

test('an encoder is stored once for several models', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'dorsal-write-'));
	try {
		const [base, other] = [join(folder, 'base'), join(folder, 'other')];
		await writeCheckpoint(folderWriter(base), content, { encoder: 'encoder.safetensors' });
		const changed = (name: string) => ({ ...tensors.get(name)!, data: tensors.get(name)!.data.map((x) => 2 * x) });
		await writeCheckpoint(
			folderWriter(other),
			{ ...content, read: changed },
			{ encoder: '../base/encoder.safetensors' },
		);
		expect((await readdir(other)).filter((name) => name.endsWith('.safetensors'))).toEqual([
			'model-00001-of-00001.safetensors',
		]);
		const back = await openCheckpoint(folderStore(other));
		expect(back.names).toEqual([...tensors.keys()].sort());
		for (const name of tensors.keys()) {
			expect(await back.read(name)).toEqual(name.startsWith('vision_tower.') ? tensors.get(name) : changed(name));
		}
		await back.close();
	} finally {
		await rm(folder, { recursive: true });
	}
});

test('a checkpoint whose image token is no word cannot be written in the Hugging Face layout', async () => {
	const config = { ...smallConfig, imageTokenId: ORIGINAL_IMAGE_TOKEN };
	await expect(writeCheckpoint(memoryStore(), { ...content, config })).rejects.toThrow(
		'memory: image token -200 of the original LLaVA layout is no word of the vocabulary',
	);
});
