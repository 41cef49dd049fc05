import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeFacts, fakeTask } from '../../test/support/fake-eval.ts';
import { parseConditions } from './conditions.ts';
import { buildManifest } from './manifest.ts';
import { createTally, resultsOf } from './results.ts';
import { type RunRecord, resultsSchema } from './run.ts';

function manifestOf(conditions: string) {
	return buildManifest({
		task: fakeTask(),
		backend: fakeFacts,
		conditions: parseConditions(conditions),
		settings: { maxNewTokens: 32, temperature: 0, seed: 0 },
		seed: 0,
		questions: 4,
		imagesPerBatch: 16,
		gallery: [],
	});
}

function record(id: number, changes: Partial<RunRecord> = {}): RunRecord {
	const correct = changes.correct ?? false;
	return {
		id: `q${id}`,
		image: `i${Math.floor(id / 2)}`,
		condition: 'intact',
		draw: 0,
		category: 'c',
		groups: {},
		prompt: '',
		answer: 'yes',
		chance: 0.5,
		raw: '',
		value: null,
		status: 'ok',
		correct,
		lenient: correct,
		...changes,
	};
}

describe('results', () => {
	it('scores by category and group, strictly and leniently, beside chance', async () => {
		const results = await resultsOf(manifestOf('intact'), [
			record(0, { correct: true, category: 'color', chance: 0.25, groups: { objects: '2', form: 'open' } }),
			record(1, {
				status: 'none',
				lenient: true,
				category: 'color',
				chance: 0.25,
				groups: { objects: '3', form: 'open' },
			}),
			record(2, { status: 'ambiguous', category: 'shape', groups: { objects: '2' } }),
			record(3, { correct: true, category: 'shape', groups: { objects: '3' } }),
		]);
		expect(resultsSchema.parse(results)).toEqual(results);
		const { intact } = results.conditions;
		expect(intact).toMatchObject({
			questions: 4,
			accuracy: 0.5,
			lenient: 0.75,
			unparsed: 0.5,
			chance: 0.375,
			draws: [],
		});
		// scipy 1.10.0: binomtest(2, 4).proportion_ci(0.95, method='wilson')
		expect(intact!.interval).toBeAllclose([0.15003898915214953, 0.8499610108478505], { atol: 1e-9 });
		expect(intact!.byCategory.color).toMatchObject({
			questions: 2,
			accuracy: 0.5,
			lenient: 1,
			unparsed: 0.5,
			chance: 0.25,
		});
		expect(intact!.byGroup.objects!['3']).toMatchObject({ questions: 2, accuracy: 0.5 });
		expect(Object.keys(intact!.byGroup.form!)).toEqual(['open']);
		expect(intact).not.toHaveProperty('sets');
		expect(results.paired).toEqual([]);
	});

	it('scores over all draws, with the interval of the questions there are', async () => {
		const results = await resultsOf(
			manifestOf('intact,permuted:2'),
			[0, 1, 2, 3].flatMap((id) => [
				record(id, { correct: true }),
				record(id, { condition: 'permuted', draw: 0, correct: id < 2 }),
				record(id, { condition: 'permuted', draw: 1, correct: id < 1 }),
			]),
		);
		const { permuted } = results.conditions;
		expect(permuted).toMatchObject({ questions: 4, accuracy: 3 / 8 });
		expect(permuted!.draws.map(({ accuracy }) => accuracy)).toEqual([0.5, 0.25]);
		const [low, high] = permuted!.interval;
		// The same formula in Python for 1.5 of 4; 4 questions, not 8 answers.
		expect([low, high]).toBeAllclose([0.0918992291790121, 0.7805734799346372], { atol: 1e-12 });
		const [all] = results.paired;
		expect(all).toMatchObject({ a: 'intact', b: 'permuted', category: null, questions: 4, onlyA: 2, onlyB: 0, p: 0.5 });
		expect(results.images).toBe(all!.images);
		expect([all!.difference, all!.psi!]).toBeAllclose([-5 / 8, 5 / 8], { atol: 1e-12 });
		expect(results.paired.map(({ category }) => category)).toEqual([null, 'c']);
	});

	it('sets every condition against intact, wherever it stands, else against the first', async () => {
		const pairs = async (list: string) => {
			const manifest = manifestOf(list);
			const { paired } = await resultsOf(
				manifest,
				manifest.conditions.map(({ name, draw }) => record(0, { condition: name, draw })),
			);
			return paired.filter(({ category }) => category === null).map(({ a, b }) => [a, b]);
		};
		expect(await pairs('pool:2,intact,permuted:1')).toEqual([
			['intact', 'pool:2'],
			['intact', 'permuted'],
		]);
		expect(await pairs('reversed,text-only')).toEqual([['reversed', 'text-only']]);
	});

	it('counts a set as right where all its questions are, and leaves out sets not answered whole', async () => {
		const inSet = (id: number, set: string, correct: boolean) =>
			record(id, { correct, groups: { 'set:quad': set, objects: '2' } });
		const tally = createTally(manifestOf('intact'));
		const answers = [
			inSet(0, 'x', true),
			inSet(1, 'x', true),
			inSet(2, 'y', true),
			inSet(3, 'y', false),
			inSet(4, 'z', true),
		];
		for (const answer of answers) tally.add(answer, '');
		const { sets, byGroup } = tally.results().conditions.intact!;
		expect(sets).toMatchObject({ quad: { sets: 3, accuracy: 2 / 3, chance: (0.25 + 0.25 + 0.5) / 3 } });
		expect(Object.keys(byGroup)).toEqual(['objects']);
	});

	it('leaves out what is not answered yet: conditions, and questions of a paired comparison', async () => {
		const results = await resultsOf(manifestOf('intact,permuted:2,text-only'), [
			record(0, { correct: true }),
			record(1),
			record(0, { condition: 'permuted', draw: 0 }),
			record(0, { condition: 'permuted', draw: 1, correct: true }),
			record(1, { condition: 'permuted', draw: 0, correct: true }),
		]);
		expect(Object.keys(results.conditions)).toEqual(['intact', 'permuted']);
		expect(results.conditions.permuted).toMatchObject({ questions: 2, accuracy: 2 / 3 });
		expect(results.paired[0]).toMatchObject({ questions: 1, difference: -0.5 });
		expect(await resultsOf(manifestOf('intact'), [])).toMatchObject({ conditions: {}, paired: [] });
	});

	it('refuses a record of another condition and a second answer', () => {
		const tally = createTally(manifestOf('intact'));
		expect(() => tally.add(record(0, { condition: 'pool:2' }), 'line 1')).toThrow(
			'line 1: condition "pool:2" (draw 0) is not in manifest.json; were two runs mixed up?',
		);
		tally.add(record(0), 'line 1');
		expect(() => tally.add(record(0), 'line 2')).toThrow('line 2: "q0" is answered twice under "intact" (draw 0)');
	});

	it('equals a count by hand for any records, in any order', () => {
		const answers = fc.uniqueArray(
			fc.record({
				id: fc.nat(20),
				draw: fc.nat(1),
				correct: fc.boolean(),
				lenient: fc.boolean(),
				status: fc.constantFrom('ok', 'none', 'ambiguous'),
			}),
			{ selector: ({ id, draw }) => `${id} ${draw}`, minLength: 1 },
		);
		fc.assert(
			fc.property(answers, (given) => {
				const tally = createTally(manifestOf('permuted:2'));
				const category = (id: number) => (id % 3 === 0 ? 'third' : 'other');
				for (const { id, ...rest } of given) {
					tally.add(record(id, { ...rest, condition: 'permuted', category: category(id) } as Partial<RunRecord>), '');
				}
				const { permuted } = tally.results().conditions;
				for (const name of [undefined, 'third', 'other']) {
					const part = given.filter(({ id }) => name === undefined || category(id) === name);
					const score = name === undefined ? permuted : permuted!.byCategory[name];
					if (part.length === 0) {
						expect(score).toBeUndefined();
						continue;
					}
					expect(score).toMatchObject({
						questions: new Set(part.map(({ id }) => id)).size,
						accuracy: part.filter(({ correct }) => correct).length / part.length,
						lenient: part.filter(({ lenient }) => lenient).length / part.length,
						unparsed: part.filter(({ status }) => status !== 'ok').length / part.length,
					});
				}
			}),
		);
	});
});
