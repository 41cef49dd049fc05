import { startWorker } from '../../src/backends/queue-worker.node.ts';
import { fakeBackend } from './fake-eval.ts';

// Run as a process of its own: `node worker-child.js REDIS_URL MILLISECONDS_A_SHARD`.
const [, , url = '', delay = '0'] = process.argv;
await startWorker(fakeBackend({ before: () => new Promise((resolve) => setTimeout(resolve, Number(delay))) }), {
	url,
	lock: 1500,
	onShard: () => console.log('shard'),
});
console.log('ready');
