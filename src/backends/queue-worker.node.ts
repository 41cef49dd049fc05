import { type Job, UnrecoverableError, Worker } from 'bullmq';
import { DorsalError } from '../base/errors.ts';
import { validate } from '../base/json.ts';
import type { Backend, PreparedImages } from './backend.ts';
import { endOf } from './ending.ts';
import { IMAGES_MISSING } from './queue.node.ts';
import { connectRedis, PREFIX, takeImages } from './queue-redis.node.ts';
import { queueName, type Shard, type ShardResult, shardSchema } from './queue-shard.ts';

/** Milliseconds without a sign of life after which a worker's shard is given to another. */
const LOCK = 15_000;
/** Milliseconds that handing in the last answers may take; where Redis is away it would take as long as that. */
const PATIENCE = 5000;
/** Workers that a shard may bring down before it is taken for the culprit. */
const MAX_DEATHS = 20;

export interface WorkerOptions {
	/** `redis://HOST:PORT`, with user and password if need be; they reach no message. */
	url: string;
	/** Told in one line when Redis goes away and comes back. Default: nothing. */
	onNotice?: (line: string) => void;
	/** Called after every shard with the number of its questions. */
	onShard?: (questions: number) => void;
	/** Milliseconds without a sign of life after which this worker's shard is given to another. Default 15,000. */
	lock?: number;
	/** Shards at a time. Default 1, which suits a model of our own; a remote backend can take several. */
	concurrency?: number;
}

export interface RunningWorker {
	/** Name of the queue that it takes from. */
	queue: string;
	/** Finishes the shards under way, also where Redis is away and cannot be told, then lets go; the backend stays open. */
	close(): Promise<void>;
}

/** Prepares the images of a shard, and keeps those of the last one: the next shard is often about the same ones. */
function sharedImages(backend: Backend, take: (hashes: readonly string[]) => Promise<Uint8Array[]>) {
	let current: { key: string; prepared: Promise<PreparedImages>; users: number; isOld: boolean } | undefined;
	const letGo = (entry: NonNullable<typeof current>) => {
		entry.isOld = true;
		if (entry.users === 0) entry.prepared.then((images) => images.release()).catch(() => {});
	};
	return {
		async use<T>(hashes: readonly string[], work: (images: PreparedImages) => Promise<T>): Promise<T> {
			const key = hashes.join();
			if (current?.key !== key) {
				if (current) letGo(current);
				current = { key, prepared: take(hashes).then((images) => backend.prepare(images)), users: 0, isOld: false };
			}
			const mine = current;
			mine.users++;
			try {
				return await work(await mine.prepared);
			} catch (error) {
				if (current === mine) current = undefined;
				mine.isOld = true;
				throw error;
			} finally {
				mine.users--;
				if (mine.isOld) letGo(mine);
			}
		},
		close() {
			if (current) letGo(current);
			current = undefined;
		},
	};
}

/**
 * Takes shards of evaluations that are handed in for exactly this backend (`queueBackend`) and answers them, until it is
 * closed. Delivery is at least once: the shard of a worker that dies is given to another.
 */
export async function startWorker(
	backend: Backend,
	{ url, onNotice = () => {}, onShard = () => {}, lock = LOCK, concurrency = 1 }: WorkerOptions,
): Promise<RunningWorker> {
	let isClosing = false;
	const redis = await connectRedis(url, { onNotice, isClosing: () => isClosing });
	const name = queueName(backend.facts);
	const shared = sharedImages(backend, async (hashes) => {
		const images = await takeImages(redis, hashes);
		if (images === null) throw new UnrecoverableError(`${IMAGES_MISSING}: of a shard of ${hashes.length}`);
		return images;
	});

	const answerShard = async (job: Job<unknown>): Promise<ShardResult> => {
		try {
			const shard: Shard = validate(shardSchema, job.data, { where: `shard ${job.id}`, code: 'shard' });
			const { images, condition, asks, settings } = shard;
			const reason = backend.cannot(condition);
			if (reason !== null) throw new UnrecoverableError(`${condition.name}: ${reason}`);
			const answers = await shared.use(images, (prepared) => prepared.answer(condition, asks, settings));
			onShard(asks.length);
			return { answers };
		} catch (error) {
			// What Dorsal raises on purpose would be raised again.
			throw error instanceof DorsalError ? new UnrecoverableError(error.message) : error;
		}
	};
	const underWay = new Set<Promise<ShardResult>>();
	const answerOne = (job: Job<unknown>) => {
		const answering = answerShard(job).finally(() => underWay.delete(answering));
		underWay.add(answering);
		return answering;
	};
	const worker = new Worker(name, answerOne, {
		connection: redis,
		prefix: PREFIX,
		concurrency,
		lockDuration: lock,
		stalledInterval: Math.max(1000, Math.round(lock / 3)),
		maxStalledCount: MAX_DEATHS,
	});
	// Redis coming and going is told by connectRedis; unheard, an error event would end the process.
	worker.on('error', () => {});
	worker.on('failed', (job, error) => onNotice(`shard ${job?.id?.slice(0, 12)} failed: ${error.message}`));
	await worker.waitUntilReady();
	return {
		queue: name,
		async close() {
			isClosing = true;
			const closed = worker.close();
			await Promise.allSettled(underWay);
			await endOf(closed, PATIENCE);
			shared.close();
			redis.disconnect();
		},
	};
}
