import { describe, expect, it } from 'vitest';
import { exported, GQA, POPE, recordsFile, runOf, type Setup, VQA } from '../../../test/support/answered-run.ts';
import { memoryFile } from '../../tasks/score-file.ts';
import { memoryStore, runFrom } from '../store.ts';

describe('the forms', () => {
	it("LLaVA's answers file, with the fields and ids of its own", async () => {
		const run = await runOf(POPE);
		const [first, , third, , fifth] = (await exported(run, { to: 'llava' })).split('\n');
		expect(JSON.parse(first!)).toEqual({
			question_id: 10_000_001,
			prompt: 'Is there a car in the image?\nAnswer the question using a single word or phrase.',
			text: 'Yes',
			answer_id: expect.stringMatching(/^[0-9a-f]{22}$/),
			model_id: 'llava-v1.5-7b',
			metadata: {},
		});
		expect(Object.keys(JSON.parse(first!))).toEqual([
			...['question_id', 'prompt', 'text', 'answer_id', 'model_id', 'metadata'],
		]);
		expect(JSON.parse(third!).question_id).toBe(20_000_001);
		expect(JSON.parse(fifth!).question_id).toBe(1);
		expect(await exported(run, { to: 'llava' })).toBe(await exported(await runOf(POPE), { to: 'llava' }));

		const ids = async (setup: Setup) =>
			(await exported(await runOf(setup), { to: 'llava' }))
				.trim()
				.split('\n')
				.map((line) => JSON.parse(line).question_id);
		expect(await ids(VQA)).toEqual([10, 7, 12]);
		expect(await ids(GQA)).toEqual(['17', '0201']);
	});

	it("lmms-eval's sample log, as it writes one answer a question", async () => {
		const [first] = (await exported(await runOf(GQA), { to: 'lmms-eval' })).split('\n');
		const prompt = 'What is it?\nAnswer the question using a single word or phrase.';
		expect(JSON.parse(first!)).toEqual({
			doc_id: 0,
			target: 'no',
			resps: ['yes'],
			filtered_resps: 'yes',
			doc_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
			prompt_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
			// sha256 of "no", as lmms-eval's hash_string gives it.
			target_hash: '9390298f3fb0c5b160498935d79cb139aef28e1c47358b4bbba61862b9c26e59',
			question_id: '17',
			category: 'verify',
			dorsal_strict: 0,
			dorsal_lenient: 0,
			input: prompt,
		});
	});

	it('a submission for EvalAI: the answers as LLaVA converts them, in the order of the split', async () => {
		const run = await runOf(VQA);
		expect(JSON.parse(await exported(run, { to: 'evalai' }))).toEqual([
			{ question_id: 10, answer: 'cup' },
			{ question_id: 7, answer: '2' },
			{ question_id: 12, answer: "can't" },
		]);
		const filled = await exported(run, { to: 'evalai', split: ['7', '99', '10', '12'], fillMissing: true });
		expect(JSON.parse(filled)).toEqual([
			{ question_id: 7, answer: '2' },
			{ question_id: 99, answer: '' },
			{ question_id: 10, answer: 'cup' },
			{ question_id: 12, answer: "can't" },
		]);
	});

	it('a submission of a test split, which can be asked and not scored', async () => {
		const questions = [5, 4].map((question_id) => ({ question_id, image_id: 1, question: 'What?' }));
		const file = memoryFile('v2_OpenEnded_mscoco_test-dev2015_questions.json', JSON.stringify({ questions }));
		const answers = new Map([
			['4', 'A red, old car.'],
			['5', 'Yes'],
		]);
		const run = await runOf({ task: 'vqav2', data: [file], answers });
		expect(run.results!.conditions.intact!.accuracy).toBe(0);
		expect(JSON.parse(await exported(run, { to: 'evalai' }))).toEqual([
			{ question_id: 5, answer: 'yes' },
			{ question_id: 4, answer: 'red old car' },
		]);
	});

	it('POPE for LLaVA stands in the order of its files, as eval_pope.py pairs by place, and is all of them', async () => {
		const row = (question_id: number, image: string) => ({ question_id, image, text: 'Is there?', label: 'yes' });
		const rows = [row(1, 'a.jpg'), row(2, 'b.jpg'), row(3, 'a.jpg'), row(10, 'b.jpg')];
		const data = [memoryFile('coco_pope_popular.json', rows.map((each) => JSON.stringify(each)).join('\n'))];
		const answers = new Map(rows.map(({ question_id }) => [`popular/${question_id}`, 'Yes']));
		const numbers = async (setup: Partial<Setup>, limit?: number) => {
			const run = await runOf({ task: 'pope', data, answers, ...setup });
			const lines = await exported(run, { to: 'llava', ...(limit !== undefined && { limit }) });
			return lines
				.trim()
				.split('\n')
				.map((line) => JSON.parse(line).question_id - 20_000_000);
		};
		expect(await numbers({})).toEqual([1, 2, 3, 10]);
		expect(await numbers({}, 2)).toEqual([1, 2]);
		await expect(numbers({ limit: 3 })).rejects.toThrow(
			"runs/x: was asked 3 of the 4 questions of its data, and LLaVA's eval_pope.py pairs answers with labels by place",
		);
	});

	it('are of the condition that is asked for, and its first draw', async () => {
		const run = await runOf({ ...POPE, conditions: 'intact,permuted' });
		expect((await exported(run, { to: 'llava', condition: 'permuted' })).trim().split('\n')).toHaveLength(6);
		expect((await exported(run, { to: 'llava', limit: 2 })).trim().split('\n')).toHaveLength(2);
		await expect(exported(run, { to: 'llava', condition: 'blank' })).rejects.toThrow(
			'--condition blank: runs/x has intact, permuted',
		);
	});
});

