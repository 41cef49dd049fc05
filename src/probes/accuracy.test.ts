import { describe, expect, test } from 'vitest';
import { fakeBackend, fakeFacts, fakeTask } from '../../test/support/fake-eval.ts';
import type { Backend, Condition } from '../backends/backend.ts';
import { UsageError } from '../base/errors.ts';
import { memoryStore } from '../eval/store.ts';
import { compressionProbeSchema, interventionsProbeSchema, permutationProbeSchema } from './accuracy-results.ts';
import { probeCompression } from './compression.ts';
import { probeInterventions } from './interventions.ts';
import { probePermutation } from './permutation.ts';

const task = fakeTask({ images: 10, perImage: 3 });
const right = new Map(task.questions.map(({ id, answer }) => [id, answer]));
const other = { yes: 'no', no: 'yes' } as const;

/** Answers a question rightly where `knows` says so, else with the opposite. */
function knowing(knows: (condition: Condition, question: number) => boolean, cannot = fakeBackend().cannot): Backend {
	return {
		facts: fakeFacts,
		cannot,
		prepare: async () => ({
			answer: async (condition, asks) =>
				asks.map(({ id }) => {
					const answer = right.get(id) as keyof typeof other;
					return knows(condition, Number(id.slice(1))) ? answer : other[answer];
				}),
			release: () => {},
		}),
		close: async () => {},
	};
}

describe('permutation', () => {
	// 24 of 30 right; every shuffle takes away the six that are divisible by five, and gives those above 26.
	const plain = (i: number) => i < 24;
	const backend = knowing(({ name }, i) => (name === 'intact' ? plain(i) : (plain(i) && i % 5 !== 0) || i > 26));

	test('PSI and flips, worked out by hand', async () => {
		const result = await probePermutation({ task, backend, draws: 2, blocks: [2] });
		expect(permutationProbeSchema.parse(result)).toEqual(result);
		expect(result).toMatchObject({ task: 'fake', questions: 30, images: 10, data: 'A fake task, 10 images' });
		expect(result.intact.overall.accuracy).toBe(0.8);
		expect(result.orders.map(({ name, within, block, draws }) => [name, within, block, draws])).toEqual([
			['permuted', 'grid', null, 2],
			['permuted-rows', 'rows', null, 2],
			['permuted-columns', 'columns', null, 2],
			['permuted-blocks:2', 'blocks', 2, 2],
			['reversed', 'reversed', null, 1],
		]);
		for (const { overall, byCategory } of result.orders) {
			// Lost: 0, 5, 10, 15, 20; won: 27, 28, 29.
			expect(overall.score.accuracy).toBeCloseTo(22 / 30, 12);
			expect(overall.psi).toBeCloseTo(2 / 24, 12);
			expect(overall.flips.all.share).toBeCloseTo(8 / 30, 12);
			expect(overall.flips.right!.share).toBeCloseTo(5 / 24, 12);
			// Even ones: lost 0, 10, 20, won 28, of 15; right before: 12.
			expect(byCategory.even!.flips.all.share).toBeCloseTo(4 / 15, 12);
			expect(byCategory.even!.flips.right!.share).toBeCloseTo(3 / 12, 12);
			const [low, high] = overall.psiInterval!;
			expect(low).toBeLessThan(2 / 24);
			expect(high).toBeGreaterThan(2 / 24);
		}
	});

	test('leaves out default blocks that the grid has none of, but not those that were asked for', async () => {
		const odd = knowing(
			() => true,
			({ path: { permute } }) => (permute?.kind === 'random' && permute.block === 4 ? 'blocks of 4' : null),
		);
		const { orders } = await probePermutation({ task, backend: odd, draws: 1 });
		expect(orders.map(({ block }) => block)).toEqual([null, null, null, 2, null]);
		const wrong = probePermutation({ task, backend: odd, draws: 1, blocks: [4] });
		await expect(wrong).rejects.toThrow('probe permutation: models/fake: blocks of 4');
	});

	test('nothing right leaves no PSI and no flips among the right', async () => {
		const result = await probePermutation({ task, backend: knowing(() => false), draws: 1 });
		const { psi, psiInterval, flips } = result.orders[0]!.overall;
		expect({ psi, psiInterval, flips }).toMatchObject({
			psi: null,
			psiInterval: null,
			flips: { all: { share: 0 }, right: null },
		});
	});

	test('a probe that was cut short goes on where it stopped', async () => {
		const whole = await probePermutation({ task, backend, draws: 2, imagesPerBatch: 4 });
		const store = memoryStore();
		const stop = new AbortController();
		const seen: number[] = [];
		const run = (signal?: AbortSignal) =>
			probePermutation({
				task,
				backend,
				draws: 2,
				imagesPerBatch: 4,
				store,
				onProgress: (done, total) => {
					seen.push(done);
					if (done > total / 2) stop.abort(new Error('stopped'));
				},
				...(signal && { signal }),
			});
		await expect(run(stop.signal)).rejects.toThrow('stopped');
		const first = seen.length;
		expect(await run()).toEqual(whole);
		expect(seen[first]).toBe(seen[first - 1]);
	});

	test.each([0, -1, 1.5, 2000])('refuses %d draws', async (draws) => {
		await expect(probePermutation({ task, backend, draws })).rejects.toThrow(UsageError);
	});
});

