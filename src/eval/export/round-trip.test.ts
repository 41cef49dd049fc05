import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exported, GQA, POPE, recordsFile, runOf, type Setup, VQA } from '../../../test/support/answered-run.ts';
import { benchmarkOf, scoreAnswers } from '../../tasks/score.ts';
import { type DataFile, memoryFile } from '../../tasks/score-file.ts';
import { dataFiles, diskFile } from '../../tasks/score-files.node.ts';

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
