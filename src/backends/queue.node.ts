import { deflateSync } from 'node:zlib';
import { type Job, Queue } from 'bullmq';
import { DorsalError } from '../base/errors.ts';
import { validate } from '../base/json.ts';
import { encodePngWith } from '../image/png.ts';
import type { Backend } from './backend.ts';
import { Ending, endOf, sleep } from './ending.ts';
import { connectRedis, dropImages, PREFIX, putImages, redisName } from './queue-redis.node.ts';
import { hashBytes, queueName, type Shard, shardKey, shardResultSchema, shardSchema } from './queue-shard.ts';

/** Questions handed in beyond the oldest shard, so that some twenty workers never wait for the next one. */
const AHEAD = 2048;
/** Milliseconds between looks at the jobs that are under way. */
const POLL = 50;
/** Milliseconds without a single worker before that is said, and for tidying up at the end. */
const PATIENCE = 3000;
/** Seconds that a finished job is kept for an evaluation that was killed before it took the answers. */
const KEEP_SECONDS = 24 * 3600;
/** Attempts at a shard in which a worker met an error that may pass. */
const ATTEMPTS = 3;
/** What a worker's error begins with where an image was not there, after a restart of Redis for one. */
export const IMAGES_MISSING = 'images missing';

/** Only this evaluation and its workers see these bytes, so they need not be the same in every version of Node. */
const deflateFast = (data: Uint8Array): Uint8Array => deflateSync(data, { level: 1 });

export interface QueueOptions {
	/** `redis://HOST:PORT`, with user and password if need be; they reach no message. */
	url: string;
	/** Ends the waiting for workers. */
	signal?: AbortSignal | undefined;
	/** Told in one line when Redis goes away and comes back, and when there is no worker. Default: nothing. */
	onNotice?: (line: string) => void;
	/** Questions handed in beyond the oldest shard. Default 2,048. */
	lookAhead?: number;
}

/**
 * Hands the questions to workers (`dorsal worker`) through Redis instead of asking them here. `local` says what the
 * answers depend on and which conditions can be carried out, and is not asked itself; workers of another model never
 * see its shards. Shards are known by what they ask: one that is done twice, by a worker thought dead or after a restart
 * of Redis, has one answer. `close` closes `local` too.
 */
export async function queueBackend(
	local: Backend,
	{ url, signal, onNotice = () => {}, lookAhead = AHEAD }: QueueOptions,
): Promise<Backend> {
	let isClosing = false;
	const redis = await connectRedis(url, { onNotice, isClosing: () => isClosing });
	const name = queueName(local.facts);
	const queue = new Queue<Shard>(name, { connection: redis, prefix: PREFIX });
	// Redis coming and going is told by connectRedis; unheard, an error event would end the process.
	queue.on('error', () => {});
	const where = `${redisName(url)}, queue ${name}`;
	const tidying = new Set<Promise<void>>();
	// Commands wait for a Redis that is away, for as long as it is; a stop does not wait for them.
	const ending = new Ending();
	const letGo = ending.endWith(signal);
	let lastWorker = Date.now();
	let lonely = false;

	const watchForWorkers = async () => {
		if (Date.now() - lastWorker < PATIENCE) return;
		lastWorker = Date.now();
		const none = (await queue.getWorkersCount()) === 0;
		if (none && !lonely)
			onNotice(`no worker for ${local.facts.model} is connected to ${redisName(url)}; start one with dorsal worker`);
		lonely = none;
	};

	/** Hands a shard in and waits for its answers; again where Redis has lost it. */
	const askWorkers = async (shard: Shard, images: ReadonlyMap<string, Uint8Array>): Promise<string[]> => {
		const jobId = shardKey(shard);
		// What failed in an earlier evaluation may have been put right since.
		if ((await queue.getJobState(jobId)) === 'failed') await queue.remove(jobId);
		for (;;) {
			await putImages(redis, images);
			await queue.add('shard', shard, {
				jobId,
				attempts: ATTEMPTS,
				backoff: { type: 'exponential', delay: 500 },
				removeOnComplete: { age: KEEP_SECONDS },
				removeOnFail: { age: KEEP_SECONDS },
			});
			const ended = await endedJob(queue, jobId, { ending, watchForWorkers });
			if (ended === null) continue;
			const { job, hasFailed } = ended;
			if (hasFailed && job.failedReason?.startsWith(IMAGES_MISSING)) {
				await job.remove();
				continue;
			}
			if (hasFailed) {
				throw new DorsalError(
					`${where}: a worker failed: ${job.failedReason}; put it right and give the same command again`,
					{ code: 'queue' },
				);
			}
			const at = { where: `${where}: a worker's answers`, code: 'queue' };
			const { answers } = validate(shardResultSchema, job.returnvalue, at);
			if (answers.length === shard.asks.length) return answers;
			throw new DorsalError(`${at.where}: expected ${shard.asks.length}, got ${answers.length}`, { code: 'queue' });
		}
	};

	const ask: typeof askWorkers = (shard, images) => ending.race(askWorkers(shard, images));

	return {
		facts: local.facts,
		lookAhead,
		cannot: local.cannot,
		async prepare(images) {
			const bytes = images.map((image) => (image instanceof Uint8Array ? image : encodePngWith(deflateFast, image)));
			const hashes = bytes.map(hashBytes);
			const byHash = new Map(hashes.map((hash, i) => [hash, bytes[i]!]));
			const keys: string[] = [];
			return {
				answer(condition, asks, settings) {
					// Parsed, so that equal shards have their fields in one order and therefore one key.
					const shard = shardSchema.parse({ images: hashes, condition, asks, settings });
					keys.push(shardKey(shard));
					return ask(shard, byHash);
				},
				release() {
					// After a stop, what workers have done meanwhile stays for the evaluation that goes on from here.
					if (signal?.aborted) return;
					const tidy = async () => {
						for (const key of keys) await queue.remove(key);
						await dropImages(redis, hashes);
					};
					const done = tidy().catch(() => {});
					tidying.add(done);
					void done.then(() => tidying.delete(done));
				},
			};
		},
		async close() {
			isClosing = true;
			await endOf(Promise.all(tidying), PATIENCE);
			letGo();
			ending.end(new DOMException('the backend has been closed', 'AbortError'));
			await endOf(queue.close(), PATIENCE);
			redis.disconnect();
			await local.close();
		},
	};
}

/**
 * The job when it has been completed or has failed; null if it is gone (with a Redis that came back without its data).
 * Its state says which: `failedReason` is also there where an earlier attempt failed and a later one did not.
 */
async function endedJob(
	queue: Queue<Shard>,
	jobId: string,
	{ ending, watchForWorkers }: { ending: Ending; watchForWorkers: () => Promise<void> },
): Promise<{ job: Job<Shard>; hasFailed: boolean } | null> {
	for (;;) {
		ending.throwIfEnded();
		const state = await queue.getJobState(jobId);
		if (state === 'unknown') return null;
		if (state === 'completed' || state === 'failed') {
			const job = await queue.getJob(jobId);
			return job ? { job, hasFailed: state === 'failed' } : null;
		}
		await watchForWorkers();
		await sleep(POLL, ending);
	}
}
