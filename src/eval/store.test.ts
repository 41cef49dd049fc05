import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeFacts, fakeTask } from '../../test/support/fake-eval.ts';
import { InputError, UsageError } from '../base/errors.ts';
import { parseConditions } from './conditions.ts';
import { buildManifest } from './manifest.ts';
import type { RunRecord } from './run.ts';
import { jsonFile, memoryStore, type RunStore, readRecords, recordLines, runFrom, writeGalleryImage } from './store.ts';

const record: RunRecord = {
	id: 'q0',
	image: 'scene-0',
	condition: 'intact',
	draw: 0,
	category: 'even',
	groups: { objects: '2' },
	prompt: 'Is it?',
	answer: 'yes',
	chance: 0.5,
	raw: 'yes',
	value: 'yes',
	status: 'ok',
	correct: true,
	lenient: true,
};

/** A store whose records.jsonl has these bytes, read in pieces of at most `step`. */
function storeOf(bytes: Uint8Array, step = 7): RunStore {
	return {
		...memoryStore('runs/x'),
		async *recordBytes() {
			for (let i = 0; i < bytes.length; i += step) yield bytes.subarray(i, i + step);
		},
	};
}

async function all(store: RunStore): Promise<RunRecord[]> {
	const records: RunRecord[] = [];
	for await (const read of readRecords(store)) records.push(read);
	return records;
}

const text = (content: string) => new TextEncoder().encode(content);

describe('readRecords', () => {
	it('gives back any records, however the bytes are cut, and leaves out an unfinished last line', async () => {
		const records = fc.array(
			fc.record({
				raw: fc.string({ unit: 'binary' }),
				id: fc.string(),
				chance: fc.double({ noNaN: true, min: 0, max: 1 }),
			}),
		);
		await fc.assert(
			fc.asyncProperty(records, fc.integer({ min: 1, max: 400 }), fc.nat(300), async (changes, step, torn) => {
				const written = changes.map((change) => ({ ...record, ...change }));
				const bytes = recordLines(written);
				const tail = recordLines([record]).subarray(0, torn);
				const file = new Uint8Array([...bytes, ...(tail.at(-1) === 10 ? [] : tail)]);
				expect(await all(storeOf(file, step))).toEqual(JSON.parse(JSON.stringify(written)));
			}),
			{ numRuns: 60 },
		);
	});

	it.each([
		['{"id":', /^runs\/x\/records\.jsonl: line 2: not JSON/],
		['', /^runs\/x\/records\.jsonl: line 2: not JSON/],
		['[]', /^runs\/x\/records\.jsonl: line 2: expected an object, got \[\]$/],
		[JSON.stringify({ ...record, correct: 'yes' }), /line 2: correct: expected true or false, got "yes"$/],
		[JSON.stringify({ ...record, more: 1 }), /line 2: unknown key "more"$/],
	])('names the line where %j stands', async (line, message) => {
		const bytes = text(`${JSON.stringify(record)}\n${line}\n${JSON.stringify(record)}\n`);
		const attempt = all(storeOf(bytes));
		await expect(attempt).rejects.toThrow(InputError);
		await expect(attempt).rejects.toThrow(message);
	});

	it('names a line that is not UTF-8', async () => {
		const bytes = new Uint8Array([...recordLines([record]), 0x22, 0xff, 0x22, 10]);
		await expect(all(storeOf(bytes))).rejects.toThrow('line 2: not JSON (not UTF-8)');
	});

	it('gives up on a line without end', async () => {
		const endless = {
			...memoryStore('runs/x'),
			async *recordBytes() {
				for (;;) yield new Uint8Array(2 ** 20);
			},
		};
		await expect(all(endless)).rejects.toThrow('line 1 is longer than 16777216 bytes');
	});

	it('reads any bytes or fails with an InputError', async () => {
		await fc.assert(
			fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(200), async (noise, at) => {
				const bytes = recordLines([record, record]);
				bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), at);
				await all(storeOf(bytes)).catch((error) => expect(error).toBeInstanceOf(InputError));
			}),
		);
	});
});

describe('runFrom', () => {
	const manifest = buildManifest({
		task: fakeTask(),
		backend: fakeFacts,
		conditions: parseConditions('intact'),
		settings: { maxNewTokens: 32, temperature: 0, seed: 0 },
		seed: 0,
		questions: 1,
		imagesPerBatch: 16,
		gallery: ['q0', 'q5', 'q7'],
	});

	it('reads a run whose results are not there yet, and its images by question', async () => {
		const store = memoryStore('runs/x');
		await store.write('manifest.json', jsonFile(manifest));
		await store.append(recordLines([record]));
		const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 1]);
		await writeGalleryImage(store, 1, jpeg);
		await writeGalleryImage(store, 2, text('GIF89a'));
		const run = await runFrom(store);
		expect(run).toMatchObject({ location: 'runs/x', manifest, results: null });
		for (let times = 0; times < 2; times++) {
			const records: RunRecord[] = [];
			for await (const read of run.records()) records.push(read);
			expect(records).toEqual([record]);
		}
		expect(await Promise.all(['q0', 'q5', 'q7', 'unknown'].map((id) => run.image(id)))).toEqual([
			null,
			jpeg,
			null,
			null,
		]);
	});

	it('says what is wrong with a folder that is no run, or a broken one', async () => {
		const store = memoryStore('runs/x');
		await expect(runFrom(store)).rejects.toThrow(UsageError);
		await expect(runFrom(store)).rejects.toThrow('runs/x: has no manifest.json; give the folder of a run');
		await store.write('manifest.json', jsonFile({ ...manifest, format: 2 }));
		await expect(runFrom(store)).rejects.toThrow('runs/x/manifest.json: format: expected 1, got 2');
		await store.write('manifest.json', jsonFile(manifest));
		await store.write('results.json', text('{}'));
		await expect(runFrom(store)).rejects.toThrow(
			/^runs\/x\/results\.json: format: .*; delete it and give the eval command/,
		);
	});
});
