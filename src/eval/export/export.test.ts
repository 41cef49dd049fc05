import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fakeFacts } from '../../../test/support/fake-eval.ts';
import type { Backend } from '../../backends/backend.ts';
import { benchmarkOf, scoreAnswers } from '../../tasks/score.ts';
import { type DataFile, memoryFile } from '../../tasks/score-file.ts';
import { dataFiles, diskFile } from '../../tasks/score-files.node.ts';
import { parseConditions } from '../conditions.ts';
import { evaluate } from '../runner.ts';
import { memoryStore, type Run, recordLines, runFrom } from '../store.ts';
import { type ExportOptions, exportRun } from './export.ts';

const lines = (records: readonly unknown[]) => `${records.map((record) => JSON.stringify(record)).join('\n')}\n`;

/** A backend that says what it is told to, by the question's id. */
const saying = (answers: ReadonlyMap<string, string>): Backend => ({
	facts: { ...fakeFacts, model: '/home/ann/models/llava-v1.5-7b' },
	cannot: () => null,
	prepare: async () => ({
		answer: async (_, asks) => asks.map(({ id }) => answers.get(id) ?? ''),
		release: () => {},
	}),
	close: async () => {},
});

interface Setup {
	task: string;
	data: readonly DataFile[];
	/** What the model says, by id. */
	answers: ReadonlyMap<string, string>;
	limit?: number;
	conditions?: string;
}

async function runOf({ task, data, answers, limit, conditions = 'intact' }: Setup): Promise<Run> {
	const store = memoryStore('runs/x');
	await evaluate({
		task: await benchmarkOf(task).task({ files: data, images: async () => new Uint8Array() }),
		backend: saying(answers),
		conditions: parseConditions(conditions),
		store,
		...(limit !== undefined && { limit }),
	});
	return runFrom(store);
}

async function exported(run: Run, options: Omit<ExportOptions, 'write'>): Promise<string> {
	let text = '';
	await exportRun(run, {
		...options,
		write: (piece) => {
			text += piece;
		},
	});
	return text;
}

async function recordsFile(run: Run): Promise<DataFile> {
	const records = [];
	for await (const record of run.records()) records.push(record);
	return memoryFile('records.jsonl', recordLines(records));
}

const human = (answers: readonly string[]) => answers.map((answer, i) => ({ answer, answer_id: i + 1 }));
const VQA = {
	task: 'vqav2',
	data: [
		memoryFile(
			'annotations.json',
			JSON.stringify({
				annotations: [10, 7, 12].map((question_id) => ({
					question_id,
					image_id: 1,
					answer_type: 'other',
					question_type: 'what',
					answers: human(['cup', 'cup', 'cup', 'mug', 'mug', 'a mug', 'can', 'tin', '2', 'two']),
				})),
			}),
		),
		memoryFile(
			'questions.json',
			JSON.stringify({
				questions: [10, 7, 12].map((question_id) => ({ question_id, image_id: 1, question: 'What?' })),
			}),
		),
	],
	answers: new Map([
		['10', 'A cup.'],
		['7', 'Two'],
		['12', "the can't \n"],
	]),
};

const popeFile = (category: string) =>
	memoryFile(
		`coco_pope_${category}.json`,
		lines(
			['car', 'dog'].map((thing, i) => ({
				question_id: i + 1,
				image: 'a.jpg',
				text: `Is there a ${thing} in the image?`,
				label: i === 0 ? 'yes' : 'no',
			})),
		),
	);
const POPE = {
	task: 'pope',
	data: ['random', 'popular', 'adversarial'].map(popeFile),
	answers: new Map([
		['random/1', 'Yes'],
		['random/2', 'NO'],
		['popular/1', 'No, there is none.'],
		['popular/2', 'no'],
		['adversarial/1', ''],
		['adversarial/2', 'Yes\n'],
	]),
};

