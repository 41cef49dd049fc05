/** Seconds of every probe on 100 images of 2DS with a small model, and how many plain passes over them that is. */
import { nativeBackend } from '../src/backends/native.ts';
import { parseConditions } from '../src/eval/conditions.ts';
import { evaluate } from '../src/eval/runner.ts';
import { memoryStore } from '../src/eval/store.ts';
import { taskData } from '../src/probes/data.ts';
import { taskPart } from '../src/probes/task-part.ts';
import { PROBES } from '../src/study/probes.node.ts';
import { twoDsTask } from '../src/tasks/2ds.ts';
import { ask } from '../src/vlm/ask.ts';
import { load } from '../src/vlm/load.node.ts';

const IMAGES = 100;
const task = twoDsTask();
const seconds = async (work: () => Promise<unknown>) => {
	const start = performance.now();
	await work();
	return (performance.now() - start) / 1000;
};

let total = 0;
for (const trace of [false, true]) {
	const model = await load('test/fixtures/models/tiny-llava', { trace });
	const backend = await nativeBackend(model);
	const { items } = taskData(task, { limit: IMAGES });
	// Sessions are made before anything is timed.
	await ask(model, await items[0]!.image(), items[0]!.question);
	const plain = await seconds(async () => {
		const part = taskPart(task, IMAGES);
		const asked = new Map(items.map(({ id, question }) => [id, question]));
		const questions = part.questions.filter(({ image, prompt }) => !trace || asked.get(image) === prompt);
		await evaluate({
			task: { ...part, questions },
			backend,
			conditions: parseConditions('intact'),
			store: memoryStore(),
		});
	});
	const what = trace ? 'one question an image' : 'six questions an image';
	console.log(`plain pass        ${plain.toFixed(2)} s, ${what}`);
	for (const probe of PROBES.filter((each) => each.trace === trace)) {
		const time = await seconds(() => probe.run({ model, task, seed: 0, run: {}, ...(trace && { limit: IMAGES }) }));
		total += time;
		console.log(`${probe.name.padEnd(16)}  ${time.toFixed(1)} s, ${(time / plain).toFixed(0)} plain passes`);
	}
	await model.close();
}
console.log(`together          ${total.toFixed(1)} s`);