describe('compression', () => {
	// Whoever keeps n of 64 tokens knows the first n questions.
	const tokensOf = ({ path, select }: Condition) => (path.pool ? path.pool ** 2 : (select?.count ?? 64));
	const backend = knowing((condition, i) => i < tokensOf(condition));

	test('accuracy by number of tokens, in every way and at both places', async () => {
		const result = await probeCompression({
			task,
			backend,
			tokens: 64,
			draws: 2,
			positions: ['original', 'repacked'],
		});
		expect(compressionProbeSchema.parse(result)).toEqual(result);
		const kinds = 'random strided attention class-attention farthest'.split(' ');
		expect(result.points.map(({ method, positions, tokens }) => [method, positions, tokens])).toEqual([
			...[16, 4, 1].map((tokens) => ['pool', null, tokens]),
			...kinds.flatMap((kind) =>
				[16, 4, 1].flatMap((tokens) => ['original', 'repacked'].map((positions) => [kind, positions, tokens])),
			),
		]);
		for (const { tokens, overall } of result.points) {
			expect(overall.score.accuracy).toBeCloseTo(tokens / 30, 12);
			expect(overall.difference).toBeCloseTo(tokens / 30 - 1, 12);
		}
		expect(result.points.filter(({ draws }) => draws === 2)).toHaveLength(6);
	});

	test('models retrained at each number stand beside the intact one', async () => {
		const seen: [number, number][] = [];
		const small = (known: number, model: string): Backend => ({
			...knowing((_, i) => i < known),
			facts: { ...fakeFacts, model, modelHash: model },
		});
		const result = await probeCompression({
			task,
			backend,
			tokens: 64,
			sides: [2],
			selections: [],
			retrained: [
				{ backend: small(15, 'one'), tokens: 1 },
				{ backend: small(24, 'sixteen'), tokens: 16 },
			],
			onProgress: (...progress) => seen.push(progress),
		});
		expect(compressionProbeSchema.parse(result)).toEqual(result);
		const rows = result.retrained.map(({ model, tokens, overall, difference }) => [
			model,
			tokens,
			overall.accuracy,
			difference,
		]);
		expect(rows).toEqual([
			['sixteen', 16, 0.8, expect.closeTo(-0.2, 12)],
			['one', 1, 0.5, -0.5],
		]);
		expect(seen.at(-1)).toEqual([120, 120]);
		expect(seen.every(([, total]) => total === 120)).toBe(true);
		expect(seen.map(([done]) => done)).toEqual([...seen.map(([done]) => done)].sort((a, b) => a - b));
	});

	test('says which way cannot be gone', async () => {
		const limited = knowing(
			() => true,
			({ select }) => (select?.kind === 'class-attention' ? 'no class token' : null),
		);
		const { points } = await probeCompression({ task, backend: limited, tokens: 4, positions: ['original'] });
		expect(points.map(({ method }) => method)).not.toContain('class-attention');
		const asked = probeCompression({ task, backend: limited, tokens: 4, selections: ['class-attention'] });
		await expect(asked).rejects.toThrow('probe compression: select:class-attention:1: no class token');
	});
});

describe('interventions', () => {
	test('each beside the model as it is', async () => {
		const backend = knowing(({ attention }, i) => i < (attention?.kind === 'fixed' ? 20 : 15));
		const conditions = 'intact,attention:1.5,adaptvis:0.35:0.5:1.5,pool:2&attention:2';
		const result = await probeInterventions({ task, backend, conditions });
		expect(interventionsProbeSchema.parse(result)).toEqual(result);
		expect(result.conditions.map(({ name, overall }) => [name, overall.score.accuracy])).toEqual([
			['attention:1.5', 20 / 30],
			['adaptvis:0.35:0.5:1.5', 0.5],
			['pool:2&attention:2', 20 / 30],
		]);
		await expect(probeInterventions({ task, backend, conditions: 'intact' })).rejects.toThrow(UsageError);
	});
});
