/** Questions a second over the whole of 2DS under one condition, and the process's peak memory. */
import { nativeBackend } from '../src/backends/native.ts';
import { parseConditions } from '../src/eval/conditions.ts';
import { evaluate } from '../src/eval/runner.ts';
import { memoryStore } from '../src/eval/store.ts';
import { twoDsTask } from '../src/tasks/2ds.ts';
import { load } from '../src/vlm/load.node.ts';

const start = performance.now();
const seconds = () => (performance.now() - start) / 1000;
const task = twoDsTask();
const backend = await nativeBackend(await load('test/fixtures/models/tiny-llava'));
let first = 0;
const { conditions } = await evaluate({
	task,
	backend,
	conditions: parseConditions('intact'),
	store: memoryStore(),
	onProgress: () => {
		first ||= seconds();
	},
});
const total = seconds();
await backend.close();
const { questions } = conditions.intact!;
console.log(
	`2DS, intact       ${questions} questions in ${total.toFixed(1)} s: ${Math.round(questions / total)} questions/s, ` +
		`first progress after ${first.toFixed(2)} s`,
);
console.log(`peak memory       ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
