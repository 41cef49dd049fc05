import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { scoreAnswers } from '../score.ts';
import { type DataFile, memoryFile } from '../score-file.ts';
import { readTable, type TableQuestion } from './data.ts';

async function read(file: DataFile): Promise<TableQuestion[]> {
	const list: TableQuestion[] = [];
	for await (const question of readTable([file])) list.push(question);
	return list;
}

const WANTED = [
	{ id: '0', text: 'Where is it?', image: 'a.png', answer: 'A', choices: ['left', 'right'], category: 'all', row: 0 },
	{ id: '1', text: 'What is it?', image: 'b.png', answer: 'a cup', choices: null, category: 'all', row: 1 },
];
const rows = [
	{ image: 'a.png', question: 'Where is it?', answer: 'left', choices: ['left', 'right'] },
	{ image: 'b.png', question: 'What is it?', answer: 'a cup', choices: null },
];

describe('rows', () => {
	it('come from CSV, TSV, JSON lines and JSON', async () => {
		const csv = 'image,question,answer,choices\na.png,Where is it?,left,left|right\nb.png,What is it?,a cup,\n';
		const quoted = csv.replace('left|right', '"[""left"", ""right""]"');
		for (const file of [
			memoryFile('t.csv', csv),
			memoryFile('t.csv', quoted),
			memoryFile('t.tsv', csv.replaceAll(',', '\t')),
			memoryFile('t.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')),
			memoryFile('t.json', JSON.stringify(rows)),
		]) {
			expect(await read(file), file.name).toMatchObject(WANTED);
		}
	});

	it('come from Parquet, whose images are not read for it', async () => {
		const buffer = parquetWriteBuffer({
			columnData: [
				{ name: 'id', data: [10n, 11n], type: 'INT64' },
				{ name: 'question', data: rows.map((row) => row.question), type: 'STRING' },
				{ name: 'answer', data: rows.map((row) => row.answer), type: 'STRING' },
				{ name: 'choices', data: ['left|right', ''], type: 'STRING' },
				{ name: 'image', data: [new Uint8Array([137, 80]), new Uint8Array([255])], type: 'BYTE_ARRAY' },
			],
		});
		const read2 = await read(memoryFile('t.parquet', new Uint8Array(buffer)));
		expect(read2).toMatchObject([
			{ id: '10', answer: 'A', image: null, row: 0 },
			{ id: '11', answer: 'a cup', image: null, row: 1 },
		]);
	});

	it('may name the right choice by its letter, but its text comes first', async () => {
		const answers = async (answer: string, choices: string[]) =>
			(await read(memoryFile('t.json', JSON.stringify([{ question: 'q', answer, choices }]))))[0]!.answer;
		expect(await answers('B', ['left', 'right'])).toBe('B');
		expect(await answers('(b)', ['left', 'right'])).toBe('B');
		expect(await answers('A', ['B', 'A'])).toBe('B');
	});

	it.each([
		['{"question": "q"}', 't.jsonl:1: answer: expected text, got nothing; a table has the columns'],
		['{"question": "q", "answer": "up", "choices": ["left", "right"]}', 'answer: "up" is none of the choices'],
		['{"question": "q", "answer": "up", "choices": "up"}', 'choices: 1; expected 2 to 26'],
		['{"question": "q", "answer": "up", "choices": "[up"}', 'choices: "[up" is no list; write ["left","right"]'],
		['{"question": "q", "answer": "a", "image": {"bytes": []}}', 'image: expected a file name, got {"bytes":[]}'],
	])('%s is refused', async (line, message) => {
		await expect(read(memoryFile('t.jsonl', line))).rejects.toThrow(message);
	});
});

it('scores choices by letter or text, and open answers by their words', async () => {
	const data = [memoryFile('t.json', JSON.stringify(rows.map((row, i) => ({ ...row, category: `kind ${i}` }))))];
	const score = (...said: string[]) =>
		scoreAnswers({
			task: 'table',
			data,
			answers: memoryFile('a.json', JSON.stringify(said.map((answer, id) => ({ id, answer })))),
		});
	expect((await score('(A)', 'A cup.')).official).toEqual({
		accuracy: 1,
		byCategory: { 'kind 0': 1, 'kind 1': 1 },
		counts: { byCategory: { 'kind 0': 1, 'kind 1': 1 } },
	});
	const wordy = await score('It is on the left', 'I see a cup there');
	expect([wordy.official.accuracy, wordy.lenient.accuracy, wordy.unparsed]).toEqual([0, 1, 0]);
	expect(await score('up', '')).toMatchObject({ lenient: { accuracy: 0 }, unparsed: 2 });
});
