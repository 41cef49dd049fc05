import { parseConditions } from '../../src/eval/conditions.ts';
import { evaluate } from '../../src/eval/runner.ts';
import { openRun } from '../../src/eval/store.node.ts';
import { fakeBackend, fakeTask } from './fake-eval.ts';

// Run as a process of its own: `node evaluate-child.js OUT MILLISECONDS_A_BATCH`.
const [, , out = '', delay = '0'] = process.argv;
const store = await openRun(out);
try {
	await evaluate({
		task: fakeTask({ images: 40, perImage: 3 }),
		backend: fakeBackend({ before: () => new Promise((resolve) => setTimeout(resolve, Number(delay))) }),
		conditions: parseConditions('intact,permuted,wrong-image'),
		store,
		imagesPerBatch: 4,
		onProgress: ({ done }) => console.log(done),
	});
} catch (error) {
	console.error((error as Error).message);
	process.exitCode = 1;
} finally {
	await store.close();
}
