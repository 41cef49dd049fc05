import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeBackend, fakeFacts, fakeTask } from '../../test/support/fake-eval.ts';
import { InputError, UsageError } from '../base/errors.ts';
import { rng } from '../base/random.ts';
import type { Task } from '../tasks/task.ts';
import { parseConditions } from './conditions.ts';
import { resultsOf } from './results.ts';
import { type RunRecord, resultsSchema } from './run.ts';
import { type EvaluateOptions, evaluate, type Progress } from './runner.ts';
import { memoryStore, type RunStore, runFrom } from './store.ts';

/** What outlives a killed process. */
interface Disk {
	files: Map<string, Uint8Array>;
	records: Uint8Array;
}

const emptyDisk = (): Disk => ({ files: new Map(), records: new Uint8Array() });

class Killed extends Error {}

/** A store over a disk that dies in the middle of the append that passes `bytes` more bytes. */
function mortalStore(disk: Disk, bytes = Number.POSITIVE_INFINITY): RunStore {
	let left = bytes;
	return {
		...memoryStore('runs/x'),
		read: async (name) => disk.files.get(name) ?? null,
		async write(name, content) {
			disk.files.set(name, content);
		},
		async *recordBytes() {
			yield disk.records;
		},
		async append(content) {
			const kept = disk.records.subarray(0, disk.records.lastIndexOf(10) + 1);
			disk.records = new Uint8Array([...kept, ...content.subarray(0, left)]);
			left -= content.length;
			if (left < 0) throw new Killed();
		},
	};
}

const settled = (disk: Disk) => ({ records: new TextDecoder().decode(disk.records), files: disk.files });

function options(store: RunStore, changes: Partial<EvaluateOptions> = {}): EvaluateOptions {
	return {
		task: fakeTask(),
		backend: fakeBackend(),
		conditions: parseConditions('intact,permuted:2,text-only'),
		store,
		imagesPerBatch: 4,
		...changes,
	};
}

const lines = (disk: Disk) =>
	new TextDecoder()
		.decode(disk.records)
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line));

