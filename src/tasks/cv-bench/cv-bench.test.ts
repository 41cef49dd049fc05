import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { scoreAnswers } from '../score.ts';
import { memoryFile } from '../score-file.ts';
import { cambrian, lenient, lmmsEval, type Reader, vlmEvalKit } from './readers.ts';

const CHOICES = ['left', 'right', '3', 'cat'];
const asked = (letter = 'A', source = 'COCO', choices = CHOICES) =>
	({ letter, source, choices }) as Parameters<Reader>[0];
const read = (reader: Reader, answer: string, question = asked()) => reader(question, answer).value;

describe("Cambrian's reader", () => {
	it.each([
		['A', 'a'],
		['(B)', 'b'],
		['(B) right', 'b'],
		['B.', 'b'],
		['The answer is B', 'b'],
		['Answer: (C)', 'c'],
		['The answer is: (A)', ':'],
		['Apple', 'a'],
		['left', 'l'],
		['((A', 'a'],
		['', null],
	])('of %j is %s', (answer, value) => {
		expect(read(cambrian, answer)).toBe(value);
	});

	it('strips colons and commas for Omni3D only, and takes a choice of one character for its letter', () => {
		expect(read(cambrian, ':', asked('A', 'Omni3D'))).toBeNull();
		expect(read(cambrian, ':')).toBe(':');
		expect(cambrian(asked('C', 'Omni3D'), '3').right).toBe(true);
		expect(cambrian(asked('C', 'COCO'), '3').right).toBe(false);
	});
});

it.each([
	['A answer1', 'A'],
	['(b) x', 'B'],
	['C.', 'C'],
	['The answer is B', 'T'],
	['"A"', null],
	['', null],
])("lmms-eval's reader of %j is %s", (answer, value) => {
	expect(read(lmmsEval, answer)).toBe(value);
});

describe("VLMEvalKit's reader", () => {
	it.each([
		['(B)', 'B'],
		['B: because', 'B'],
		['I would say B', 'B'],
		['B is what I would say now', null],
		['The correct answer is **B**, as one can see there on the far side', 'B'],
		['A or B', null],
		['on the right', 'B'],
		['on the left or the right', null],
		['the right one, as far as I can tell from here', null],
		['Z', null],
		["I can't process this file. B", null],
		['Failed to obtain answer via API', null],
		['', null],
	])('of %j is %s', (answer, value) => {
		expect(read(vlmEvalKit, answer)).toBe(value);
	});
});

it('no reader throws on any text', () => {
	const text = fc.oneof(fc.string(), fc.stringMatching(/^(answer is|answer:|[A-D().: ])*$/));
	fc.assert(
		fc.property(text, (answer) => {
			for (const reader of [cambrian, lmmsEval, vlmEvalKit, lenient])
				expect(reader(asked(), answer)).toHaveProperty('right');
		}),
	);
});

const item = (idx: number, type: string, task: string, source: string) => ({
	idx,
	type,
	task,
	question: `Where is the cup number ${idx}?`,
	choices: ['left', 'right'],
	answer: '(A)',
	prompt: `Where is the cup number ${idx}? Select from the following choices.\n(A) left\n(B) right`,
	filename: `img/${idx}.png`,
	source,
});
const ITEMS = [
	item(0, '2D', 'Relation', 'ADE20K'),
	item(1, '2D', 'Relation', 'COCO'),
	item(2, '2D', 'Relation', 'COCO'),
	item(3, '2D', 'Relation', 'COCO'),
	item(4, '3D', 'Depth', 'Omni3D'),
	item(5, '3D', 'Depth', 'Omni3D'),
];
const jsonl = (records: readonly unknown[]) => records.map((record) => JSON.stringify(record)).join('\n');
const score = (said: readonly string[], protocol?: string, items = ITEMS) =>
	scoreAnswers({
		task: 'cv-bench',
		data: [memoryFile('test.jsonl', jsonl(items))],
		answers: memoryFile('a.jsonl', jsonl(said.map((answer, i) => ({ idx: items[i]!.idx, answer })))),
		...(protocol !== undefined && { protocol }),
	});
/** ADE20K 1 of 1, COCO 1 of 3, Omni3D 1 of 2. */
const SAID = ['A', '(A)', 'B', 'B', 'A', 'right'];

describe('figures', () => {
	it('of the published formula average the sources, then the halves', async () => {
		const { official, lenient: sensible } = await score(SAID);
		const flat = (1 + 1 / 3) / 2;
		expect(official).toMatchObject({
			accuracy2D: flat,
			accuracy3D: 0.5,
			accuracy: (flat + 0.5) / 2,
			bySource: { ADE20K: 1, COCO: 1 / 3, Omni3D: 0.5 },
			byTask: { Relation: 0.5, Depth: 0.5 },
		});
		expect(sensible.accuracy).toBe(official.accuracy);
	});

	it.each([
		['cambrian', { accuracy: 3 / 6, accuracy2D: 2 / 4, accuracy3D: 1 / 2 }],
		['lmms-eval', { accuracy: 3 / 6, accuracy2D: 2 / 4, accuracy3D: 1 / 2 }],
		['vlmevalkit', { accuracy: null, accuracy2D: (1 + 1 / 3) / 2, accuracy3D: 1 / 2 }],
		['paper', { accuracy: 2 / 4, accuracy2D: 2 / 4, accuracy3D: 1 / 2 }],
	])('of %s', async (protocol, figures) => {
		expect((await score(SAID, protocol)).protocols[protocol]).toMatchObject(figures);
	});

	it('of one half alone are that half’s', async () => {
		expect((await score(SAID.slice(0, 4), undefined, ITEMS.slice(0, 4))).official).toMatchObject({
			accuracy: (1 + 1 / 3) / 2,
			accuracy3D: null,
		});
	});
});

it('reads the Parquet file, in row groups, without its images', async () => {
	const column = (name: keyof (typeof ITEMS)[0]) => ({ name, data: ITEMS.map((own) => own[name]) });
	const image = { name: 'image', data: ITEMS.map(() => new Uint8Array([1, 2, 255])) };
	const names = ['idx', 'type', 'task', 'question', 'answer', 'prompt', 'filename', 'source'] as const;
	const choices = { name: 'choices', data: ITEMS.map((own) => own.choices) };
	const buffer = parquetWriteBuffer({ columnData: [...names.map(column), choices, image], rowGroupSize: 4 });
	const data = [memoryFile('test_2d.parquet', new Uint8Array(buffer))];
	const answers = memoryFile('a.jsonl', jsonl(SAID.map((answer, i) => ({ questionId: i, answer }))));
	expect((await scoreAnswers({ task: 'cv-bench', data, answers })).official.accuracy).toBeCloseTo((2 / 3 + 0.5) / 2);
});

it('refuses files that are not its own', async () => {
	const answers = memoryFile('a.jsonl', '{"idx": 0, "answer": "A"}');
	const wrong = [memoryFile('test.jsonl', jsonl([{ ...ITEMS[0], answer: '(C)' }]))];
	await expect(scoreAnswers({ task: 'cv-bench', data: wrong, answers })).rejects.toThrow(
		'test.jsonl:1: answer: C, but there are 2 choices; is it a CV-Bench file?',
	);
	const noise = [memoryFile('test.parquet', 'PAR1 and no more')];
	await expect(scoreAnswers({ task: 'cv-bench', data: noise, answers })).rejects.toThrow(
		'test.parquet: not readable as Parquet',
	);
});
