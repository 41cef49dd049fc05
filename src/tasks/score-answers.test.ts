import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../base/errors.ts';
import { readAnswers } from './score-answers.ts';
import { memoryFile } from './score-file.ts';

const read = (content: string, condition?: string) =>
	readAnswers(memoryFile('answers', content), condition === undefined ? {} : { condition });

async function first(content: string) {
	const { given, broken } = await read(content);
	expect(broken).toEqual([]);
	return given[0]!;
}

describe('forms of an answers file', () => {
	it("LLaVA's lines", async () => {
		const line =
			'{"question_id": 20000001, "prompt": "Is it?\\nShort.", "text": "No", "answer_id": "x", "metadata": {}}';
		expect(await first(line)).toEqual({
			id: '20000001',
			text: 'No',
			asked: 'Is it?\nShort.',
			category: null,
			llava: true,
			line: 1,
		});
	});

	it("POPE's lines, with the question or with its id", async () => {
		expect(await first('{"question": "Is it?", "answer": "yes"}')).toMatchObject({
			id: null,
			text: 'yes',
			asked: 'Is it?',
			llava: false,
		});
		expect(await first('{"question_id": 3, "answer": "yes"}')).toMatchObject({ id: '3', text: 'yes', llava: false });
	});

	it('official VQA result files and GQA predictions, as lists', async () => {
		expect(await first('[\n{"question_id": 12, "answer": "two"}]')).toMatchObject({ id: '12', text: 'two', line: 2 });
		expect(await first('[{"questionId": "201", "prediction": "red"}]')).toMatchObject({ id: '201', text: 'red' });
	});

	it.each(['id', 'question_id', 'questionId', 'idx', 'index'])('plain lines with %s', async (key) => {
		for (const name of ['answer', 'text', 'prediction']) {
			expect(await first(JSON.stringify({ [key]: 7, [name]: 'left' }))).toMatchObject({ id: '7', text: 'left' });
		}
	});

	it('one object of answers by id, on one line or on many', async () => {
		for (const indent of [0, 1]) {
			const { given } = await read(JSON.stringify({ 7: 'yes', a: 'no', n: 3 }, null, indent));
			expect(given.map(({ id, text }) => [id, text])).toEqual([
				['7', 'yes'],
				['a', 'no'],
				['n', '3'],
			]);
		}
	});

	it('bare answers, one a line', async () => {
		const { given } = await read('1\n0\n"yes"\n');
		expect(given.map(({ id, text }) => [id, text])).toEqual([
			[null, '1'],
			[null, '0'],
			[null, 'yes'],
		]);
	});

	it('bare answers that are not JSON, where no line is an object', async () => {
		const { given, broken } = await read('yes\n1\n\nThe answer is: (A)\r\n"no"\ntrue\nnull\n');
		expect(given.map(({ line, text }) => [line, text])).toEqual([
			[1, 'yes'],
			[2, '1'],
			[4, 'The answer is: (A)'],
			[5, 'no'],
			[6, 'true'],
		]);
		expect(broken).toEqual([{ line: 7, why: 'the record is null, not an answer' }]);
		for (const last of ['{"id": 1, "answer": "no"}', '{"id": 1, "answer": no}', '["no"', '{']) {
			expect((await read(`yes\n${last}`)).broken[0]).toMatchObject({ line: 1 });
		}
		const table = await readAnswers(memoryFile('a.csv', 'id,answer\n1,yes'));
		expect(table).toMatchObject({ given: [], broken: [{ line: 1 }, { line: 2 }] });
	});

	it('a prediction beside the right answer is the answer', async () => {
		const line = '{"id": 1, "answer": "left", "prediction": "right"}';
		expect(await first(line)).toMatchObject({ text: 'right' });
	});

	it('side fields of the wrong type are as absent', async () => {
		const good = { question_id: 1, answer: 'yes' };
		const side = [null, 3, { a: 1 }, [{ role: 'user' }]];
		for (const name of ['category', 'prompt', 'question', 'condition', 'draw', 'text']) {
			const wrong = name === 'text' ? [null] : side;
			for (const value of wrong) {
				const read = await first(JSON.stringify({ ...good, [name]: value }));
				expect(read).toMatchObject({ id: '1', text: 'yes', asked: null, category: null });
			}
		}
		expect(await first(JSON.stringify({ ...good, raw: { choices: [] }, id: null }))).toMatchObject({ id: '1' });
	});

	it('text beside an answer is the question', async () => {
		const line = '{"question_id": 1, "text": "Is it?", "label": "no", "answer": "yes"}';
		expect(await first(line)).toMatchObject({ text: 'yes', asked: 'Is it?', textIsAsked: true, llava: false });
		const both = '{"question_id": 1, "prompt": "Is it?\\nShort.", "text": "Is it?", "answer": "yes"}';
		expect(await first(both)).toMatchObject({ text: 'yes', asked: 'Is it?\nShort.' });
	});
});

