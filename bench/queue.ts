/**
 * Questions a second of an evaluation through the queue, by the number of workers of one thread each, up to twice the
 * cores: throughput grows until these are full. Rounds alternate, and the best of three counts, because other work on
 * the machine comes and goes. `npm run bench:queue [-- questions [workers]]`, such as
 * `-- 600 1,2`; needs redis-server.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { nativeBackend } from '../src/backends/native.ts';
import { queueBackend } from '../src/backends/queue.node.ts';
import { parseConditions } from '../src/eval/conditions.ts';
import { evaluate } from '../src/eval/runner.ts';
import { memoryStore } from '../src/eval/store.ts';
import { twoDsTask } from '../src/tasks/2ds.ts';
import { load } from '../src/vlm/load.node.ts';
import { startRedis } from '../test/support/redis.ts';

/** Of the evaluation and its workers: shards of another model are never taken. */
const MODEL = 'test/fixtures/models/tiny-llava';
const ROUNDS = 3;
const questions = Number(process.argv[2] ?? 1500);
const cores = cpus().length;
const counts = (process.argv[3]?.split(',').map(Number) ?? [1, 2, 4, 8, 16, 32]).filter((count) => count <= 2 * cores);

const task = twoDsTask();
const intact = parseConditions('intact');
const redis = await startRedis();
const workers: ChildProcess[] = [];
process.on('exit', () => {
	for (const worker of workers) worker.kill();
});

/** One more worker in a process of its own, once it is waiting for work. */
async function addWorker(): Promise<void> {
	const args = ['bin/dorsal.js', 'worker', '--model', MODEL, '--queue', redis.url, '--threads', '1'];
	const worker = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
	workers.push(worker);
	let told = '';
	await new Promise<void>((resolve, reject) => {
		// Read to the end: a worker whose messages nobody reads ends.
		worker.stderr.on('data', (data) => {
			told += data;
			if (told.includes('waiting at')) resolve();
		});
		worker.on('exit', () => reject(new Error(told)));
	});
}

/** Questions a second; `redis`, the workers and the evaluation are ready before the clock starts. */
async function measure(limit: number): Promise<number> {
	const backend = await queueBackend(await nativeBackend(await load(MODEL)), { url: redis.url });
	const start = performance.now();
	// Small shards, so that every worker has many of them.
	const { conditions } = await evaluate({
		task,
		backend,
		conditions: intact,
		store: memoryStore(),
		limit,
		imagesPerBatch: 4,
	});
	const seconds = (performance.now() - start) / 1000;
	await backend.close();
	return conditions.intact!.questions / seconds;
}

const best = new Map<number, number>();
for (let round = 0; round < ROUNDS; round++) {
	for (const count of counts) {
		for (const worker of workers.splice(count)) worker.kill('SIGKILL');
		while (workers.length < count) await addWorker();
		await measure(24 * count);
		const rate = await measure(questions);
		best.set(count, Math.max(best.get(count) ?? 0, rate));
		console.error(`round ${round + 1}, ${count} workers: ${rate.toFixed(1)} questions/s`);
	}
}
const alone = best.get(1)!;
for (const [count, rate] of best) {
	const ratio = (rate / alone).toFixed(2);
	console.log(`queue, ${String(count).padStart(2)} workers ${rate.toFixed(0).padStart(6)} questions/s, ${ratio} × one`);
}
for (const worker of workers) worker.kill();
await redis.close();
