import { describe, expect, it } from 'vitest';
import { InputError, UsageError } from '../base/errors.ts';
import { benchmarkOf, benchmarks, type ScoreRequest, scoreAnswers } from './score.ts';
import type { QuestionGrades } from './score-engine.ts';
import { memoryFile } from './score-file.ts';

const lines = (records: readonly unknown[]) => records.map((record) => JSON.stringify(record)).join('\n');

const LABELS = Array.from({ length: 6 }, (_, i) => ({
	question_id: i + 1,
	image: `${i >> 1}.jpg`,
	text: `Is there a thing ${i + 1} in the image?`,
	label: i % 2 === 0 ? 'yes' : 'no',
}));
const RIGHT = LABELS.map(({ question_id, label }) => ({ question_id, answer: label }));

function request(answers: string, more: Partial<ScoreRequest> = {}): ScoreRequest {
	return {
		task: 'pope',
		data: [memoryFile('popular.json', lines(LABELS))],
		answers: memoryFile('answers.jsonl', answers),
		...more,
	};
}
const score = (answers: readonly unknown[], more?: Partial<ScoreRequest>) =>
	scoreAnswers(request(lines(answers), more));

describe('answers that do not fit are named, counted and refused', () => {
	it('fit: scored', async () => {
		const result = await score(RIGHT);
		expect(result).toMatchObject({ task: 'pope', questions: 6, unparsed: 0, official: { accuracy: 1 } });
		expect(result.answers).toEqual({
			given: 6,
			pairedBy: 'id',
			llava: 0,
			checked: 0,
			mismatched: 0,
			missing: 0,
			unknown: 0,
			duplicates: 0,
			broken: 0,
			leftOut: 0,
			otherConditions: 0,
		});
	});

	it('missing answers', async () => {
		await expect(score(RIGHT.slice(0, 4))).rejects.toThrow(
			'answers.jsonl: 2 questions have no answer (first: "popular/5"); put it right, or give --partial to score the ' +
				'questions that have an answer (4 answers, 6 questions in popular.json)',
		);
	});

	it('a wrong id', async () => {
		const wrong = [...RIGHT.slice(0, 5), { question_id: 66, answer: 'no' }];
		await expect(score(wrong)).rejects.toThrow(
			'1 question has no answer (first: "popular/6"); 1 answer belongs to no question (first: "popular/66", line 6)',
		);
	});

	it('an answer that names no question among others that do', async () => {
		await expect(score([...RIGHT, { answer: 'no' }])).rejects.toThrow(
			'1 answer belongs to no question (first: line 7)',
		);
	});

	it('duplicates', async () => {
		await expect(score([...RIGHT, { question_id: 2, answer: 'yes' }])).rejects.toThrow(
			'1 answer is to a question already answered (first: "popular/2", line 7)',
		);
	});

	it('a broken line, by its number', async () => {
		const broken = `${lines(RIGHT.slice(0, 5))}\n{"question_id": 6, "answ`;
		await expect(scoreAnswers(request(broken))).rejects.toThrow('1 record holds no answer (line 6: not JSON');
	});

	it('answers of another task', async () => {
		const gqa = [{ questionId: '201307251', prediction: 'no' }];
		await expect(score(gqa)).rejects.toThrow(
			'no answer belongs to a question (first answer: "popular/201307251", line 1; first question: "popular/1"); ' +
				'is it an answers file of another task or split?',
		);
	});

	it('answers of another split that has the same ids', async () => {
		const other = RIGHT.map((answer, i) => ({ ...answer, question: `Is there a cow ${i} in the image?` }));
		await expect(score(other)).rejects.toThrow(
			'6 answers are to another question than the id or line says (line 1 answers "Is there a cow 0 in the image?", ' +
				'question "popular/1" is "Is there a thing 1 in the image?")',
		);
		await expect(score(other, { partial: true })).rejects.toThrow(InputError);
	});

	it('answers to a question in other words: with partial by id, and counted', async () => {
		const asked = RIGHT.map((answer, i) => ({ ...answer, question: LABELS[i]!.text }));
		const other = [...asked.slice(0, 5), { ...RIGHT[5]!, question: 'Do you see thing 6?' }];
		await expect(score(other)).rejects.toThrow(
			'is it an answers file of another task or split? If only the wording differs, give --partial to go by the ids',
		);
		const result = await score(other, { partial: true });
		expect(result).toMatchObject({ questions: 6, official: { accuracy: 1 }, answers: { checked: 5, mismatched: 1 } });
		const byLine = other.map(({ question, answer }) => ({ question, answer }));
		await expect(score(byLine, { partial: true })).rejects.toThrow('1 answer is to another question');
	});

	it('the question file itself', async () => {
		await expect(score(LABELS)).rejects.toThrow(
			'6 records hold no answer (line 1: has a label and no answer: a question file); no answer to score',
		);
	});

	it('the data file itself', async () => {
		const rows = ['left', 'right'].map((answer, i) => ({ image: `${i}.png`, question: 'Where?', answer }));
		const file = memoryFile('t.jsonl', lines(rows));
		await expect(scoreAnswers({ task: 'table', data: [file], answers: { ...file, name: 'a.jsonl' } })).rejects.toThrow(
			'a.jsonl: is the data file itself (t.jsonl); give a file of answers',
		);
	});

	it('answers beside a text that is not the question', async () => {
		const asked = LABELS.map(({ question_id, text, label }) => ({ question_id, text, answer: label }));
		expect(await score(asked)).toMatchObject({ official: { accuracy: 1 }, answers: { checked: 6 } });
		const said = [...asked.slice(0, 5), { question_id: 6, text: 'Yes', answer: 'no' }];
		await expect(score(said)).rejects.toThrow(
			"1 record holds no answer (line 6: has text and answer, and nothing says which is the model's; " +
				'rename that one to prediction, or leave the other out)',
		);
		expect(await score(said, { partial: true })).toMatchObject({ questions: 5, answers: { broken: 1 } });
	});

	it('an empty file', async () => {
		await expect(score([])).rejects.toThrow('no answer to score (0 answers, 6 questions');
	});

	it('answers without ids are paired by line, and must be as many as the questions', async () => {
		const bare = LABELS.map(({ text, label }) => ({ question: text, answer: label }));
		expect(await score(bare)).toMatchObject({ official: { accuracy: 1 }, answers: { pairedBy: 'line' } });
		await expect(score(bare.slice(0, 5), { partial: true })).rejects.toThrow(
			'answers without ids are paired by line, so there must be one for each question',
		);
		await expect(score([...bare.slice(1), bare[0]])).rejects.toThrow('to another question than the id or line says');
	});

	it('are left out and counted with partial', async () => {
		const partial = [...RIGHT.slice(0, 3), { question_id: 3, answer: 'no' }, { question_id: 99, answer: 'no' }, {}];
		const result = await score(partial, { partial: true });
		expect(result.questions).toBe(3);
		// The later of two answers to question 3 counts, as in the official scorers' dictionaries.
		expect(result.official.accuracy).toBeCloseTo(2 / 3);
		expect(result.answers).toMatchObject({ missing: 3, unknown: 1, duplicates: 1, broken: 1 });
	});
});

