import type { Worker } from 'node:worker_threads';
import { afterAll, expect, test } from 'vitest';
import { float32 } from '../base/tensor.ts';
import { createGraph, input, matmul, output, weight } from '../graph/index.ts';
import { nodeRuntime } from './node.node.ts';
import { workerRuntime } from './worker-runtime.node.ts';
import { WorkerThread } from './worker-thread.node.ts';

/** y = x · w · v, w being bound. */
function product() {
	const graph = createGraph('product');
	const x = input(graph, 'x', 'float32', ['rows', 2]);
	const v = input(graph, 'v', 'float32', [2, 2]);
	output('y', matmul(matmul(x, weight(graph, 'w', [2, 2])), v));
	return graph;
}
// Parts of larger buffers, as weights are that were read from a file.
const file = new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]);
const weights = async () => float32([2, 2], file.subarray(0, 4));
const v = float32([2, 2], file.subarray(4));
const rows = (count: number) =>
	float32(
		[count, 2],
		Float32Array.from({ length: 2 * count }, (_, i) => i),
	);

let started = 0;
let alive = 0;
const count = (worker: Worker) => {
	started++;
	alive++;
	worker.once('exit', () => {
		alive--;
	});
};
process.on('worker', count);
afterAll(() => process.off('worker', count));

test('sessions on worker threads give what a session here gives, in the order asked, and end with their release', async () => {
	const here = await nodeRuntime().createSession(product(), weights);
	const runtime = workerRuntime({ workers: 2 });
	const [first, second] = await Promise.all([
		runtime.createSession(product(), weights),
		runtime.createSession(product(), weights),
	]);
	const feeds = Array.from({ length: 9 }, (_, i) => ({ x: rows(i + 1), v: i < 5 ? v : float32([2, 2], [i, 0, 0, 1]) }));
	const expected = await Promise.all(feeds.map((one) => here.run(one)));
	expect(await Promise.all(feeds.map((one, i) => (i % 2 ? first : second).run(one)))).toEqual(expected);
	expect(feeds[0]!.x.data).toHaveLength(2);
	await first.release();
	expect(await second.run(feeds[3]!, ['y'])).toEqual(expected[3]);
	await second.release();
	expect([started, alive]).toEqual([2, 0]);
	const third = await runtime.createSession(product(), weights);
	expect(await third.run(feeds[8]!)).toEqual(expected[8]);
	expect([started, alive]).toEqual([4, 2]);
	await third.release();
	await here.release();
	expect(alive).toBe(0);
});

test("an error of ORT's is that run's alone, and a session that cannot be made leaves no thread", async () => {
	const runtime = workerRuntime({ workers: 2 });
	const session = await runtime.createSession(product(), weights);
	const wrong = session.run({ x: float32([1, 3], [1, 2, 3]), v });
	const right = session.run({ x: rows(1), v });
	await expect(wrong).rejects.toThrow(/invalid dimensions for input: x/);
	expect((await right).y!.shape).toEqual([1, 2]);
	await session.release();
	await expect(runtime.createSession(product(), async () => float32([1], [1]))).rejects.toThrow(/w/);
	expect(alive).toBe(0);
});

test.each([
	['process.exit(3)', 'exit code 3'],
	['throw new Error("broken")', 'broken'],
])('a thread that dies (%s) is told in one line, to all who wait and to whoever asks later', async (code, reason) => {
	const thread = new WorkerThread(new URL(`data:text/javascript,setTimeout(() => { ${code} }, 20)`));
	const ask = () => thread.create(0, { bytes: new Uint8Array(1), externalData: [] }, {});
	const message = `a worker thread ended (${reason}); what was saved is kept: run the same again to go on from there, with fewer workers if memory is short`;
	const outcomes = await Promise.allSettled([ask(), ask()]);
	expect(outcomes.map((one) => one.status === 'rejected' && one.reason.message)).toEqual([message, message]);
	await expect(ask()).rejects.toThrow(message);
	await thread.end();
});
