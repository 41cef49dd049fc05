import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LinearProbeOptions, probeLinear } from '../src/probes/linear.ts';
import { linearProbeSchema } from '../src/probes/linear-results.ts';
import { load } from '../src/vlm/load.node.ts';
import type { Model } from '../src/vlm/model.ts';

let model: Model;
beforeAll(async () => {
	model = await load('test/fixtures/models/tiny-llava', { trace: true });
});
afterAll(() => model.close());

const siteOf = (sites: Awaited<ReturnType<typeof probeLinear>>['sites'], part: string, layer: number | null) =>
	sites.find((site) => site.part === part && site.layer === layer)!;

test('colour stays, place fades through the encoder and comes back in the decoder', async () => {
	const seen: [number, number][] = [];
	const result = await probeLinear(model, { images: 36, folds: 3, onProgress: (...progress) => seen.push(progress) });
	expect(linearProbeSchema.parse(result)).toEqual(result);
	expect(seen.at(-1)).toEqual([72, 72]);
	const { sites } = result;
	expect(sites.map(({ part, layer }) => `${part} ${layer}`)).toEqual([
		...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((layer) => `encoder ${layer}`),
		'projected null',
		...[0, 1, 2, 3, 4].map((layer) => `decoder ${layer}`),
	]);
	const cell = (part: string, layer: number | null) => siteOf(sites, part, layer).cell!.accuracy;
	expect(cell('encoder', 0)).toBeGreaterThan(0.6);
	expect(cell('encoder', 7)).toBeLessThan(0.2);
	expect(cell('decoder', 3)).toBeGreaterThan(2 * cell('projected', null));
	expect(siteOf(sites, 'encoder', 7).color!.accuracy).toBeGreaterThan(0.85);
	expect(siteOf(sites, 'decoder', 4).color!.accuracy).toBeGreaterThan(0.95);
	for (const { row, column, cell, color, shape } of sites) {
		for (const decoded of [row!, column!, cell!, color!, shape!]) {
			expect(decoded.controlInterval[0]).toBeLessThan(decoded.chance + 0.02);
			expect(decoded.interval[0]).toBeLessThanOrEqual(decoded.accuracy);
			expect(decoded.interval[1]).toBeGreaterThanOrEqual(decoded.accuracy);
		}
	}
	// Without a tail in the vision path, the decoder reads what the projector gives.
	expect(siteOf(sites, 'decoder', 0).cell).toEqual(siteOf(sites, 'projected', null).cell);
});

test('pooled tokens are places of a smaller grid; one token has no place, and no object of its own', async () => {
	const { sites } = await probeLinear(model, { images: 10, folds: 3, path: { pool: 1 } });
	expect(siteOf(sites, 'projected', null)).toMatchObject({ side: 8 });
	const none = { row: null, column: null, cell: null, color: null, shape: null };
	expect(siteOf(sites, 'decoder', 4)).toEqual({ part: 'decoder', layer: 4, side: 1, ...none });
});

test('wide states are hashed down', async () => {
	const { sites, maxWidth } = await probeLinear(model, { images: 10, folds: 3, maxWidth: 32 });
	expect(maxWidth).toBe(32);
	expect(siteOf(sites, 'encoder', 0).cell!.accuracy).toBeLessThan(0.6);
});

describe('refuses in one line', () => {
	const cases: [string, LinearProbeOptions, string][] = [
		['two folds', { folds: 2 }, 'folds: expected a whole number of at least 3, got 2'],
		['fewer images than folds', { images: 4 }, 'images: expected a whole number of at least 5, got 4'],
		['a width of none', { maxWidth: 0 }, 'maxWidth: expected a whole number of at least 1, got 0'],
		['a permutation', { path: { permute: { kind: 'reverse' } } }, 'permuted tokens have no place in the grid'],
		['an unknown layer', { path: { layers: [12] } }, 'vision layer 12 does not exist'],
	];
	test.each(cases)('%s', async (_, options, message) => {
		await expect(probeLinear(model, options)).rejects.toThrow(message);
	});

	test('a model that cannot be looked into', async () => {
		await expect(probeLinear({ ...model, trace: false })).rejects.toThrow('load the model with { trace: true }');
	});

	test('weights that are not numbers', async () => {
		const broken = await load('test/fixtures/models/tiny-llava', { trace: true });
		const { read } = broken.checkpoint;
		broken.checkpoint.read = async (name) => {
			const tensor = await read(name);
			if (name === 'multi_modal_projector.linear_2.bias') tensor.data[0] = Number.NaN;
			return tensor;
		};
		await expect(probeLinear(broken, { images: 5 })).rejects.toThrow(
			'test/fixtures/models/tiny-llava: projected tokens: some numbers are not finite; are the weights damaged?',
		);
		await broken.close();
	});

	test('and stops when it is told to', async () => {
		const stop = new AbortController();
		const run = probeLinear(model, { onProgress: () => stop.abort(new Error('stopped')), signal: stop.signal });
		await expect(run).rejects.toThrow('stopped');
	});
});