describe("a run's records", () => {
	const record = (condition: string, draw: number, raw: string) =>
		JSON.stringify({ id: '1', condition, draw, prompt: 'Is it?', answer: 'yes', raw });
	const run = [record('intact', 0, 'no'), record('permuted', 0, 'maybe'), record('permuted', 1, 'perhaps')].join('\n');

	it('give what the model said, not the right answer they also hold', async () => {
		const { given, otherConditions } = await read(run);
		expect(given).toMatchObject([{ id: '1', text: 'no' }]);
		expect(otherConditions).toBe(2);
	});

	it('are taken from one condition and its first draw', async () => {
		const { given, otherConditions } = await read(run, 'permuted');
		expect(given).toMatchObject([{ text: 'maybe' }]);
		expect(otherConditions).toBe(2);
	});
});

describe("lmms-eval's sample log", () => {
	it.each([
		['since 2026', { resps: ['Yes'], filtered_resps: 'Yes' }],
		['without resps, which it leaves out where they say the same', { filtered_resps: 'Yes' }],
		['before 2026', { resps: [['<think>no</think>Yes']], filtered_resps: ['Yes'] }],
	])('gives the filtered answer: %s', async (_, said) => {
		const metric = { pope_accuracy: { question_id: '17', score: 1, prediction: 'yes' } };
		const line = { doc_id: 3, target: 'yes', ...said, input: 'Is it?', ...metric };
		expect(await first(JSON.stringify(line))).toMatchObject({ id: '17', text: 'Yes', asked: 'Is it?', llava: true });
		const own = { ...line, question_id: 'popular/17' };
		expect(await first(JSON.stringify(own))).toMatchObject({ id: 'popular/17', text: 'Yes' });
	});

	it('is broken where no question is named: its doc_id is a place in a data set of its own', async () => {
		const { given, broken } = await read('{"doc_id": 3, "target": "yes", "filtered_resps": "Yes", "exact_match": 1.0}');
		expect(given).toEqual([]);
		expect(broken).toEqual([{ line: 1, why: "is of lmms-eval's log and names no question_id" }]);
	});
});

describe('records that hold no answer are kept as broken, with their lines', () => {
	it.each([
		['{"question_id": 1, "answer": null}', 'answer is null, not an answer'],
		['{"question_id": 1, "answer": ["yes"]}', 'answer is ["yes"], not an answer'],
		['{"question_id": 1}', 'has none of answer, text, prediction'],
		['{"question_id": 1, "text": "Is it?", "label": "no"}', 'has a label and no answer: a question file'],
		['{"question_id": 1, "image": "a.jpg", "text": "Is it?"}', 'has an image, a text and no answer: a question file'],
		['{"1": 1, "id": 1, "answer": "red", "isBalanced": true}', "is one of GQA's questions"],
		['{"idx": 1, "choices": ["3", "2"], "answer": "(A)"}', 'has choices, an answer that may be the right one'],
		['{"question_id": 1, "prompt": "Is it?", "text": "no", "answer": "yes"}', 'has text and answer, and nothing says'],
		['{"question_id": 1, "answer": "yes", "response": "no"}', 'has answer and response, and nothing says which is'],
		['{"question_id": 1, "text": "Is it?", "model_output": ["no"]}', 'has text and model_output, and nothing says'],
		['{"question_id": 1, "response": "no"}', "if response is the model's answer, name it prediction"],
		['{"question_id": 1, "answer": "yes", "prediction": null}', 'prediction is null, not an answer'],
		['{"question_id": null, "answer": "yes"}', 'question_id is null, not an answer'],
		['{"id": 1, "condition": "intact", "raw": null, "answer": "yes"}', 'raw is null, not an answer'],
		['null', 'the record is null, not an answer'],
		['[1, 2]\n', null],
		['{"question_id": [1], "answer": "yes"}', 'question_id is [1], not an answer'],
		['nonsense', 'not JSON'],
	])('%s', async (line, why) => {
		const { given, broken } = await read(`{"id": 0, "answer": "x"}\n${line}`);
		expect(given).toHaveLength(1);
		expect(broken[0]!.line).toBe(2);
		expect(broken[0]!.why).toContain(why ?? 'the record is [1,2], not an answer');
	});
});

it('reads arbitrary JSON lines without a crash', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.oneof(fc.json(), fc.string()), { maxLength: 4 }), async (lines) => {
			await read(lines.join('\n')).catch((error: unknown) => expect(error).toBeInstanceOf(InputError));
		}),
		{ numRuns: 300 },
	);
});
