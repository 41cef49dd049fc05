import type { Ask, Backend, Condition, GenerationSettings, PreparedImages } from '../backends/backend.ts';
import { InputError, UsageError } from '../base/errors.ts';
import type { Question, Task } from '../tasks/task.ts';
import { inOrder } from './in-order.ts';
import { buildManifest, describeDifference, firstDifference } from './manifest.ts';
import { type Chunk, type Plan, planQuestions } from './plan.ts';
import { createTally, type Tally } from './results.ts';
import type { Manifest, Results, RunRecord } from './run.ts';
import { exchangeSides } from './sides.ts';
import {
	jsonFile,
	type RunStore,
	readManifest,
	readRecords,
	recordLines,
	recordWhere,
	writeGalleryImage,
} from './store.ts';

/** Number of images kept for reports. */
const GALLERY = 24;

export interface Progress {
	/** Answers recorded, those of earlier calls included. */
	done: number;
	/** Answers of the whole run: questions × conditions × draws. */
	total: number;
	/** Answers that were there before this call. */
	resumed: number;
}

export interface EvaluateOptions {
	task: Task;
	backend: Backend;
	/** From `parseConditions`. */
	conditions: readonly Condition[];
	/** Default: greedy, at most 32 new tokens. */
	settings?: GenerationSettings;
	/** Where the run is kept; stays open. */
	store: RunStore;
	/** Seed of the bootstrap (that of permutations is in the conditions). Default 0. */
	seed?: number;
	/** Largest number of questions a condition is asked, taken as `planQuestions` says; default all. */
	limit?: number;
	/** Images prepared together; default 16. */
	imagesPerBatch?: number;
	/** Called after every recorded piece, and once before the first. */
	onProgress?: (progress: Progress) => void;
	/** Stops after the answers under way, which are kept. */
	signal?: AbortSignal;
}

function checkWhole(flag: string, value: number | undefined): void {
	if (value === undefined || (Number.isSafeInteger(value) && value > 0)) return;
	throw new UsageError(`${flag}: expected a whole number above 0, got ${value}`, { code: 'usage' });
}

function checkConditions(conditions: readonly Condition[], backend: Backend, { chunks }: Plan): void {
	if (conditions.length === 0) throw new UsageError('--condition: expected at least one', { code: 'condition' });
	const keys = conditions.map(({ name, draw }) => JSON.stringify([name, draw]));
	for (const [i, condition] of conditions.entries()) {
		const { name, image, pixels } = condition;
		if (keys.indexOf(keys[i]!) !== i) {
			throw new UsageError(`--condition ${name}: is there twice; leave one out`, { code: 'condition' });
		}
		const reason = backend.cannot(condition);
		if (reason !== null) throw new UsageError(`--condition ${name}: ${reason}`, { code: 'condition' });
		if (image === 'wrong' && chunks.some(({ images }) => images.length < 2)) {
			throw new UsageError(
				`--condition ${name}: shows images of other questions, and a batch here has one image; ask more questions (--limit), or leave it out`,
				{ code: 'condition' },
			);
		}
		if (pixels?.kind === 'crop' && chunks.some(({ asks }) => asks.some(({ question }) => !question.box))) {
			throw new UsageError(`--condition ${name}: the task does not say where the objects are; leave it out`, {
				code: 'condition',
			});
		}
	}
}

/** The manifest that the run goes by: the stored one where there is one, else the given one, which is then stored. */
async function agreeOnManifest(store: RunStore, manifest: Manifest): Promise<Manifest> {
	const stored = await readManifest(store);
	if (stored === null) {
		await store.write('manifest.json', jsonFile(manifest));
		return manifest;
	}
	const difference = firstDifference(stored, manifest);
	if (difference === undefined) return stored;
	throw new UsageError(
		`${store.location}: holds another run (${describeDifference(difference)}); give another --out, or delete the folder`,
		{ code: 'run-differs' },
	);
}

/** What is asked in one go: all questions of a chunk under one draw, or one of them. */
interface Piece {
	chunk: Chunk;
	condition: Condition;
	asks: Chunk['asks'];
	/** Number of records before it. */
	first: number;
}

/** What has to be recorded, in order: a chunk under one draw, then under the next draw, then the next chunk. */
function* piecesOf(chunks: readonly Chunk[], conditions: readonly Condition[], oneByOne = false): Generator<Piece> {
	let first = 0;
	for (const chunk of chunks) {
		for (const condition of conditions) {
			for (const asks of oneByOne ? chunk.asks.map((ask) => [ask]) : [chunk.asks]) {
				yield { chunk, condition, asks, first };
				first += asks.length;
			}
		}
	}
}

/** Adds the stored records to the tally, checking that they are the run's first ones in order; returns their number. */
async function takeStored(
	store: RunStore,
	tally: Tally,
	plan: Plan,
	conditions: readonly Condition[],
): Promise<number> {
	const expected = (function* () {
		for (const { chunk, condition } of piecesOf(plan.chunks, conditions)) {
			for (const { question } of chunk.asks) yield { question, condition };
		}
	})();
	let done = 0;
	for await (const record of readRecords(store)) {
		const where = recordWhere(store.location, ++done);
		const next = expected.next().value;
		const fits =
			next?.question.id === record.id &&
			next.condition.name === record.condition &&
			next.condition.draw === record.draw;
		if (!fits) {
			throw new InputError(
				`${where}: is not the answer that belongs there; was the file edited? delete this line and all after it`,
				{ code: 'run-record' },
			);
		}
		tally.add(record, where);
	}
	return done;
}

