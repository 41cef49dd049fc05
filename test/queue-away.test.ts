import { describe, expect, it } from 'vitest';
import { queueBackend } from '../src/backends/queue.node.ts';
import { startWorker } from '../src/backends/queue-worker.node.ts';
import { parseConditions } from '../src/eval/conditions.ts';
import { evaluate } from '../src/eval/runner.ts';
import { memoryStore } from '../src/eval/store.ts';
import { fakeBackend, fakeTask } from './support/fake-eval.ts';
import { hasRedis, startRedis } from './support/redis.ts';

const task = fakeTask({ images: 60, perImage: 3 });
const conditions = parseConditions('intact,permuted,wrong-image');

describe.skipIf(!hasRedis)('a queue whose Redis goes away (needs redis-server)', () => {
	it('stops while Redis is away, the evaluation at once and the worker when it has answered', async () => {
		const gone = await startRedis();
		const controller = new AbortController();
		const { signal } = controller;
		let begun = () => {};
		const asked = new Promise<void>((resolve) => {
			begun = resolve;
		});
		let answered = false;
		const slow = fakeBackend({
			async before() {
				begun();
				await new Promise((resolve) => setTimeout(resolve, 300));
				answered = true;
			},
		});
		const held = await startWorker(slow, { url: gone.url });
		const backend = await queueBackend(fakeBackend(), { url: gone.url, signal });
		const store = memoryStore();
		const attempt = evaluate({ task, backend, conditions, store, imagesPerBatch: 4, signal });
		await asked;
		await gone.close();
		const start = performance.now();
		controller.abort(new Error('stop'));
		await expect(attempt).rejects.toThrow('stop');
		await Promise.all([backend.close(), held.close()]);
		expect(answered).toBe(true);
		expect(performance.now() - start).toBeLessThan(20_000);
	});

	it('starts a worker also where Redis goes away meanwhile, or says that there is none', async () => {
		for (let delay = 2; delay < 20; delay += 2) {
			const breaking = await startRedis();
			const started = startWorker(fakeBackend(), { url: breaking.url }).then(
				(one) => one.close(),
				(error) => expect(error.message).toContain('cannot connect'),
			);
			await new Promise((resolve) => setTimeout(resolve, delay));
			await breaking.crash(50);
			await started;
			await breaking.close();
		}
	});
});
