import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../base/errors.ts';
import { csvRecords } from './score-csv.ts';
import { memoryFile } from './score-file.ts';
import type { RawRecord } from './score-json.ts';

async function read(text: string, delimiter = ','): Promise<RawRecord[]> {
	const list: RawRecord[] = [];
	for await (const record of csvRecords(memoryFile('t.csv', text), { delimiter })) list.push(record);
	return list;
}
const quoted = (field: string) => `"${field.replaceAll('"', '""')}"`;

describe('records of a CSV file', () => {
	it('have quoted delimiters, quotes and line breaks, and the line they start at', async () => {
		expect(await read('\ufeffa,b\r\n1,"x, ""y""\r\nz"\r\n\r\n2,\n')).toEqual([
			{ line: 2, value: { a: '1', b: 'x, "y"\r\nz' } },
			{ line: 5, value: { a: '2', b: '' } },
		]);
		expect(await read('a\tb\n1\t2,3', '\t')).toEqual([{ line: 2, value: { a: '1', b: '2,3' } }]);
	});

	it('with too many or too few fields are named as broken', async () => {
		expect(await read('a,b\n1\n1,2,3\n1,2')).toEqual([
			{ line: 2, broken: '1 fields where the header has 2' },
			{ line: 3, broken: '3 fields where the header has 2' },
			{ line: 4, value: { a: '1', b: '2' } },
		]);
	});

	it.each([
		['a,b\n1,"2', 't.csv:2: the last quoted field does not end'],
		['a,b\n1,"2"3', 't.csv:2: text after a quoted field'],
		['a,b\n1,2"3"', 't.csv:2: a quote inside an unquoted field'],
		['a,a\n1,2', 't.csv:1: two columns are named "a"'],
		['a,b\r1,2', 't.csv:1: a carriage return inside a row'],
	])('refuses %j', async (text, message) => {
		await expect(read(text)).rejects.toThrow(message);
	});

	it('come back as they were written', async () => {
		const row = fc.tuple(fc.string({ minLength: 1 }), fc.string());
		await fc.assert(
			fc.asyncProperty(fc.array(row, { maxLength: 5 }), async (rows) => {
				const text = ['a,b', ...rows.map((fields) => fields.map(quoted).join(','))].join('\r\n');
				expect((await read(text)).map(({ value }) => value)).toEqual(rows.map(([a, b]) => ({ a, b })));
			}),
		);
	});

	it('of arbitrary text are read or refused, never a crash', async () => {
		await fc.assert(
			fc.asyncProperty(fc.stringMatching(/^[a,"\r\n]*$/), async (text) => {
				await read(text).catch((error: unknown) => expect(error).toBeInstanceOf(InputError));
			}),
			{ numRuns: 500 },
		);
	});
});
