import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nativeBackend } from '../src/backends/native.ts';
import { openRun } from '../src/eval/store.node.ts';
import {
	compressionProbeSchema,
	interventionsProbeSchema,
	permutationProbeSchema,
} from '../src/probes/accuracy-results.ts';
import { probeCompression } from '../src/probes/compression.ts';
import { probeInterventions } from '../src/probes/interventions.ts';
import { probePermutation } from '../src/probes/permutation.ts';
import { twoDsTask } from '../src/tasks/2ds.ts';
import { load } from '../src/vlm/load.node.ts';
import type { Model } from '../src/vlm/model.ts';
import { visionTokensOf } from '../src/vlm/vision.ts';

const task = twoDsTask({ images: 2, size: 64 });
let model: Model;
let out: string;

beforeAll(async () => {
	model = await load('test/fixtures/models/tiny-llava');
	out = await mkdtemp(path.join(tmpdir(), 'dorsal-probes-'));
});
afterAll(async () => {
	await model.close();
	await rm(out, { recursive: true });
});

test('permutation on the tiny model, in a run folder that it goes on from', async () => {
	const backend = await nativeBackend(model);
	const probe = async () => {
		const store = await openRun(path.join(out, 'permutation'));
		const asked: number[] = [];
		const result = await probePermutation({ task, backend, draws: 1, store, onProgress: (done) => asked.push(done) });
		await store.close();
		return { result, asked };
	};
	const { result, asked } = await probe();
	expect(permutationProbeSchema.parse(result)).toEqual(result);
	expect(result).toMatchObject({ model: 'test/fixtures/models/tiny-llava', questions: 60, images: 10 });
	expect(result.orders.map(({ name }) => name)).toEqual([
		'permuted',
		'permuted-rows',
		'permuted-columns',
		'permuted-blocks:2',
		'permuted-blocks:4',
		'reversed',
	]);
	expect(Object.keys(result.orders[0]!.byCategory).sort()).toEqual(Object.keys(result.intact.byCategory).sort());
	expect(result.orders.some(({ overall }) => overall.flips.all.share > 0)).toBe(true);
	expect(asked.length).toBeGreaterThan(1);
	const again = await probe();
	expect(again.result).toEqual(result);
	expect(again.asked).toEqual([420]);
});

test('compression on the tiny model', async () => {
	const backend = await nativeBackend(model);
	const tokens = visionTokensOf(model);
	const result = await probeCompression({
		task,
		backend,
		tokens,
		draws: 1,
		limit: 30,
		sides: [8, 2],
		positions: ['original', 'repacked'],
	});
	expect(compressionProbeSchema.parse(result)).toEqual(result);
	// All of the tokens, however they are chosen, are the plain run.
	for (const { name, tokens: kept, overall } of result.points) {
		if (kept === tokens) expect(overall.flips.all.share, name).toBe(0);
	}
	const few = probeCompression({ task, backend, tokens, selections: ['random'], counts: [65] });
	await expect(few).rejects.toThrow('there are 64 vision tokens, fewer than the 65 to select');
});

test('interventions on the tiny model', async () => {
	const backend = await nativeBackend(model);
	const result = await probeInterventions({ task, backend, limit: 30 });
	expect(interventionsProbeSchema.parse(result)).toEqual(result);
	expect(result.conditions).toHaveLength(11);
	const one = await probeInterventions({ task, backend, limit: 30, conditions: 'attention:1,scale:1' });
	for (const { overall } of one.conditions) expect(overall.flips.all.share).toBe(0);
});