const gqaQuestion = (answer: string, structural: string) => ({
	question: 'What is it?',
	imageId: 'n1',
	answer,
	isBalanced: true,
	types: { structural, semantic: 'attr', detailed: 'd' },
	semantic: [],
	groups: { global: null },
});
const GQA = {
	task: 'gqa',
	data: [
		memoryFile(
			'questions.json',
			JSON.stringify({ '0201': gqaQuestion('red', 'query'), '17': gqaQuestion('no', 'verify') }),
		),
	],
	answers: new Map([
		['0201', 'Red.'],
		['17', 'yes'],
	]),
};

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

/** Figures of the run itself, and of its answers exported and read back. */
async function figures(setup: Setup) {
	const run = await runOf(setup);
	const score = async (answers: DataFile) => {
		const { official, lenient, unparsed, questions } = await scoreAnswers({
			task: setup.task,
			data: setup.data,
			answers,
		});
		return { official, lenient, unparsed, questions };
	};
	const own = await score(await recordsFile(run));
	const back = [];
	for (const to of ['llava', 'lmms-eval'] as const) {
		back.push(await score(memoryFile('answers.jsonl', await exported(run, { to }))));
	}
	return { run, score, own, back };
}

describe('dorsal score reads the same figures from every form as from the run', () => {
	it.each([
		['pope', POPE],
		['gqa', GQA],
		['vqav2', VQA],
	])('%s', async (_, setup) => {
		const { own, back } = await figures(setup);
		expect(own.questions).toBe(setup.answers.size);
		for (const figures of back) expect(figures).toEqual(own);
	});

	const shared = '../shared/data';
	const json = (path: string) => JSON.parse(readFileSync(join(shared, path), 'utf8'));
	describe.skipIf(!existsSync(shared))('on real questions (needs ../shared/data)', () => {
		it('pope', async () => {
			const rows = readFileSync(join(shared, 'pope/answers-synthetic.jsonl'), 'utf8').trim().split('\n');
			const answers = new Map(
				rows.map((row) => [`popular/${JSON.parse(row).question_id}`, JSON.parse(row).answer as string]),
			);
			const data = [diskFile(join(shared, 'pope/popular.jsonl'))];
			const { own, back } = await figures({ task: 'pope', data, answers });
			expect(own.official.accuracy).toBe(json('pope/expected.json').metrics.accuracy);
			for (const figures of back) expect(figures).toEqual(own);
		});

		it('gqa', async () => {
			const predictions: { questionId: string; prediction: string }[] = json('gqa/predictions.json');
			const answers = new Map(predictions.map(({ questionId, prediction }) => [questionId, prediction]));
			const data = [diskFile(join(shared, 'gqa/questions.json'))];
			const { own, back } = await figures({ task: 'gqa', data, answers });
			const { correct, count } = json('gqa/expected.json').llava.accuracy;
			expect(own.official.accuracy).toBe(correct / count);
			for (const figures of back) expect(figures).toEqual(own);
		});

		it('vqav2', async () => {
			const predictions: { question_id: number; answer: string }[] = json('vqa/predictions-messy.json');
			const answers = new Map(predictions.map(({ question_id, answer }) => [String(question_id), answer]));
			const data = dataFiles(benchmarkOf('vqav2'), [join(shared, 'vqa')]);
			const { run, score, own, back } = await figures({ task: 'vqav2', data, answers });
			const { protocols } = await scoreAnswers({
				task: 'vqav2',
				data,
				answers: diskFile(join(shared, 'vqa/predictions-messy.json')),
				protocol: 'llava',
			});
			expect(own.official).toEqual(protocols.llava);
			for (const figures of back) expect(figures).toEqual(own);
			// A submission holds converted answers, so that only what converts them finds the same.
			const submitted = await score(memoryFile('vqa.json', await exported(run, { to: 'evalai' })));
			expect(submitted.official).toEqual(own.official);
		});
	});
});