describe('data that are not the task’s', () => {
	it('have an id twice', async () => {
		const data = [memoryFile('popular.json', lines([...LABELS, LABELS[0]]))];
		await expect(score(RIGHT, { data })).rejects.toThrow('popular.json: two questions have the id "popular/1"');
	});

	it.each([
		['{"question_id": 1}', 'popular.json:1: image: expected text, got nothing; is it a POPE label file?'],
		['{"question_id": 1', 'popular.json:1: not JSON'],
		['', 'popular.json: no questions; is it the file of this task?'],
	])('%s', async (content, message) => {
		const data = [memoryFile('popular.json', content)];
		await expect(score(RIGHT, { data })).rejects.toThrow(message);
	});
});

describe('protocols', () => {
	it('beside official and lenient, one by name', async () => {
		expect((await score(RIGHT)).protocols).toEqual({});
		expect((await score(RIGHT, { protocol: 'lmms-eval' })).protocols).toMatchObject({ 'lmms-eval': { accuracy: 1 } });
		const { official, protocols } = await score(RIGHT, { protocol: 'official' });
		expect(protocols).toEqual({ official });
	});

	it('that a benchmark has not are refused, with a list', async () => {
		const wrong = score(RIGHT, { protocol: 'constructor' });
		await expect(wrong).rejects.toThrow('pope: no protocol "constructor"; it has official, lenient, lmms-eval');
		await expect(wrong).rejects.toBeInstanceOf(UsageError);
	});

	it('every benchmark has the official and the lenient one', () => {
		for (const { protocols } of benchmarks) expect(protocols.slice(0, 2)).toEqual(['official', 'lenient']);
	});
});

it('scores the first questions only, under a limit', async () => {
	const wrong = RIGHT.map((answer, i) => (i < 2 ? answer : { ...answer, answer: 'perhaps' }));
	expect(await score(wrong, { limit: 2 })).toMatchObject({ questions: 2, official: { accuracy: 1 }, unparsed: 0 });
	await expect(score(wrong.slice(1), { limit: 2 })).rejects.toThrow('1 question has no answer');
});

it('hands out every question with its grades', async () => {
	const seen: QuestionGrades[] = [];
	await score(RIGHT, { onQuestion: (question) => seen.push(question) });
	expect(seen).toHaveLength(6);
	expect(seen[1]).toEqual({
		id: 'popular/2',
		answer: 'no',
		grades: { official: { value: 'no', score: 1 }, lenient: { value: 'no', score: 1 } },
	});
});

it('knows benchmarks by name and alias', () => {
	expect(benchmarkOf('vqa').name).toBe('vqav2');
	expect(() => benchmarkOf('popo')).toThrow('no benchmark "popo" to score; there are pope, vqav2, gqa, cv-bench');
});
