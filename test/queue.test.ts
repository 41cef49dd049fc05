import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../src/backends/backend.ts';
import { queueBackend } from '../src/backends/queue.node.ts';
import { redisName } from '../src/backends/queue-redis.node.ts';
import { queueName } from '../src/backends/queue-shard.ts';
import { type RunningWorker, startWorker } from '../src/backends/queue-worker.node.ts';
import { InputError } from '../src/base/errors.ts';
import { parseConditions } from '../src/eval/conditions.ts';
import { evaluate } from '../src/eval/runner.ts';
import { memoryStore, type RunStore } from '../src/eval/store.ts';
import { fakeBackend, fakeFacts, fakeTask } from './support/fake-eval.ts';
import { hasRedis, type RedisServer, startRedis } from './support/redis.ts';

const task = fakeTask({ images: 60, perImage: 3 });
const conditions = parseConditions('intact,permuted,wrong-image');

/** Everything that a run leaves behind, by name. */
async function run(backend: Backend, changes: Partial<Parameters<typeof evaluate>[0]> = {}) {
	const files: Record<string, string> = { records: '' };
	const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
	const store: RunStore = {
		...memoryStore(),
		async write(name, bytes) {
			files[name] = text(bytes);
		},
		async append(bytes) {
			files.records += text(bytes);
		},
	};
	await evaluate({ task, backend, conditions, store, imagesPerBatch: 4, ...changes });
	return files;
}

/** A backend that would answer, but must not be asked. */
const idle = () =>
	fakeBackend({
		before: () => {
			throw new Error('asked where the workers should be');
		},
	});

it('is loaded only by --queue', async () => {
	const { metafile } = await build({
		entryPoints: ['src/cli/commands/eval.ts', 'src/index.ts'],
		bundle: true,
		packages: 'external',
		format: 'esm',
		platform: 'node',
		splitting: true,
		outdir: 'unused',
		write: false,
		metafile: true,
	});
	const loaders = (name: string) =>
		Object.entries(metafile.inputs)
			.filter(([, { imports }]) => imports.some((one) => one.path === name))
			.map(([file]) => file.replace('src/backends/', ''));
	expect(loaders('bullmq').sort()).toEqual(['queue.node.ts']);
	expect(loaders('ioredis')).toEqual(['queue-redis.node.ts']);
	const users = Object.values(metafile.inputs).flatMap(({ imports }) =>
		imports.filter((one) => one.path === 'src/backends/queue.node.ts').map(({ kind }) => kind),
	);
	expect(users).toEqual(['dynamic-import']);
});

