import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dorsal } from './support/cli.ts';

const lines = (records: readonly unknown[]) => `${records.map((record) => JSON.stringify(record)).join('\n')}\n`;
const THINGS = ['car', 'dog', 'cup', 'tie'];
const LABELS = THINGS.map((thing, i) => ({
	question_id: i + 1,
	image: 'a.jpg',
	text: `Is there a ${thing} in the image?`,
	label: i < 2 ? 'yes' : 'no',
}));
const ANSWERS = ['Yes', 'NO', 'Yes, a cup.', 'No'].map((answer, i) => ({ question_id: i + 1, answer }));

describe('dorsal score', () => {
	let folder: string;
	const at = (name: string) => join(folder, name);
	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), 'dorsal-score-'));
		writeFileSync(at('coco_pope_popular.json'), lines(LABELS));
		writeFileSync(at('answers.jsonl'), lines(ANSWERS));
		writeFileSync(at('short.jsonl'), lines(ANSWERS.slice(1)));
	});
	afterAll(() => rmSync(folder, { recursive: true }));
	const score = (...args: string[]) =>
		dorsal(['score', 'pope', '--data', at('coco_pope_popular.json'), '--answers', ...args]);

	it('prints a table of both protocols', async () => {
		const { code, stdout, stderr } = await score(at('answers.jsonl'), '--protocol', 'lmms-eval');
		expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
		expect(stdout).toBe(
			[
				'4 questions, 0 without an answer that the lenient protocol could read; paired by id alone: no answer repeats its question',
				'',
				'pope, %    official  lenient  lmms-eval',
				'accuracy      75.00    50.00      50.00',
				'precision     66.67    50.00     100.00',
				'recall       100.00    50.00      50.00',
				'f1            80.00    50.00      66.67',
				'yesRatio      75.00    50.00      50.00',
				'',
			].join('\n'),
		);
	});

	it('prints JSON, writes it, and writes a line a question', async () => {
		const { code, stdout } = await score(
			at('answers.jsonl'),
			...['--json', '--out', at('result.json'), '--per-question', at('questions.jsonl')],
		);
		const result = JSON.parse(stdout);
		expect(code).toBe(0);
		expect(result).toMatchObject({ task: 'pope', questions: 4, unparsed: 0, official: { accuracy: 0.75 } });
		expect(result.lenient.accuracy).toBe(0.5);
		expect(JSON.parse(readFileSync(at('result.json'), 'utf8'))).toEqual(result);
		const questions = readFileSync(at('questions.jsonl'), 'utf8').trim().split('\n');
		expect(questions.map((line) => JSON.parse(line).grades.official.value)).toEqual(['yes', 'yes', 'yes', 'no']);
	});

	it('refuses answers that do not fit, and scores what there is with --partial', async () => {
		const { code, stdout, stderr } = await score(at('short.jsonl'));
		expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
		expect(stderr).toBe(
			`dorsal: error [answers]: ${at('short.jsonl')}: 1 question has no answer (first: "popular/1"); ` +
				'put it right, or give --partial to score the questions that have an answer ' +
				`(3 answers, 4 questions in ${at('coco_pope_popular.json')})\n`,
		);
		const partial = await score(at('short.jsonl'), '--partial');
		expect(partial.code).toBe(0);
		expect(partial.stdout).toContain('3 questions, 0 without');
		expect(partial.stdout).toContain('left out: questions without an answer 1');
	});

	it('keeps what it reads, and the lines of an earlier run where it refuses the answers', async () => {
		const answers = readFileSync(at('answers.jsonl'), 'utf8');
		for (const option of ['--per-question', '--out']) {
			const { code, stderr } = await score(at('answers.jsonl'), option, at('answers.jsonl'));
			expect(code).toBe(2);
			expect(stderr).toContain(`dorsal: error [out-input]: ${option} ${at('answers.jsonl')}: is read as`);
			expect(readFileSync(at('answers.jsonl'), 'utf8')).toBe(answers);
		}
		writeFileSync(at('kept.jsonl'), 'kept');
		const refused = await score(at('short.jsonl'), '--per-question', at('kept.jsonl'), '--out', at('none.json'));
		expect(refused.code).toBe(1);
		expect(readFileSync(at('kept.jsonl'), 'utf8')).toBe('kept');
		expect(existsSync(at('none.json'))).toBe(false);
		const same = await score(at('answers.jsonl'), '--out', at('x.json'), '--per-question', at('x.json'));
		expect(same.stderr).toContain('is --out as well; give another file');
	});

	it.each([
		[['score', 'popo'], '--data is missing'],
		[['score', 'popo', '--data', 'x', '--answers', 'x'], 'no benchmark "popo" to score; there are pope, vqav2'],
		[['score', 'pope', '--data', 'none.json', '--answers', 'x'], 'none.json: no such file'],
		[['score', 'pope', '--data', 'package.json', '--answers', 'none'], 'none: no such file'],
	])('%j is bad usage', async (args, message) => {
		const { code, stderr } = await dorsal(args);
		expect(code).toBe(2);
		expect(stderr).toContain(message);
		expect(stderr.trim().split('\n')).toHaveLength(1);
	});

	const shared = '../shared/data';
	it.skipIf(!existsSync(shared)).each([
		['pope', 'pope/popular.jsonl', 'pope/answers-synthetic.jsonl', { accuracy: 0.8086666666666666 }],
		['vqav2', 'vqa', 'vqa/predictions-messy.json', { overall: 0.497 }],
		['gqa', 'gqa/questions.json', 'gqa/predictions.json', { accuracy: 0.3825 }],
	])(
		'%s: the official figure of ../shared/data, to the last digit (needs it)',
		async (task, data, answers, figures) => {
			const { stdout } = await dorsal([
				...['score', task, '--data', join(shared, data), '--answers', join(shared, answers), '--json'],
			]);
			expect(JSON.parse(stdout).official).toMatchObject(figures);
		},
	);
});
