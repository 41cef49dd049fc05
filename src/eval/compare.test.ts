import { describe, expect, it } from 'vitest';
import { fakeFacts, fakeTask } from '../../test/support/fake-eval.ts';
import { compareRuns } from './compare.ts';
import { compareText } from './compare-text.ts';
import { parseConditions } from './conditions.ts';
import { buildManifest, type ManifestParts } from './manifest.ts';
import type { RunRecord } from './run.ts';
import { jsonFile, memoryStore, type Run, recordLines, runFrom } from './store.ts';

/** A run of the fake task's first questions, four unless told otherwise; `raws[condition]` are its answers by question and draw. */
async function runOf(
	location: string,
	raws: Record<string, string[]>,
	{
		records = (record) => record,
		task = fakeTask(),
		questions = 4,
		...changes
	}: Partial<ManifestParts> & { records?: (record: RunRecord) => RunRecord } = {},
): Promise<Run> {
	const conditions = parseConditions(Object.keys(raws).join(','));
	const manifest = buildManifest({
		task,
		backend: fakeFacts,
		conditions,
		settings: { maxNewTokens: 32, temperature: 0, seed: 0 },
		seed: 0,
		questions,
		imagesPerBatch: 16,
		gallery: [],
		...changes,
	});
	const store = memoryStore(location);
	await store.write('manifest.json', jsonFile(manifest));
	const names = [...new Set(conditions.map(({ name }) => name))];
	const written = Object.values(raws).flatMap((answers, c) =>
		answers.map((raw, i): RunRecord => {
			const { id, image, category, groups, prompt, chance } = task.questions[i % questions]!;
			const correct = raw === 'yes';
			const draw = Math.floor(i / questions);
			const given = { raw, value: raw, status: 'ok' as const, correct, lenient: correct };
			return { id, image, condition: names[c]!, draw, category, groups, prompt, answer: 'yes', chance, ...given };
		}),
	);
	await store.append(recordLines(written.map(records)));
	return runFrom(store);
}

describe('compareRuns', () => {
	it('tells what differs, tests what is shared and lists what flipped', async () => {
		const a = await runOf('runs/a', { intact: ['yes', 'yes', 'no', 'No'], 'pool:2': ['no', 'no', 'no', 'no'] });
		const backend = { ...fakeFacts, modelHash: 'def', versions: { engine: '2.0' } };
		const b = await runOf(
			'runs/b',
			{ intact: ['yes', 'no', 'yes', 'no'], reversed: ['no', 'no', 'no', 'no'] },
			{ backend },
		);
		const comparison = await compareRuns(a, b);
		expect(comparison).toMatchObject({
			a: { location: 'runs/a', model: 'models/fake', task: 'fake' },
			onlyInA: ['pool:2'],
			onlyInB: ['reversed'],
		});
		expect(comparison.differences.map(({ part }) => part)).toEqual(['model', 'conditions', 'conditions', 'versions']);
		const [intact] = comparison.conditions;
		expect(intact).toMatchObject({ condition: 'intact', shared: 4, onlyInA: 0, onlyInB: 0, differing: 0, changed: 3 });
		expect(intact!.paired.map(({ category }) => category)).toEqual([null, 'even', 'odd']);
		expect(intact!.paired[0]).toMatchObject({
			a: 'runs/a',
			b: 'runs/b',
			accuracyA: 0.5,
			accuracyB: 0.5,
			difference: 0,
			onlyA: 1,
			onlyB: 1,
			p: 1,
		});
		expect(intact!.paired[1]).toMatchObject({ accuracyA: 0.5, accuracyB: 1, difference: 0.5 });
		const flip = { category: 'odd', prompt: 'Is it 1?', answer: 'yes' };
		expect(intact!.flips).toEqual([
			{ ...flip, id: 'q1', a: 'yes', b: 'no', right: 'a' },
			{ ...flip, id: 'q2', category: 'even', prompt: 'Is it 2?', a: 'no', b: 'yes', right: 'b' },
		]);
	});

	it('counts a question with its mean over draws, and flips in the first draw', async () => {
		const a = await runOf('a', { 'permuted:2': ['yes', 'yes', 'yes', 'yes', 'no', 'no', 'no', 'no'] });
		const b = await runOf('b', { 'permuted:1': ['yes', 'yes', 'yes', 'no'] });
		const [permuted] = (await compareRuns(a, b)).conditions;
		expect(permuted!.paired[0]).toMatchObject({
			accuracyA: 0.5,
			accuracyB: 0.75,
			drawsA: [1, 0],
			drawsB: [0.75],
			difference: 0.25,
			onlyA: 1,
			onlyB: 0,
		});
		expect(permuted!.flips.map(({ id }) => id)).toEqual(['q3']);
	});

	it('leaves out what is not the same question', async () => {
		const a = await runOf('a', { intact: ['yes', 'yes', 'yes', 'yes'] });
		const other = (record: RunRecord) => {
			if (record.id === 'q0') return { ...record, prompt: 'Is it not 0?' };
			if (record.id === 'q1') return { ...record, answer: 'no' };
			return record.id === 'q2' ? { ...record, id: 'q99' } : record;
		};
		const task = fakeTask({ dataHash: 'd1' });
		const b = await runOf('b', { intact: ['no', 'no', 'no', 'no'] }, { records: other, task });
		const [intact] = (await compareRuns(a, b)).conditions;
		expect(intact).toMatchObject({ shared: 1, onlyInA: 1, onlyInB: 1, differing: 2 });
		expect(intact!.flips.map(({ id }) => id)).toEqual(['q3']);
		const strangers = await runOf('c', { intact: ['no'] }, { records: (record) => ({ ...record, id: 'z' }) });
		const [none] = (await compareRuns(a, strangers)).conditions;
		expect(none).toMatchObject({ shared: 0, paired: [], flips: [] });
		expect(compareText(await compareRuns(a, strangers))).toContain(
			'intact: 0 shared questions (4 only in A; 1 only in B',
		);
	});
});