describe('a submission is refused', () => {
	it('where questions of the split have no answer: named and counted', async () => {
		const split = ['7', '10', '12', ...Array.from({ length: 11 }, (_, i) => `${100 + i}`)];
		await expect(exported(await runOf(VQA), { to: 'evalai', split })).rejects.toThrow(
			'runs/x: 11 of the 14 questions of the split have no answer ' +
				'(100, 101, 102, 103, 104, 105, 106, 107, 108, 109, …); answer them, or give --fill-missing',
		);
	});

	it('where the run was asked less than its data hold, unless the split says which', async () => {
		const run = await runOf({ ...VQA, limit: 2 });
		for (const fillMissing of [false, true]) {
			await expect(exported(run, { to: 'evalai', fillMissing })).rejects.toThrow(
				"runs/x: 1 of the 3 questions of its data have no answer; give the split's questions with --data",
			);
		}
		const filled = await exported(run, { to: 'evalai', split: ['10', '7', '12'], fillMissing: true });
		expect(JSON.parse(filled)[2]).toEqual({ question_id: 12, answer: '' });
	});

	it('where answers are to another split, or to another task', async () => {
		await expect(exported(await runOf(VQA), { to: 'evalai', split: ['7', '8'] })).rejects.toThrow(
			'runs/x: 2 of 3 answers are to no question of the split (first: "10"); is it another split?',
		);
		await expect(exported(await runOf(POPE), { to: 'evalai' })).rejects.toThrow(
			'--to evalai: is for VQA v2, runs/x is a run of pope',
		);
	});
});

it('a run that is not finished, or answers twice, is refused', async () => {
	const run = await runOf(POPE);
	const all: string[] = new TextDecoder().decode(await (await recordsFile(run)).read(0, 1e6)).split('\n');
	const cut = async (records: readonly string[]) => {
		const store = memoryStore('runs/x');
		await store.write('manifest.json', new TextEncoder().encode(JSON.stringify(run.manifest)));
		await store.append(new TextEncoder().encode(records.map((record) => `${record}\n`).join('')));
		return runFrom(store);
	};
	await expect(exported(await cut(all.slice(0, 4)), { to: 'llava' })).rejects.toThrow(
		'runs/x: has 4 of 6 answers under intact; give its command again to finish it',
	);
	await expect(exported(await cut([all[0]!, all[0]!]), { to: 'llava' })).rejects.toThrow(
		'runs/x/records.jsonl: two answers to "random/1" under intact',
	);
});
