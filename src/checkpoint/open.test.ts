import { describe, expect, test } from 'vitest';
import {
	clipFolder,
	original,
	originalConfig,
	plainPath,
	refusal,
	smallConfig,
	smallStore,
	smallTensors,
	withoutVision,
	writeTensors,
} from '../../test/small-checkpoint.ts';
import { InputError } from '../base/errors.ts';
import { float32, int64, type Tensor } from '../base/tensor.ts';
import { hfConfig } from './config-write.ts';
import type { MemoryStore } from './files.memory.ts';
import { folderStore } from './files.node.ts';
import { openCheckpoint } from './open.ts';
import { readTensors } from './safetensors.ts';

const PAPER = { ...plainPath, normalize: { mode: 'paper', targetMean: 0.83, maxNorm: 1.22 } } as const;
const HEAD = 'language_model.lm_head.weight';
const Q = 'language_model.model.layers.0.self_attn.q_proj.weight';

describe('tiny-llava', () => {
	test('opens, and its weights are those of the file', async () => {
		const store = folderStore('test/fixtures/models/tiny-llava');
		const checkpoint = await openCheckpoint(store);
		expect(checkpoint.config.text).toMatchObject({ vocabSize: 192, hiddenSize: 192, layers: 4, headDim: 48 });
		expect(checkpoint.config.vision).toMatchObject({
			imageSize: 64,
			patchSize: 8,
			layers: 8,
			activation: 'quick_gelu',
		});
		expect(checkpoint.config).toMatchObject({ imageTokenId: 4, bosTokenId: 2, eosTokenIds: [3], padTokenId: 0 });
		expect(checkpoint.visionPath).toEqual(plainPath);
		expect(checkpoint.names).toHaveLength(178);
		expect(checkpoint.files.chatTemplate).toMatch(/^\{%/);
		expect(checkpoint.files.preprocessor).toMatchObject({ crop_size: { height: 64, width: 64 } });
		expect(checkpoint.shape('language_model.model.layers.3.mlp.down_proj.weight')).toEqual([192, 512]);
		expect(checkpoint.shape('nothing')).toBeUndefined();
		const stored = await readTensors(store, 'model.safetensors');
		for (const name of ['language_model.model.embed_tokens.weight', 'vision_tower.vision_model.pre_layrnorm.bias']) {
			expect(await checkpoint.read(name)).toEqual(stored.get(name));
		}
		await checkpoint.close();
	});
});

const paperTensors = smallTensors(smallConfig, PAPER);
describe('every layout gives the same tensors under the same names', () => {
	const newer = (name: string) =>
		name
			.replace('language_model.model.', 'model.language_model.')
			.replace('language_model.lm_head', 'lm_head')
			.replace(/^(vision_tower|multi_modal_projector)\./, 'model.$1.');
	const normalized = (prefix: string) => (name: string) =>
		name
			.replace('multi_modal_projector.linear_1', `${prefix}projector.0`)
			.replace('multi_modal_projector.linear_2', `${prefix}projector.2`)
			.replace('multi_modal_projector.norm', `${prefix}norm`);

	test.each<[string, (name: string) => string]>([
		['older Hugging Face', (name) => name],
		['newer Hugging Face', newer],
		['the paper, normalised', normalized('model.mm_projector.')],
		['the paper, normalised and pooled', normalized('mm_projector.proj.')],
	])('%s', async (_, rename) => {
		const config = hfConfig(smallConfig, PAPER);
		const checkpoint = await openCheckpoint(await smallStore({ config, tensors: paperTensors, rename }));
		expect(checkpoint.names).toEqual([...paperTensors.keys()].sort());
		expect(checkpoint.visionPath).toEqual(PAPER);
		for (const [name, value] of paperTensors) expect(await checkpoint.read(name)).toEqual(value);
	});

	test('original LLaVA with its vision tower in a folder of its own', async () => {
		const store = await smallStore({ config: originalConfig, rename: withoutVision });
		const checkpoint = await openCheckpoint(store, { visionTower: await clipFolder() });
		expect(checkpoint.names).toEqual([...smallTensors().keys()].sort());
		for (const [name, value] of smallTensors()) expect(await checkpoint.read(name)).toEqual(value);
		expect(checkpoint.files.preprocessor).toEqual({ image_mean: [0.5, 0.5, 0.5], crop_size: 8, do_pad: true });
	});
});

test('an original checkpoint without its vision tower says which option to give', async () => {
	const config = { ...originalConfig, mm_vision_tower: 'openai/clip-vit-large-patch14-336' };
	expect(await refusal(await smallStore({ config, rename: withoutVision }))).toBe(
		'small: the weights hold no vision tower; give the folder of its CLIP model ' +
			'("openai/clip-vit-large-patch14-336") with --vision-tower DIR',
	);
});

test('an original checkpoint with an encoder of its own keeps it; the folder describes it', async () => {
	const own = smallTensors();
	const tower = await clipFolder();
	await writeTensors(tower, new Map([['vision_model.pre_layrnorm.bias', float32([8], new Float32Array(8))]]));
	const store = await smallStore({ config: originalConfig, tensors: own, rename: original });
	const checkpoint = await openCheckpoint(store, { visionTower: tower });
	const name = 'vision_tower.vision_model.pre_layrnorm.bias';
	expect(await checkpoint.read(name)).toEqual(own.get(name));
});

test('a vision tower is not given to a checkpoint of the Hugging Face layout that has one', async () => {
	const opened = openCheckpoint(await smallStore(), { visionTower: await clipFolder() });
	await expect(opened).rejects.toThrow('small: the checkpoint has a vision tower of its own; leave out --vision-tower');
});

describe('weights that do not fit the configuration are refused in one line', () => {
	const changed = (change: (tensors: Map<string, Tensor>) => void) => {
		const tensors = new Map<string, Tensor>(smallTensors());
		change(tensors);
		return smallStore({ tensors });
	};

	test('a missing tensor', async () => {
		const one = await changed((tensors) => tensors.delete(Q));
		expect(await refusal(one)).toBe(`small: tensor "${Q}" is missing`);
		const two = await changed((tensors) => {
			tensors.delete(Q);
			tensors.delete(HEAD);
		});
		expect(await refusal(two)).toBe(`small: tensor "${Q}" is missing (and 1 more)`);
	});

	test('a tensor of another shape', async () => {
		const store = await changed((tensors) => tensors.set(Q, float32([4, 64], new Float32Array(256))));
		expect(await refusal(store)).toBe(
			`small/model.safetensors: tensor "${Q}" is [4, 64], but config.json asks for [16, 16]`,
		);
	});

	test('a config without a needed field names what was assumed', async () => {
		const config = hfConfig(smallConfig, plainPath) as { text_config: Record<string, unknown> };
		delete config.text_config.intermediate_size;
		expect(await refusal(await smallStore({ config }))).toMatch(
			/gate_proj.weight" is \[24, 16\], but config.json asks for \[11008, 16\]; config.json leaves out, so that we assume: text_config.intermediate_size = 11008$/,
		);
	});

	test('a tensor of whole numbers', async () => {
		const store = await changed((tensors) => tensors.set(Q, int64([16, 16], new Array(256).fill(1))));
		expect(await refusal(store)).toBe(`small/model.safetensors: tensor "${Q}" is I64; weights must be F32, F16, BF16`);
	});

	test('a tensor too many', async () => {
		const bias = Q.replace('weight', 'bias');
		const store = await changed((tensors) => tensors.set(bias, float32([16], new Float32Array(16))));
		expect(await refusal(store)).toBe(`small: tensor "${bias}" has no place in the model that config.json describes`);
	});

	test('a name of no layout', async () => {
		const store = await changed((tensors) => tensors.set('model.image_newline', float32([1], [0])));
		expect(await refusal(store)).toMatch(/tensor "model.image_newline" belongs to no known layout of LLaVA/);
	});

	test('one tensor under two names', async () => {
		const store = await changed((tensors) => tensors.set('lm_head.weight', tensors.get(HEAD)!));
		expect(await refusal(store)).toMatch(
			new RegExp(`tensor "lm_head.weight" is ${HEAD}, which the files hold already`),
		);
	});
});

test('a tied output layer needs no tensor, and a stored one is not used', async () => {
	const tied = { ...smallConfig, text: { ...smallConfig.text, tieWordEmbeddings: true } };
	const config = hfConfig(tied, plainPath);
	const rename = (name: string) => (name === HEAD ? undefined : name);
	expect((await openCheckpoint(await smallStore({ config, rename }))).names).not.toContain(HEAD);
	expect((await openCheckpoint(await smallStore({ config }))).names).not.toContain(HEAD);
});

test.each([Number.NaN, Infinity, -Infinity])('a weight of %d is reported when it is read', async (value) => {
	const tensors = smallTensors();
	tensors.get(Q)!.data[37] = value;
	const checkpoint = await openCheckpoint(await smallStore({ tensors }));
	await expect(checkpoint.read(Q)).rejects.toThrow(
		`small/model.safetensors: tensor "${Q}" holds ${value} at element 37; is the file damaged?`,
	);
	await expect(checkpoint.read(HEAD)).resolves.toMatchObject({ shape: [20, 16] });
});

test('stores are closed with the checkpoint, and where it cannot be opened', async () => {
	const closed: string[] = [];
	const watch = (store: MemoryStore, name: string) => ({ ...store, close: async () => void closed.push(name) });
	const bare = await smallStore({ config: originalConfig, rename: withoutVision });
	const visionTower = watch(await clipFolder(), 'tower');
	await (await openCheckpoint(watch(bare, 'own'), { visionTower })).close();
	expect(closed).toEqual(['own', 'tower']);
	await expect(openCheckpoint(watch(await smallStore(), 'own'), { visionTower })).rejects.toThrow(InputError);
	expect(closed).toEqual(['own', 'tower', 'own', 'tower']);
});

test('a name that is not there is an error with the name', async () => {
	const checkpoint = await openCheckpoint(await smallStore());
	await expect(checkpoint.read('nothing')).rejects.toThrow('small: no tensor "nothing"');
});
