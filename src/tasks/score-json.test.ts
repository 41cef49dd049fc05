import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../base/errors.ts';
import { type DataFile, memoryFile } from './score-file.ts';
import { type RawRecord, type RecordOptions, recordsOf } from './score-json.ts';

const OPTIONS: RecordOptions = { keys: ['id'], dict: true };

async function records(file: DataFile, options: RecordOptions = OPTIONS): Promise<RawRecord[]> {
	const list: RawRecord[] = [];
	for await (const record of recordsOf(file, options)) list.push(record);
	return list;
}
const read = (text: string, options?: RecordOptions) => records(memoryFile('f.json', text), options);

/** A file that is read in small pieces, so that every cut is met. */
const cut = (text: string, piece: number): DataFile => ({ ...memoryFile('cut.json', text), piece });

describe('records of a JSON file', () => {
	it('are lines, elements of a list, or entries of an object', async () => {
		expect(await read('{"id":1}\n\n{"id":2}\n')).toEqual([
			{ line: 1, value: { id: 1 } },
			{ line: 3, value: { id: 2 } },
		]);
		expect(await read('[\n{"id": 1},\n{"id": "a]}\\""}\n]\n')).toEqual([
			{ line: 2, value: { id: 1 } },
			{ line: 3, value: { id: 'a]}"' } },
		]);
		expect(await read('{"7": {"id": 1}, "__proto__": {"id": 2}}')).toEqual([
			{ line: 1, key: '7', value: { id: 1 } },
			{ line: 1, key: '__proto__', value: { id: 2 } },
		]);
	});

	it('are found in a member of an object, and other members are passed over', async () => {
		const text = '{"info": {"list": [1, 2], "s": "\\"list\\": [3"},\n"list": [{"id": 4},\n{"id": 5}], "after": []}';
		expect(await read(text, { keys: ['id'], members: ['list'] })).toEqual([
			{ line: 2, value: { id: 4 } },
			{ line: 3, value: { id: 5 } },
		]);
		expect(await read('{"id": 1, "list": []}', { keys: ['id'], members: ['list'] })).toEqual([
			{ line: 1, value: { id: 1, list: [] } },
		]);
	});

	it('that are broken are named by line, and the others are still read', async () => {
		const lines = await read('{"id":1}\n{"id":\n{"id":3}');
		expect(lines.map(({ line, value }) => [line, value])).toEqual([
			[1, { id: 1 }],
			[2, undefined],
			[3, { id: 3 }],
		]);
		expect(lines[1]!.broken).toMatch(/JSON/);
		const list = await read('[{"id": 1},\n{"id": tru},\n{"id": 3}]');
		expect(list.map(({ line, broken }) => [line, broken !== undefined])).toEqual([
			[1, false],
			[2, true],
			[3, false],
		]);
		expect((await read('[1,,2]')).map(({ broken }) => broken !== undefined)).toEqual([false, true, false]);
	});

	it('are lines as well where the first is broken, or has none of the keys', async () => {
		const places = async (text: string) => (await read(text)).map(({ line, broken }) => [line, broken !== undefined]);
		expect(await places('{"id": 1, "a": "b\n\n{"id": 2}\n')).toEqual([
			[1, true],
			[3, false],
		]);
		expect(await places('{"a": 1}\n{"a": 2}\n{"a"')).toEqual([
			[1, false],
			[2, false],
			[3, true],
		]);
		const wrapped = { keys: ['id'], members: ['list'] };
		for (const text of ['{"list": [\n{"id": 1}\n]}', '{"list":\n[{"id": 1}]}', '{"list": [{"id": 1},\n{"id": 2}\n]}']) {
			expect((await read(text, wrapped))[0]!.value).toEqual({ id: 1 });
		}
		expect(await read('{"7":\n{"id": 1}\n}')).toEqual([{ line: 1, key: '7', value: { id: 1 } }]);
	});

	it('of an empty list or file are none', async () => {
		expect(await read('[]')).toEqual([]);
		expect(await read(' [ \n ] \n')).toEqual([]);
		expect(await read('')).toEqual([]);
		expect(await read('{}')).toEqual([]);
	});

	it.each([
		['[{"id": 1},', 'f.json:1: the JSON ends in the middle; is it truncated?'],
		['[{"id": 1}]\n[2]', 'f.json:2: the JSON goes on after its end'],
		['[{"id": 1}]]', 'f.json:1: the JSON closes more than it opens'],
	])('refuses %j', async (text, message) => {
		await expect(read(text)).rejects.toThrow(message);
	});

	it('come out the same however the file is cut into pieces', async () => {
		const value = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 });
		await fc.assert(
			fc.asyncProperty(
				fc.array(value, { minLength: 1, maxLength: 5 }),
				fc.nat({ max: 2 }),
				fc.integer({ min: 1, max: 7 }),
				async (values, indent, size) => {
					const list = JSON.stringify(values, null, indent);
					expect((await records(cut(list, size))).map((record) => record.value)).toEqual(JSON.parse(list));
					const wrapped = JSON.stringify({ a: values, list: values }, null, indent);
					const members = await records(cut(wrapped, size), { keys: ['id'], members: ['list'] });
					expect(members.map((record) => record.value)).toEqual(JSON.parse(list));
				},
			),
			{ numRuns: 100 },
		);
	});

	it('of arbitrary text are read or refused, never a crash', async () => {
		const text = fc.oneof(fc.string(), fc.stringMatching(/^[[\]{}",:\\ \n01a]*$/));
		await fc.assert(
			fc.asyncProperty(text, async (content) => {
				await read(content).catch((error: unknown) => expect(error).toBeInstanceOf(InputError));
				const options = { keys: ['id'], members: ['a'] };
				await read(content, options).catch((error: unknown) => expect(error).toBeInstanceOf(InputError));
			}),
			{ numRuns: 500 },
		);
	});
});