/** The question as the backend gets it: where the pixels' sides are exchanged, the words for them are too. */
function toAsk({ image, question: { id, prompt, box } }: Chunk['asks'][number], { pixels }: Condition): Ask {
	return { image, prompt: exchangeSides(prompt, pixels), id, ...(pixels?.kind === 'crop' && box && { box }) };
}

/** Graded as the task's own question, for which the sides in the answer are exchanged back. */
function toRecord(task: Task, question: Question, { name, draw, pixels }: Condition, raw: string): RunRecord {
	const { id, image, category, groups, prompt, answer, chance } = question;
	const own = exchangeSides(raw, pixels);
	const { value, status, correct } = task.strict(question, own);
	return {
		id,
		image,
		condition: name,
		draw,
		category,
		groups,
		prompt: exchangeSides(prompt, pixels),
		answer: exchangeSides(answer, pixels),
		chance,
		raw,
		value: value === null ? null : exchangeSides(value, pixels),
		status,
		correct,
		lenient: task.lenient(question, own).correct,
	};
}

/** Chunks that are prepared once for all of their pieces, and freed when as many have been asked. */
function sharedChunks(prepare: (chunk: Chunk) => Promise<PreparedImages>) {
	const open = new Map<Chunk, { prepared: Promise<PreparedImages>; left: number }>();
	return {
		async use<T>(chunk: Chunk, uses: number, work: (prepared: PreparedImages) => Promise<T>): Promise<T> {
			const entry = open.get(chunk) ?? { prepared: prepare(chunk), left: uses };
			open.set(chunk, entry);
			const prepared = await entry.prepared;
			const result = await work(prepared);
			if (--entry.left === 0) {
				open.delete(chunk);
				prepared.release();
			}
			return result;
		},
		/** Frees what is still open after a failure. */
		async close() {
			for (const { prepared } of open.values()) await prepared.then((images) => images.release()).catch(() => {});
			open.clear();
		},
	};
}

/**
 * Asks a backend a task's questions under every condition, records the answers in `store` as they are known, and
 * returns the statistics (also stored, as results.json). A store that holds the beginning of the same run is gone on
 * with: a run that was cut short, by whatever means, and resumed has the same bytes as one that was not. Work goes by
 * chunks of images; a chunk is prepared once and asked under each condition in turn; a piece that is partly recorded
 * is asked again as a whole, because its batch may move an answer, and only what is missing is added. Where the backend
 * `asksOneByOne`, a piece is one question.
 *
 * Throws a UsageError where the store holds another run, an InputError where its records are broken, and the signal's
 * reason once it is aborted; what is recorded stays.
 */
export async function evaluate(options: EvaluateOptions): Promise<Results> {
	const { task, backend, store, limit, signal, onProgress = () => {} } = options;
	const { settings = { maxNewTokens: 32, temperature: 0, seed: 0 }, seed = 0, imagesPerBatch = 16 } = options;
	checkWhole('--limit', limit);
	checkWhole('imagesPerBatch', imagesPerBatch);
	const plan = planQuestions(task.questions, { limit, imagesPerBatch, gallery: GALLERY });
	if (plan.questions === 0) throw new InputError(`${task.name}: has no questions`, { code: 'no-questions' });
	checkConditions(options.conditions, backend, plan);

	const manifest = await agreeOnManifest(
		store,
		buildManifest({
			task,
			backend: backend.facts,
			conditions: options.conditions,
			settings,
			seed,
			questions: plan.questions,
			imagesPerBatch,
			gallery: plan.gallery.map(({ id }) => id),
		}),
	);
	const { conditions } = manifest;
	const tally = createTally(manifest);
	const resumed = await takeStored(store, tally, plan, conditions);
	const total = plan.questions * conditions.length;
	let done = resumed;
	onProgress({ done, total, resumed });

	const chunks = sharedChunks(async ({ images }) => {
		for (const [index, { image }] of plan.gallery.entries()) {
			if (images.includes(image)) await writeGalleryImage(store, index, await task.image(image));
		}
		return backend.prepare(await Promise.all(images.map((key) => task.pixels?.(key) ?? task.image(key))));
	});
	const pieces = [...piecesOf(plan.chunks, conditions, backend.asksOneByOne)];
	const left = pieces.filter(({ asks, first }) => first + asks.length > resumed);
	const uses = new Map<Chunk, number>();
	for (const { chunk } of left) uses.set(chunk, (uses.get(chunk) ?? 0) + 1);
	const askPiece = ({ chunk, condition, asks }: Piece) => {
		const own = asks.map((ask) => toAsk(ask, condition));
		return chunks.use(chunk, uses.get(chunk)!, (prepared) => prepared.answer(condition, own, settings));
	};
	const size = ({ asks }: Piece) => asks.length;
	try {
		for await (const [piece, answers] of inOrder(left, askPiece, { size, ahead: backend.lookAhead ?? 0, signal })) {
			const { chunk, condition, asks, first } = piece;
			if (answers.length !== asks.length) {
				throw new RangeError(`backend: expected ${asks.length} answers, got ${answers.length}`);
			}
			const records = asks.map(({ question }, i) => toRecord(task, question, condition, answers[i]!));
			const missing = records.slice(done - first);
			await store.append(recordLines(missing));
			for (const record of missing) tally.add(record, recordWhere(store.location, ++done));
			onProgress({ done, total, resumed });
			if (condition === conditions.at(-1) && asks.at(-1) === chunk.asks.at(-1)) await store.sync();
		}
	} finally {
		await chunks.close();
		await store.sync();
	}
	const results = tally.results();
	await store.write('results.json', jsonFile(results));
	return results;
}
