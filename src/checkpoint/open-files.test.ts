import { describe, expect, test } from 'vitest';
import {
	clipFolder,
	jsonBytes,
	originalConfig,
	plainPath,
	refusal,
	smallConfig,
	smallStore,
	smallTensors,
	withoutVision,
	writeTensors,
} from '../../test/small-checkpoint.ts';
import { hfConfig } from './config-write.ts';
import { type MemoryStore, memoryStore } from './files.memory.ts';
import { openCheckpoint } from './open.ts';

const Q = 'language_model.model.layers.0.self_attn.q_proj.weight';

describe('files that are missing or wrong are named', () => {
	test.each<[string, (store: MemoryStore) => void, string | RegExp]>([
		[
			'no config.json',
			(s) => s.files.delete('config.json'),
			'small/config.json: not there; is this a checkpoint folder?',
		],
		[
			'a config.json that is no JSON',
			(s) => s.files.set('config.json', jsonBytes({}).slice(1)),
			/^small\/config.json: not JSON/,
		],
		[
			'a tokenizer.json that is no JSON',
			(s) => s.files.set('tokenizer.json', new Uint8Array(3)),
			/^small\/tokenizer.json: not JSON/,
		],
		['no weights', (s) => s.files.delete('model.safetensors'), /^small: neither model.safetensors nor .* is there/],
		[
			'truncated weights',
			(s) => s.files.set('model.safetensors', s.files.get('model.safetensors')!.slice(0, -1)),
			/^small\/model.safetensors: tensor .* is the file complete\?$/,
		],
		[
			'a chat template of no text',
			(s) => s.files.set('chat_template.json', jsonBytes({ chat_template: 7 })),
			'small/chat_template.json: chat_template: expected text or a list of named templates, got 7',
		],
	])('%s', async (_, damage, message) => {
		const store = await smallStore();
		damage(store);
		expect(await refusal(store)).toMatch(message);
	});

	test('pickled weights', async () => {
		const store = await smallStore();
		store.files.delete('model.safetensors');
		store.files.set('pytorch_model.bin', new Uint8Array(1));
		expect(await refusal(store)).toMatch(
			/pytorch_model.bin, which cannot be read safely; save the model as safetensors/,
		);
	});

	test.each<[string, unknown, RegExp]>([
		['of no map', { weight_map: 7 }, /weight_map: expected an object, got 7/],
		[
			'that leads out of the folder',
			{ weight_map: { a: '../../secret.safetensors' } },
			/weight_map\["a"\]: expected the name of a .safetensors file/,
		],
		[
			'of a shard that is not there',
			{ weight_map: { a: 'model-1.safetensors' } },
			/small\/model-1.safetensors: not there/,
		],
		[
			'of a tensor that is not there',
			{ weight_map: { a: 'shard.safetensors' } },
			/shard.safetensors: tensor "a" is missing, though model.safetensors.index.json names it/,
		],
		[
			'of too many shards',
			{ weight_map: Object.fromEntries(Array.from({ length: 401 }, (_, i) => [i, `${i}.safetensors`])) },
			/401 shards exceed the limit of 400/,
		],
	])('an index %s', async (_, index, message) => {
		const store = await smallStore();
		store.files.set('shard.safetensors', store.files.get('model.safetensors')!);
		store.files.delete('model.safetensors');
		store.files.set('model.safetensors.index.json', jsonBytes(index));
		expect(await refusal(store)).toMatch(message);
	});
});

test.each<[string, Record<string, unknown>, string | null]>([
	['chat_template.jinja first', { 'chat_template.jinja': 'A', 'chat_template.json': { chat_template: 'B' } }, 'A'],
	[
		'then chat_template.json',
		{ 'chat_template.json': { chat_template: 'B' }, 'tokenizer_config.json': { chat_template: 'C' } },
		'B',
	],
	['then tokenizer_config.json', { 'tokenizer_config.json': { chat_template: 'C' } }, 'C'],
	[
		'of several the default',
		{
			'tokenizer_config.json': {
				chat_template: [
					{ name: 'rag', template: 'R' },
					{ name: 'default', template: 'D' },
				],
			},
		},
		'D',
	],
	['none', { 'tokenizer_config.json': {} }, null],
])('the chat template: %s', async (_, files, expected) => {
	const store = await smallStore();
	for (const [path, content] of Object.entries(files)) {
		store.files.set(path, typeof content === 'string' ? new TextEncoder().encode(content) : jsonBytes(content));
	}
	expect((await openCheckpoint(store)).files.chatTemplate).toBe(expected);
});

describe('hash', () => {
	const hashOf = async (change: (store: MemoryStore) => void | Promise<void> = () => {}) => {
		const store = await smallStore();
		await change(store);
		return (await openCheckpoint(store)).hash();
	};

	test('is the same for the same files, wherever they lie', async () => {
		const hash = await hashOf();
		expect(hash).toMatch(/^[0-9a-f]{64}$/);
		expect(await hashOf()).toBe(hash);
		const elsewhere = memoryStore((await smallStore()).files, { location: 'elsewhere' });
		expect(await (await openCheckpoint(elsewhere)).hash()).toBe(hash);
	});

	test('differs when anything that determines an answer does, and only then', async () => {
		const hash = await hashOf();
		const other = smallTensors();
		other.get(Q)!.data[0]! += 1;
		const changes: ((store: MemoryStore) => void | Promise<void>)[] = [
			(store) => writeTensors(store, other),
			(store) => void store.files.set('tokenizer.json', jsonBytes({})),
			(store) => void store.files.set('chat_template.jinja', jsonBytes({})),
			(store) => void store.files.set('preprocessor_config.json', jsonBytes({})),
			(store) =>
				void store.files.set('config.json', jsonBytes({ ...(hfConfig(smallConfig, plainPath) as object), x: 1 })),
		];
		const hashes = await Promise.all(changes.map(hashOf));
		expect(new Set([hash, ...hashes]).size).toBe(changes.length + 1);
		expect(await hashOf((store) => void store.files.set('README.md', jsonBytes({})))).toBe(hash);
	});

	test('takes the vision tower in', async () => {
		const hashes = await Promise.all(
			[0, 1].map(async (change) => {
				const tower = await clipFolder();
				if (change) tower.files.set('preprocessor_config.json', jsonBytes({}));
				const store = await smallStore({ config: originalConfig, rename: withoutVision });
				return (await openCheckpoint(store, { visionTower: tower })).hash();
			}),
		);
		expect(hashes[0]).not.toBe(hashes[1]);
	});
});
