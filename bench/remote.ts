/** Share of the ideal throughput that 64 requests in flight reach against a real server that takes 200 ms an answer. */

import { remoteBackend } from '../src/backends/remote.ts';
import { parseConditions } from '../src/eval/conditions.ts';
import { evaluate } from '../src/eval/runner.ts';
import { memoryStore } from '../src/eval/store.ts';
import { decodeImage } from '../src/image/decode.node.ts';
import { fakeChatServer } from '../test/support/fake-chat-server.ts';
import { fakeTask } from '../test/support/fake-eval.ts';

const LATENCY = 200;
const CONCURRENCY = 64;

const server = await fakeChatServer({ latency: LATENCY });
const task = fakeTask({ images: 320, perImage: 6 });
const ideal = (task.questions.length / CONCURRENCY) * LATENCY;
let best = Number.POSITIVE_INFINITY;
for (let i = 0; i < 3; i++) {
	const backend = remoteBackend({ baseUrl: server.url, model: 'fake-vlm', concurrency: CONCURRENCY, decodeImage });
	const start = performance.now();
	await evaluate({ task, backend, conditions: parseConditions('intact'), store: memoryStore() });
	best = Math.min(best, performance.now() - start);
	await backend.close();
}
await server.close();
const rate = (task.questions.length / best) * 1000;
console.log(`remote            ${rate.toFixed(0)} requests/s, ${((100 * ideal) / best).toFixed(0)} % of the ideal`);