describe.skipIf(!hasRedis)('the queue (needs redis-server: apt-get install redis-server)', () => {
	const scratch = path.resolve('node_modules/.cache/dorsal-queue-test');
	let redis: RedisServer;
	let folder: string;
	let child: string;
	const children = new Set<ChildProcess>();
	const inProcess = new Set<RunningWorker>();

	beforeAll(async () => {
		redis = await startRedis();
		mkdirSync(scratch, { recursive: true });
		folder = mkdtempSync(`${scratch}/`);
		child = path.join(folder, 'worker-child.js');
		await build({
			entryPoints: [fileURLToPath(new URL('support/worker-child.ts', import.meta.url))],
			outfile: child,
			bundle: true,
			packages: 'external',
			format: 'esm',
			platform: 'node',
			logLevel: 'error',
		});
	});
	// Workers are not left to the next test, also where this one failed.
	afterEach(async () => {
		for (const process of children) process.kill('SIGKILL');
		await Promise.all([...inProcess].map((one) => one.close()));
		children.clear();
		inProcess.clear();
	});
	afterAll(async () => {
		await redis.close();
		rmSync(folder, { recursive: true });
	});

	/** A worker in a process of its own, once it is ready; `shards` counts what it has done. */
	async function worker(delay: number) {
		for (;;) {
			const process = spawn('node', [child, redis.url, String(delay)], { stdio: ['ignore', 'pipe', 'inherit'] });
			children.add(process);
			const state = { process, shards: 0 };
			process.stdout.on('data', (data) => {
				state.shards += String(data).split('shard\n').length - 1;
			});
			const isReady = once(process.stdout, 'data').then(() => true);
			// Where Redis is away just then it ends, and is started again as anyone would.
			if (await Promise.race([isReady, once(process, 'exit').then(() => false)])) return state;
		}
	}

	/** A worker in this process. */
	async function workerHere(backend: Backend) {
		inProcess.add(await startWorker(backend, { url: redis.url }));
	}

	it('leaves the same files as a run in one process', async () => {
		const alone = await run(fakeBackend());
		await workerHere(fakeBackend());
		const backend = await queueBackend(idle(), { url: redis.url });
		const shared = await run(backend);
		await backend.close();
		expect(shared).toEqual(alone);
		expect(Object.keys(shared)).toContain('results.json');
	});

	it('loses and doubles nothing with workers killed and Redis restarted without its data', async () => {
		const alone = await run(fakeBackend());
		const workers = await Promise.all(Array.from({ length: 4 }, () => worker(15)));
		const fresh: ReturnType<typeof worker>[] = [];
		const notices: string[] = [];
		const backend = await queueBackend(idle(), { url: redis.url, onNotice: (line) => notices.push(line) });
		let killed = 0;
		let restarted: Promise<void> | undefined;
		const shared = await run(backend, {
			onProgress({ done, total }) {
				if (killed < 3 && done > ((killed + 1) * total) / 5) {
					killed++;
					workers[killed]!.process.kill('SIGKILL');
					fresh.push(worker(15));
				}
				if (!restarted && done > total / 2) restarted = redis.crash(200);
			},
		});
		await restarted;
		await backend.close();
		expect(killed).toBe(3);
		expect(shared).toEqual(alone);
		expect(notices.filter((line) => line.includes('waiting for it'))).toHaveLength(1);
		expect(notices.filter((line) => line.includes('is back'))).toHaveLength(1);
		const all = [...workers, ...(await Promise.all(fresh))];
		expect(all.filter(({ shards }) => shards > 0).length).toBeGreaterThan(2);
	});

	it('goes on with what workers have done for an evaluation that was killed', async () => {
		const controller = new AbortController();
		const { signal } = controller;
		const killed = once(signal, 'abort');
		let [begun, asked] = [0, 0];
		const counting = fakeBackend({
			async before() {
				// The others are done when the evaluation is gone.
				if (begun++ > 0) await killed;
				asked++;
			},
		});
		await workerHere(counting);
		const stopped = await queueBackend(idle(), { url: redis.url, signal });
		const other = fakeTask({ images: 8, perImage: 2 });
		const attempt = run(stopped, { task: other, signal, onProgress: ({ done }) => done > 0 && controller.abort() });
		await expect(attempt).rejects.toThrow(/abort/i);
		await stopped.close();
		while (asked < 10) await new Promise((resolve) => setTimeout(resolve, 20));
		const again = await queueBackend(idle(), { url: redis.url });
		const shared = await run(again, { task: other });
		await again.close();
		expect(shared).toEqual(await run(fakeBackend(), { task: other }));
		// Two chunks under five draws; the one whose answers had been taken is asked again, because nothing kept them.
		expect(asked).toBeLessThanOrEqual(11);
	});

	it('keeps workers of another model away, and says that there is none', async () => {
		const other = { ...fakeFacts, modelHash: 'other' };
		expect(queueName(other)).not.toBe(queueName(fakeFacts));
		expect(queueName({ ...fakeFacts, model: 'elsewhere' })).toBe(queueName(fakeFacts));
		await workerHere(fakeBackend({ facts: other }));
		const controller = new AbortController();
		const notices: string[] = [];
		const { signal } = controller;
		const onNotice = (line: string) => {
			notices.push(line);
			controller.abort(new Error('stop'));
		};
		const backend = await queueBackend(idle(), { url: redis.url, signal, onNotice });
		await expect(run(backend, { signal })).rejects.toThrow('stop');
		expect(notices).toEqual([`no worker for models/fake is connected to ${redis.url}; start one with dorsal worker`]);
		await backend.close();
	});

	it("ends with a worker's reason where a shard cannot be done, and tries it again when asked again", async () => {
		let broken = true;
		const failing = fakeBackend({
			before: () => {
				if (broken) throw new InputError('scene-1: damaged PNG', { code: 'image-damaged' });
			},
		});
		await workerHere(failing);
		const backend = await queueBackend(idle(), { url: redis.url });
		const small = { task: fakeTask({ images: 5 }), conditions: parseConditions('intact') };
		await expect(run(backend, small)).rejects.toThrow(
			/^redis:\/\/127\.0\.0\.1:\d+, queue answers-\w+: a worker failed: scene-1: damaged PNG; put it right/,
		);
		broken = false;
		expect(await run(backend, small)).toEqual(await run(fakeBackend(), small));
		await backend.close();
	});

	it('tries a shard again after an error that passes, and takes the answers of the attempt that went well', async () => {
		let attempts = 0;
		const flaky = fakeBackend({
			before: () => {
				if (attempts++ < 2) throw new Error('out of memory');
			},
		});
		await workerHere(flaky);
		const backend = await queueBackend(idle(), { url: redis.url });
		const small = { task: fakeTask({ images: 3 }), conditions: parseConditions('intact') };
		expect(await run(backend, small)).toEqual(await run(fakeBackend(), small));
		await backend.close();
		expect(attempts).toBe(3);
	});

	it('says in one line that there is no Redis, and repeats no password', async () => {
		await expect(queueBackend(idle(), { url: 'redis://me:pa55word@127.0.0.1:1' })).rejects.toThrow(
			'--queue redis://127.0.0.1:1: cannot connect (ECONNREFUSED); start Redis there, or leave --queue out',
		);
		await expect(queueBackend(idle(), { url: 'amqp://me:pa55word@host' })).rejects.toThrow(
			'--queue amqp://host: expected redis://HOST:PORT',
		);
		for (const url of [
			'redis://:pa55/word@host:6379',
			'redis://me/pa55word@host',
			'redis://:pa55#word@host',
			'redis://host?password=pa55word',
		]) {
			const attempt = queueBackend(idle(), { url });
			await expect(attempt).rejects.toThrow(
				'--queue: expected redis://USER:PASSWORD@HOST:PORT/DATABASE and nothing more',
			);
			await expect(attempt).rejects.not.toThrow('pa55');
		}
		expect(redisName('redis://me/pa55word@host')).toBe('redis://me');
		expect(redisName('rediss://me:pa55word@host:6380/2')).toBe('rediss://host:6380/2');
		expect(redisName('pa55word')).toBe('the address');
		const locked = await startRedis({ password: 'pa55word' });
		try {
			await expect(queueBackend(idle(), { url: redisName(locked.url) })).rejects.toThrow(
				/cannot connect \(.*(NOAUTH|uthentic)/,
			);
			const backend = await queueBackend(idle(), { url: locked.url });
			await backend.close();
		} finally {
			await locked.close();
		}
	});
});