describe('evaluate', () => {
	it('records every question under every draw, in chunks that are prepared once', async () => {
		const disk = emptyDisk();
		const backend = fakeBackend();
		const progress: Progress[] = [];
		const results = await evaluate(options(mortalStore(disk), { backend, onProgress: (step) => progress.push(step) }));
		const records = lines(disk);
		expect(records).toHaveLength(10 * 3 * 4);
		expect(records.slice(0, 13).map(({ id, condition, draw }) => `${id} ${condition} ${draw}`)).toEqual([
			...Array.from({ length: 12 }, (_, i) => `q${i} intact 0`),
			'q0 permuted 0',
		]);
		expect(backend).toMatchObject({ prepared: 3, released: 3, images: [4, 4, 2] });
		expect(progress[0]).toEqual({ done: 0, total: 120, resumed: 0 });
		expect(progress.at(-1)).toEqual({ done: 120, total: 120, resumed: 0 });
		expect(progress).toHaveLength(1 + 3 * 4);

		const run = await runFrom(mortalStore(disk));
		expect(run.results).toEqual(results);
		expect(resultsSchema.parse(results)).toEqual(results);
		expect(await resultsOf(run.manifest, run.records())).toEqual(results);
		expect(results.conditions.permuted!.draws).toHaveLength(2);
		expect(results.paired.filter(({ category }) => category === null).map(({ b }) => b)).toEqual([
			'permuted',
			'text-only',
		]);
		expect(run.manifest).toMatchObject({ questions: 30, imagesPerBatch: 4 });
		expect(run.manifest.gallery).toHaveLength(10);
		for (const id of run.manifest.gallery) {
			const name = fakeTask().questions.find((question) => question.id === id)!.image;
			expect(new TextDecoder().decode((await run.image(id))!.subarray(4))).toBe(name);
		}
	});

	it('has the same bytes after any number of kills as without one', async () => {
		const scenario = fc.record({
			images: fc.integer({ min: 2, max: 9 }),
			perImage: fc.integer({ min: 1, max: 3 }),
			imagesPerBatch: fc.integer({ min: 2, max: 5 }),
			limit: fc.option(fc.integer({ min: 4, max: 20 }), { nil: undefined }),
			list: fc.constantFrom('intact', 'intact,permuted,text-only', 'wrong-image,pool:2&permuted:2'),
			kills: fc.array(fc.record({ bytes: fc.nat(6000), batches: fc.nat(8) }), { maxLength: 6 }),
		});
		await fc.assert(
			fc.asyncProperty(scenario, async ({ images, perImage, imagesPerBatch, limit, list, kills }) => {
				const common = {
					task: fakeTask({ images, perImage }),
					conditions: parseConditions(list),
					imagesPerBatch,
					...(limit === undefined ? {} : { limit: Math.max(limit, perImage + 1) }),
				};
				const uncut = emptyDisk();
				await evaluate(options(mortalStore(uncut), common));

				const disk = emptyDisk();
				for (const { bytes, batches } of kills) {
					let left = batches;
					const backend = fakeBackend({
						before: () => {
							if (left-- <= 0) throw new Killed();
						},
					});
					await evaluate(options(mortalStore(disk, bytes), { ...common, backend })).catch((error) =>
						expect(error).toBeInstanceOf(Killed),
					);
					expect(backend.released).toBe(backend.prepared);
				}
				await evaluate(options(mortalStore(disk), common));
				expect(settled(disk)).toEqual(settled(uncut));
			}),
			{ numRuns: 60 },
		);
	});

	it('has the same bytes where a backend works on several pieces at once, whichever ends first, after kills too', async () => {
		const uncut = emptyDisk();
		await evaluate(options(mortalStore(uncut)));
		const random = rng(2, 'times');
		const late = () => new Promise<void>((resolve) => setTimeout(resolve, random.int(4)));
		const disk = emptyDisk();
		for (const bytes of [3000, 0, 9000, Number.POSITIVE_INFINITY]) {
			const backend = { ...fakeBackend({ before: late }), lookAhead: 30 };
			const attempt = evaluate(options(mortalStore(disk, bytes), { backend }));
			if (bytes < 1e9) await expect(attempt).rejects.toThrow(Killed);
			else await attempt;
			expect(backend.released).toBe(backend.prepared);
		}
		expect(settled(disk)).toEqual(settled(uncut));
	});

	it('exchanges the words for sides with the sides, in what is asked and what is recorded', async () => {
		const task = fakeTask({ images: 2, perImage: 1 });
		const sides: Task = {
			...task,
			questions: task.questions.map((question) => ({ ...question, prompt: 'Is it left of the top?', answer: 'left' })),
			strict: ({ answer }, raw) => ({ value: raw, status: 'ok', correct: raw === answer }),
		};
		const prompts: string[] = [];
		const backend = fakeBackend();
		backend.prepare = async () => ({
			answer: async (_, asks) => asks.map(({ prompt }) => String(prompts.push(prompt) && 'right')),
			release: () => {},
		});
		const disk = emptyDisk();
		await evaluate(
			options(mortalStore(disk), { task: sides, backend, conditions: parseConditions('intact,pixels:mirror') }),
		);
		expect(prompts).toEqual([...Array(2).fill('Is it left of the top?'), ...Array(2).fill('Is it right of the top?')]);
		const record = ({ prompt, answer, raw, value, correct }: RunRecord) => [prompt, answer, raw, value, correct];
		expect(lines(disk).slice(1, 3).map(record)).toEqual([
			['Is it left of the top?', 'left', 'right', 'right', false],
			['Is it right of the top?', 'right', 'right', 'right', true],
		]);
	});

	it('refuses to crop where the task gives no boxes', async () => {
		const conditions = parseConditions('pixels:crop');
		await expect(evaluate(options(memoryStore(), { conditions }))).rejects.toThrow(
			'--condition pixels:crop: the task does not say where the objects are',
		);
	});

	it('asks a finished run nothing more', async () => {
		const disk = emptyDisk();
		await evaluate(options(mortalStore(disk)));
		const before = settled(disk);
		const backend = fakeBackend();
		const progress: Progress[] = [];
		await evaluate(options(mortalStore(disk), { backend, onProgress: (step) => progress.push(step) }));
		expect(settled(disk)).toEqual(before);
		expect(backend.prepared).toBe(0);
		expect(progress).toEqual([{ done: 120, total: 120, resumed: 120 }]);
	});

	it.each<[string, Partial<EvaluateOptions>]>([
		[
			'model: backend.modelHash: "abc" there, "def" here',
			{ backend: fakeBackend({ facts: { ...fakeFacts, modelHash: 'def' } }) },
		],
		['data: task.dataHash: "d0" there, "d1" here', { task: fakeTask({ dataHash: 'd1' }) }],
		['data: questions: 30 there, 5 here', { limit: 5 }],
		[
			'generation: generation.maxNewTokens: 32 there, 8 here',
			{ settings: { maxNewTokens: 8, temperature: 0, seed: 0 } },
		],
	])('refuses the folder of another run: %s', async (difference, changes) => {
		const disk = emptyDisk();
		await evaluate(options(mortalStore(disk)));
		const before = settled(disk);
		const attempt = evaluate(options(mortalStore(disk), changes));
		await expect(attempt).rejects.toThrow(UsageError);
		await expect(attempt).rejects.toThrow(
			`runs/x: holds another run (${difference}); give another --out, or delete the folder`,
		);
		expect(settled(disk)).toEqual(before);
	});

	it('goes on in the order of the stored conditions where they are given in another', async () => {
		const disk = emptyDisk();
		await evaluate(options(mortalStore(disk)));
		const uncut = settled(disk);
		disk.records = disk.records.subarray(0, 5000);
		await evaluate(options(mortalStore(disk), { conditions: parseConditions('text-only,permuted:2,intact') }));
		expect(settled(disk)).toEqual(uncut);
	});

	it('refuses records that were edited, and names the line', async () => {
		const disk = emptyDisk();
		await evaluate(options(mortalStore(disk)));
		const all = new TextDecoder().decode(disk.records).split('\n');
		const attempt = async (edited: string[]) => {
			disk.records = new TextEncoder().encode(edited.join('\n'));
			await evaluate(options(mortalStore(disk)));
		};
		await expect(attempt(all.toSpliced(3, 1))).rejects.toThrow(
			'runs/x/records.jsonl: line 4: is not the answer that belongs there; was the file edited?',
		);
		await expect(attempt(all.toSpliced(3, 1, '{"id"'))).rejects.toThrow('runs/x/records.jsonl: line 4: not JSON');
		await expect(attempt(all.toSpliced(120, 0, all[0]!))).rejects.toThrow(
			'line 121: is not the answer that belongs there',
		);
	});

	it('stops at a signal, keeps what it has, and goes on from there', async () => {
		const uncut = emptyDisk();
		await evaluate(options(mortalStore(uncut)));
		const disk = emptyDisk();
		const controller = new AbortController();
		const reason = new DOMException('stopped on request', 'AbortError');
		let batches = 0;
		const backend = fakeBackend({
			before: () => {
				if (++batches === 6) controller.abort(reason);
			},
		});
		const attempt = evaluate(options(mortalStore(disk), { backend, signal: controller.signal }));
		await expect(attempt).rejects.toBe(reason);
		expect(lines(disk)).toHaveLength(6 * 12);
		expect(backend.released).toBe(backend.prepared);
		await evaluate(options(mortalStore(disk)));
		expect(settled(disk)).toEqual(settled(uncut));
	});

	it('puts wrong images into pairs within a chunk, or says that it cannot', async () => {
		const backend = fakeBackend();
		const wrong = { backend, conditions: parseConditions('wrong-image') };
		await evaluate(options(memoryStore(), { ...wrong, task: fakeTask({ images: 9 }) }));
		expect(backend.images).toEqual([4, 5]);
		const alone = options(memoryStore(), { ...wrong, task: fakeTask({ images: 1 }) });
		await expect(evaluate(alone)).rejects.toThrow(
			'--condition wrong-image: shows images of other questions, and a batch here has one image; ask more',
		);
		await expect(evaluate(options(memoryStore(), { ...wrong, imagesPerBatch: 1 }))).rejects.toThrow(
			'a batch here has one image',
		);
	});

	it('says in one line what it cannot do, before it writes anything', async () => {
		const attempt = async (changes: Partial<EvaluateOptions>, message: string) => {
			const disk = emptyDisk();
			await expect(evaluate(options(mortalStore(disk), changes))).rejects.toThrow(message);
			expect(disk.files.size).toBe(0);
		};
		await attempt({ conditions: parseConditions('pool:99') }, '--condition pool:99: the grid has 8 × 8 tokens');
		await attempt({ conditions: [] }, '--condition: expected at least one');
		await attempt({ conditions: parseConditions('intact').concat(parseConditions('intact')) }, 'is there twice');
		await attempt({ limit: 0 }, '--limit: expected a whole number above 0, got 0');
		await attempt({ limit: 1.5 }, '--limit: expected a whole number above 0, got 1.5');
		await attempt({ imagesPerBatch: -1 }, 'imagesPerBatch: expected a whole number above 0, got -1');
		await attempt({ task: fakeTask({ images: 0 }) }, 'fake: has no questions');
		await expect(evaluate(options(memoryStore(), { task: fakeTask({ images: 0 }) }))).rejects.toThrow(InputError);
	});

	it('refuses a backend that leaves an answer out', async () => {
		const backend = fakeBackend();
		const { prepare } = backend;
		backend.prepare = async function (images) {
			const prepared = await prepare.call(this, images);
			return { ...prepared, answer: async (...args) => (await prepared.answer(...args)).slice(1) };
		};
		await expect(evaluate(options(memoryStore(), { backend }))).rejects.toThrow('backend: expected 12 answers, got 11');
	});
});
