import { test } from 'vitest';
import { nativeBackend } from '/work/main/src/backends/native.ts';
import { parseConditions } from '/work/main/src/eval/conditions.ts';
import { evaluate } from '/work/main/src/eval/runner.ts';
import { memoryStore } from '/work/main/src/eval/store.ts';
import { twoDsTask } from '/work/main/src/tasks/2ds.ts';
import { load } from '/work/main/src/vlm/load.node.ts';
test('time', async () => {
	const model = await load('models/tiny-llava');
	const backend = await nativeBackend(model);
	const task = twoDsTask({ images: 20 });
	for (const word of (process.env.WORDS ?? 'intact,permuted,reversed|intact|pool:4|pool:2|pool:1|select:strided:16|select:attention:16|select:farthest:16|attention:1.5|adaptvis:0.3:0.5:1.5|select:class-attention:16').split('|')) {
		const t = performance.now();
		const r = await evaluate({ task, backend, conditions: parseConditions(word), store: memoryStore(), imagesPerBatch: Number(process.env.BATCH ?? 16) });
		console.log(word, ((performance.now() - t) / 1000).toFixed(2), Object.values(r.conditions).map(c => c.accuracy.toFixed(3)).join(' '));
	}
	await model.close();
}, 600000);
