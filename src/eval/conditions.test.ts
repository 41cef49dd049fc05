import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../base/errors.ts';
import { conditionHelp, parseConditions } from './conditions.ts';

describe('parseConditions', () => {
	it('reads the default list: one plain run, three permutations seeded from the seed, no image', () => {
		const random = (seed: number) => ({ permute: { kind: 'random', seed, within: 'grid' } });
		expect(parseConditions('intact, permuted,text-only', { seed: 5 })).toEqual([
			{ name: 'intact', image: 'own', path: {}, draw: 0 },
			{ name: 'permuted', image: 'own', path: random(5), draw: 0 },
			{ name: 'permuted', image: 'own', path: random(6), draw: 1 },
			{ name: 'permuted', image: 'own', path: random(7), draw: 2 },
			{ name: 'text-only', image: 'none', path: {}, draw: 0 },
		]);
	});

	it.each([
		['wrong-image', { name: 'wrong-image', image: 'wrong', path: {} }],
		['reversed', { path: { permute: { kind: 'reverse' } } }],
		['pool:4', { name: 'pool:4', path: { pool: 4 } }],
		['scale:0.10', { name: 'scale:0.1', path: { scale: 0.1 } }],
		['scale:1e-3', { name: 'scale:0.001', path: { scale: 0.001 } }],
		['normalize:match-mean', { path: { normalize: { mode: 'match-mean', targetMean: null, maxNorm: null } } }],
		['layers:-2', { name: 'layers:-2', path: { layers: [-2] } }],
		['layers:4+6+7+8', { name: 'layers:4+6+7+8', path: { layers: [4, 6, 7, 8] } }],
		['path:{"scale": 2, "pool": 3}', { name: 'path:{"pool":3,"scale":2}', path: { scale: 2, pool: 3 } }],
		['pixels:mirror', { name: 'pixels:mirror', image: 'own', path: {}, pixels: { kind: 'mirror' } }],
		['pixels:rotate', { pixels: { kind: 'rotate' } }],
		['pixels:blank', { pixels: { kind: 'blank' } }],
		['pixels:crop', { pixels: { kind: 'crop', margin: 0.25 } }],
		['pixels:blur:4.0', { name: 'pixels:blur:4', pixels: { kind: 'blur', sigma: 4 } }],
		['pixels:mirror&wrong-image', { image: 'wrong', pixels: { kind: 'mirror' } }],
		[
			'select:strided:16',
			{ name: 'select:strided:16', path: {}, select: { kind: 'strided', count: 16, positions: 'original' } },
		],
		[
			'select:attention:4:repacked:layer=2',
			{
				name: 'select:attention:4:layer=2:repacked',
				select: { kind: 'attention', count: 4, positions: 'repacked', layer: 2 },
			},
		],
		['select:class-attention:4', { select: { kind: 'class-attention', count: 4, layer: null } }],
		['select:farthest:4', { select: { kind: 'farthest', metric: 'cosine' } }],
		['select:farthest:4:l2', { name: 'select:farthest:4:l2', select: { kind: 'farthest', metric: 'l2' } }],
		['select:random:4:1', { name: 'select:random:4', select: { kind: 'random', seed: 0 } }],
		['attention:1.50', { name: 'attention:1.5', attention: { kind: 'fixed', factor: 1.5 } }],
		[
			'adaptvis:0.35:0.5:1.5',
			{ name: 'adaptvis:0.35:0.5:1.5', attention: { kind: 'adaptive', threshold: 0.35, unsure: 0.5, sure: 1.5 } },
		],
		['attention:2&select:strided:4&pool:4', { name: 'attention:2&select:strided:4&pool:4', path: { pool: 4 } }],
		['wrong-image&pool:2', { name: 'wrong-image&pool:2', image: 'wrong', path: { pool: 2 } }],
	])('reads %s', (text, expected) => {
		const conditions = parseConditions(text);
		expect(conditions).toHaveLength(1);
		expect(conditions[0]).toMatchObject(expected);
	});

	it.each([
		['permuted:5', 'permuted', 5],
		['permuted-rows', 'permuted-rows', 3],
		['permuted-columns:2', 'permuted-columns', 2],
		['permuted-blocks:4', 'permuted-blocks:4', 3],
		['permuted-blocks:4:6', 'permuted-blocks:4', 6],
		['pool:4&permuted:2', 'pool:4&permuted', 2],
		['pixels:shuffle:8', 'pixels:shuffle:8', 3],
		['pixels:shuffle:8:2', 'pixels:shuffle:8', 2],
		['select:random:16', 'select:random:16', 3],
		['select:random:16:5:repacked', 'select:random:16:repacked', 5],
	])('draws %s as %s, %i times', (text, name, draws) => {
		const conditions = parseConditions(text);
		expect(conditions.map((condition) => [condition.name, condition.draw])).toEqual(
			Array.from({ length: draws }, (_, draw) => [name, draw]),
		);
		expect(new Set(conditions.map(({ path, pixels, select }) => JSON.stringify([path, pixels, select]))).size).toBe(
			draws,
		);
	});

	it('keeps JSON whole among other conditions', () => {
		const list = parseConditions('path:{"layers":[4,6],"permute":{"kind":"list","order":[1,0]}},intact');
		expect(list.map(({ name }) => name)).toEqual([
			'path:{"layers":[4,6],"permute":{"kind":"list","order":[1,0]}}',
			'intact',
		]);
	});

	it('names every kind where one is unknown', () => {
		expect(() => parseConditions('permutted')).toThrow(
			/^--condition "permutted": there is no such condition; there are intact, permuted\[:DRAWS\], /,
		);
		for (const { usage } of conditionHelp) expect(() => parseConditions('constructor')).toThrow(usage);
	});

	it.each([
		['', 'there is no such condition'],
		['intact,,permuted', 'there is no such condition'],
		['permuted:0', 'expected permuted[:DRAWS]'],
		['permuted:1001', 'expected permuted[:DRAWS]'],
		['permuted-blocks', 'expected permuted-blocks:SIDE[:DRAWS]'],
		['permuted-blocks:2:3:4', 'expected permuted-blocks:SIDE[:DRAWS]'],
		['pool', 'expected pool:SIDE'],
		['pool:-1', 'expected pool:SIDE'],
		['scale:0x10', 'expected scale:FACTOR'],
		['scale:1e999', 'expected scale:FACTOR'],
		['normalize:max', 'expected normalize:paper|match-mean'],
		['layers:4,6', 'there is no such condition'],
		['layers:4+', 'expected layers:N[+N…]'],
		['intact:2', 'expected intact'],
		['path:{"pool":', 'not JSON'],
		['path:{"pool":"4"}', 'pool: expected a number, got "4"'],
		['path:{"polo":4}', 'unknown key "polo"'],
		['pool:4&pool:2', 'pool is set twice'],
		['reversed&permuted', 'permute is set twice'],
		['text-only&wrong-image', 'two images'],
		['text-only&pool:2', 'without an image'],
		['pixels', 'expected pixels:shuffle:GRID'],
		['pixels:shuffle', 'expected pixels:shuffle:GRID'],
		['pixels:shuffle:1', 'expected pixels:shuffle:GRID'],
		['pixels:shuffle:4:0', 'expected pixels:shuffle:GRID'],
		['pixels:mirror:2', 'expected pixels:shuffle:GRID'],
		['pixels:blur:0', 'expected pixels:shuffle:GRID'],
		['pixels:blur', 'expected pixels:shuffle:GRID'],
		['pixels:blur:2&pixels:mirror', 'pixels is set twice'],
		['text-only&pixels:mirror', 'without an image'],
		['select', 'expected select:random|strided|attention|class-attention|farthest:COUNT'],
		['select:best:4', 'expected select:random'],
		['select:random:0', 'expected select:random'],
		['select:random:4:0', 'expected select:random'],
		['select:strided:4:3', 'expected select:random'],
		['select:strided:4:layer=1', 'expected select:random'],
		['select:strided:4:l2', 'expected select:random'],
		['select:attention:4:layer=-1', 'expected select:random'],
		['select:attention:4:repacked:repacked', 'expected select:random'],
		['select:strided:4&select:strided:2', 'select is set twice'],
		['attention', 'expected attention:FACTOR'],
		['attention:much', 'expected attention:FACTOR'],
		['adaptvis:0.3:1', 'expected adaptvis:THRESHOLD:UNSURE:SURE'],
		['adaptvis:1.3:1:1', 'expected adaptvis:THRESHOLD:UNSURE:SURE'],
		['adaptvis:0.3:1:1:1', 'expected adaptvis:THRESHOLD:UNSURE:SURE'],
		['attention:1&adaptvis:0.3:1:1', 'attention is set twice'],
		['text-only&attention:2', 'without an image'],
		['intact&pool:2', 'intact is combined with nothing'],
		['permuted,intact,permuted:5', 'permuted is named twice'],
	])('refuses %j in one line', (text, message) => {
		const attempt = () => parseConditions(text);
		expect(attempt).toThrow(UsageError);
		expect(attempt).toThrow(message);
		expect(attempt).toThrow(/^--condition .*$/);
	});

	it('either reads any text or says in one line why not', () => {
		const word = fc.constantFrom(
			'intact',
			'permuted',
			'pool',
			'path',
			'scale',
			'layers',
			':',
			'&',
			',',
			'{',
			'}',
			'[',
			'"pool"',
			'4',
			'-',
			'+',
			'\n',
		);
		fc.assert(
			fc.property(
				fc.oneof(
					fc.string(),
					fc.array(word).map((words) => words.join('')),
				),
				(text) => {
					try {
						expect(parseConditions(text).length).toBeGreaterThan(0);
					} catch (error) {
						expect(error).toBeInstanceOf(UsageError);
						expect((error as Error).message).not.toMatch(/[\n\r]/);
					}
				},
			),
		);
	});
});
