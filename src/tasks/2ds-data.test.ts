import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DorsalError } from '../base/errors.ts';
import { generateBench } from '../bench2ds/bench.ts';
import { writeBench } from '../bench2ds/write.node.ts';
import { benchFiles } from '../bench2ds/write.ts';
import { openTwoDs } from './2ds.node.ts';
import { twoDsTask, ventralTask } from './2ds.ts';
import { readTwoDs } from './2ds-data.ts';
import { memoryFile } from './score-file.ts';

const OPTIONS = { images: 4, size: 48, seed: 3, form: 'both', quads: true } as const;
const bench = generateBench(OPTIONS);

let dir: string;
beforeAll(async () => {
	dir = mkdtempSync(join(tmpdir(), 'dorsal-2ds-'));
	await writeBench(bench, join(dir, 'out'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const fromText = (text: string | Uint8Array, name = '2ds.jsonl') =>
	readTwoDs({
		file: memoryFile(name, text),
		images: async (path) => new TextEncoder().encode(path),
	});

const record = {
	entry_id: 7,
	test_category: '3 objects',
	image_filename: 'a/b.png',
	objects: null,
	qa_pairs: [
		{ qa_category: 'color_abs', question: 'What color?', answer: 'Pink.' },
		{ qa_category: 'shape_rel', question: 'Is it?', answer: 'No' },
	],
};
const line = (changes: object = {}) => `${JSON.stringify({ ...record, ...changes })}\n`;

describe('a folder that was written', () => {
	it.each(['', '2ds.jsonl', '2ds.parquet'])(
		'gives the questions and images that it was made from (%s)',
		async (name) => {
			const made = twoDsTask(OPTIONS);
			const task = await openTwoDs(join(dir, 'out', name));
			expect(task).toMatchObject({ name: '2ds', title: '2DS: where things are' });
			// The files do not say which objects a question is about.
			expect(task.questions).toEqual(made.questions.map(({ box: _, ...question }) => question));
			const { image } = made.questions[100]!;
			expect(new Uint8Array(await task.image(image))).toEqual(await made.image(image));
			for (const question of task.questions) expect(task.strict(question, question.answer).correct).toBe(true);
		},
	);

	it('holds the twin as well', async () => {
		for (const path of [join(dir, 'out'), join(dir, 'out', '2ds-ventral.parquet')]) {
			const task = await openTwoDs(path, { twin: true });
			expect(task.name).toBe('2ds-ventral');
			expect(task.questions).toEqual(ventralTask(OPTIONS).questions);
		}
	});

	it('has another hash once an image is another', async () => {
		const before = await openTwoDs(join(dir, 'out'));
		expect((await openTwoDs(join(dir, 'out'))).dataHash).toBe(before.dataHash);
		const { path } = [...benchFiles(bench)][3]!;
		await writeBench(bench, join(dir, 'other'));
		writeFileSync(join(dir, 'other', path), 'x');
		expect((await openTwoDs(join(dir, 'other'))).dataHash).not.toBe(before.dataHash);
		rmSync(join(dir, 'other', path));
		await expect(openTwoDs(join(dir, 'other'))).rejects.toThrow(
			'no such image; is the folder of the benchmark complete?',
		);
	});
});

describe('the paper’s data', () => {
	it('are read without our fields and with other words', async () => {
		const yes = { qa_category: 'shape_rel', question: 'Is it so?', answer: 'Yes' };
		const task = await fromText(line() + line({ entry_id: 8, qa_pairs: [yes, yes] }));
		expect(task.questions.map(({ id, answer, chance, groups }) => ({ id, answer, chance, groups }))).toEqual([
			{
				id: '7/color_abs',
				answer: 'pink',
				chance: 1,
				groups: { objects: '3', form: 'open', type: 'absolute', names: 'color' },
			},
			...['7/shape_rel/yes-no', '8/shape_rel/yes-no', '8/shape_rel/yes-no#2'].map((id, i) => ({
				id,
				answer: i === 0 ? 'no' : 'yes',
				chance: expect.closeTo(2 / 3, 9),
				groups: { objects: '3', form: 'yes-no', type: 'relative', names: 'shape' },
			})),
		]);
		expect(task.lenient(task.questions[0]!, 'It is pink').correct).toBe(true);
		expect(task.strict(task.questions[1]!, 'no').correct).toBe(true);
		expect(new TextDecoder().decode(await task.image('7'))).toBe('a/b.png');
	});

	it('are read from Parquet, images inside', async () => {
		const rows = [1n, 2n];
		const bytes = parquetWriteBuffer({
			columnData: [
				{ name: 'entry_id', data: rows, type: 'INT64' },
				{ name: 'test_category', data: ['two', 'two'] },
				{ name: 'image_filename', data: [new Uint8Array([1, 2, 3]), null], type: 'BYTE_ARRAY' },
				{ name: 'qa_pairs', data: [record.qa_pairs, record.qa_pairs], type: 'JSON' },
			],
		});
		const task = await fromText(new Uint8Array(bytes), 'train-00000-of-00001.parquet');
		expect(task.questions).toHaveLength(4);
		expect(task.questions[0]!.groups.objects).toBe('two');
		expect(new Uint8Array(await task.image('1'))).toEqual(new Uint8Array([1, 2, 3]));
		await expect(task.image('2')).rejects.toThrow(
			'train-00000-of-00001.parquet: row 2: image_filename: holds no image bytes',
		);
	});
});

describe('bad data', () => {
	it.each([
		['a line that is not JSON', `${line()}\n{"entry_id": `, '2ds.jsonl:3: not JSON ('],
		['a missing field', line() + line({ entry_id: 8, qa_pairs: undefined }), '2ds.jsonl:2: qa_pairs: expected a list'],
		[
			'a wrong answer',
			line({ qa_pairs: [{ qa_category: 'a', question: 'b', answer: 3 }] }),
			'2ds.jsonl:1: qa_pairs[0].answer: expected text, got 3; is this 2DS?',
		],
		['no questions', line({ qa_pairs: [] }), 'qa_pairs: expected at least 1'],
		['an entry twice', line() + line(), '2ds.jsonl:2: entry_id: "7" is there twice'],
		[
			'a way out of the folder',
			line({ image_filename: 'a/../../b.png' }),
			'expected a path inside the folder, got "a/../../b.png"',
		],
		['an absolute path', line({ image_filename: '/etc/passwd' }), 'expected a path inside the folder'],
		['a path of Windows', line({ image_filename: 'C:\\x.png' }), 'expected a path inside the folder'],
		[
			'no path',
			line({ image_filename: undefined }),
			'2ds.jsonl:1: image_filename: expected a path inside the folder, got nothing',
		],
		['nothing', '', '2ds.jsonl: holds no record of 2DS'],
	])('is refused in one line: %s', async (_, text, message) => {
		const error = await fromText(text).then(
			() => null,
			(reason: Error) => reason,
		);
		expect(error).toBeInstanceOf(DorsalError);
		expect(error!.message).toContain(message);
		expect(error!.message).not.toContain('\n');
	});

	it('is refused by path', async () => {
		await expect(openTwoDs(join(dir, 'nowhere'))).rejects.toThrow('no such file');
		await expect(openTwoDs(dir)).rejects.toThrow(`${dir}: holds no 2ds.jsonl or 2ds.parquet; name the file itself`);
	});

	it('ends in one line whatever bytes are broken', async () => {
		const files = [...benchFiles(generateBench({ images: 1, size: 16 }))];
		const originals = ['2ds.jsonl', '2ds.parquet'].map((name) => files.find(({ path }) => path === name)!);
		const damage = fc.record({
			which: fc.constantFrom(...originals),
			cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
			flips: fc.array(fc.tuple(fc.double({ min: 0, max: 0.999999, noNaN: true }), fc.nat(255)), { maxLength: 4 }),
		});
		await fc.assert(
			fc.asyncProperty(damage, async ({ which, cut, flips }) => {
				const bytes = which.bytes.slice(0, cut === null ? undefined : Math.floor(cut * which.bytes.length));
				for (const [at, value] of flips) if (bytes.length > 0) bytes[Math.floor(at * bytes.length)] = value;
				try {
					const task = await fromText(bytes, which.path);
					await task.image(task.questions[0]!.image);
				} catch (error) {
					expect(error).toBeInstanceOf(DorsalError);
					expect((error as Error).message).not.toContain('\n');
				}
			}),
			{ numRuns: 150 },
		);
	});
});