it('shares nothing of scenes that were drawn from other seeds, though ids, words and answers agree', async () => {
	const drawn = (seed: number, dataHash = `seed ${seed}`) => ({
		...fakeTask({ dataHash }),
		facts: { seed, placement: 'grid' },
	});
	const raws = { intact: ['yes', 'yes', 'yes', 'yes'] };
	const a = await runOf('a', raws, { task: drawn(0) });
	const [other] = (await compareRuns(a, await runOf('b', raws, { task: drawn(1) }))).conditions;
	expect(other).toMatchObject({ shared: 0, differing: 4, paired: [], flips: [] });
	const [same] = (await compareRuns(a, await runOf('c', raws, { task: drawn(0, 'a part') }))).conditions;
	expect(same).toMatchObject({ shared: 4, differing: 0 });
});

it('tests the same questions of the same data in other words, and counts them', async () => {
	const words = (record: RunRecord) => ({ ...record, prompt: `${record.prompt} Say yes or no.` });
	const a = await runOf('a', { intact: ['yes', 'yes', 'yes', 'yes'] });
	const b = await runOf('b', { intact: ['yes', 'no', 'no', 'yes'] }, { records: words });
	const comparison = await compareRuns(a, b);
	expect(comparison.conditions[0]).toMatchObject({ shared: 4, reworded: 4, differing: 0, changed: 2 });
	expect(compareText(comparison)).toContain(
		'intact: 4 shared questions (4 asked in other words; 2 answered differently)',
	);
});

describe('compareText', () => {
	it('reads as a table', async () => {
		const a = await runOf('runs/a', { intact: ['yes', 'yes', 'no', 'no'] });
		const b = await runOf('runs/b', { intact: ['yes', 'no', 'yes', 'it is\u001b[31m red'] }, { seed: 3 });
		expect(compareText(await compareRuns(a, b), { flips: 1 })).toBe(
			[
				'A  runs/a  fake  models/fake',
				'B  runs/b  fake  models/fake',
				'',
				'The manifests differ in 1 place:',
				'  conditions  seed  0  →  3',
				'',
				'intact: 4 shared questions (3 answered differently)',
				'        questions   A %    B %  B − A [95 %]  only A right  only B right      p',
				'  all           4  50.0   50.0       0.0 [–]             1             1  1.000',
				'  even          2  50.0  100.0     +50.0 [–]             0             1  1.000',
				'  odd           2  50.0    0.0     −50.0 [–]             1             0  1.000',
				'  flipped: 2 (the first 1; --json has all)',
				'    "q1"  right: "yes"  A ✓ "yes"  B ✗ "no"',
				'',
				'Percentages and B − A: a question counts with its mean over the draws of a condition.',
				'[–]: fewer than 10 images, too few for an interval.',
				'Only A right, only B right, p and flipped: the first draw; p is the exact McNemar test, not corrected for the rows.',
				'',
			].join('\n'),
		);
	});

	it('shows the least and the greatest draw, and the interval of enough images', async () => {
		const task = fakeTask({ images: 10, perImage: 1 });
		const run = (location: string, rightOf: (question: number, draw: number) => boolean) => {
			const raws = [0, 1].flatMap((draw) =>
				task.questions.map((_, question) => (rightOf(question, draw) ? 'yes' : 'no')),
			);
			return runOf(location, { 'permuted:2': raws }, { task, questions: 10 });
		};
		const a = await run('a', () => true);
		const b = await run('b', (question, draw) => question < 4 && draw === 0);
		const text = compareText(await compareRuns(a, b));
		expect(text).toMatch(/all +10 +100\.0 \(100\.0 to 100\.0\) +20\.0 \(0\.0 to 40\.0\) +−80\.0 \[−\d+\.0, −\d+\.0\]/);
		expect(text).toMatch(/even +5 .* \[–\]/);
		expect(text).toContain('In brackets: the least and the greatest draw. Intervals are over images for these draws');
	});

	it('says so where nothing differs, and lets no answer steer the terminal', async () => {
		const a = await runOf('a', { intact: ['yes', 'yes', 'yes', 'yes'] });
		const b = await runOf('b', { intact: ['yes', 'yes', 'yes', '\u001b[2J\u009b\u202e'] });
		const text = compareText(await compareRuns(a, b));
		expect(text).toContain('The manifests agree');
		expect(text.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
	});
});
