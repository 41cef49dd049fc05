/**
 * What `"recompute": true` saves and costs: peak memory and seconds of one gradient of stage 2 with the whole batch taken
 * at a time, each measured in a process of its own. `node scripts/run.js bench/recompute.ts [BATCH]`, 64 by default.
 */
import { execFileSync } from 'node:child_process';
import { folderStore } from '../src/checkpoint/files.node.ts';
import { nodeRuntime } from '../src/runtime/node.node.ts';
import { openSource } from '../src/train/data/source.ts';
import { type DialogueStage, recipeSchema } from '../src/train/recipe.ts';
import { openDialogueStage } from '../src/train/stage-dialogue.ts';
import { startingPoint } from '../src/train/start.ts';

const STEPS = 6;
const [batch = '64', only] = process.argv.slice(2);

interface Measured {
	/** Resident memory in MiB: with the model loaded, and at most. */
	before: number;
	peak: number;
	/** Of one gradient, at best. */
	seconds: number;
}

async function measure(recompute: boolean): Promise<Measured> {
	const recipe = recipeSchema.parse({
		model: { text: { layers: 12 } },
		stages: [
			{
				name: 'instructions',
				kind: 'dialogue',
				steps: 10,
				batch: Number(batch),
				microBatch: Number(batch),
				learningRate: { projector: 1e-3, decoder: 1e-3 },
				recompute,
				data: { source: 'scenes', phases: [{ questions: { shape_color_rel: 1, shape_abs: 1 } }] },
			},
		],
	});
	const assets = folderStore('test/fixtures/models/tiny-llava');
	const start = await startingPoint(recipe, assets, null);
	await assets.close();
	const context = {
		...start,
		runtime: nodeRuntime({ flushDenormals: true, keepMemory: false }),
		features: start.visionPath,
		tail: { normalize: null, pool: null, permute: false, scale: 1 },
		seed: 0,
	};
	const stage = recipe.stages[0] as DialogueStage;
	const source = await openSource(stage, context, async () => Promise.reject(new Error('no file is read here')));
	const runner = openDialogueStage(stage, context, source);
	const before = process.memoryUsage().rss / 2 ** 20;
	const times: number[] = [];
	for (let step = 1; step <= STEPS; step++) {
		const started = performance.now();
		await runner.gradients(step);
		times.push((performance.now() - started) / 1000);
	}
	return { before, peak: process.resourceUsage().maxRSS / 2 ** 10, seconds: Math.min(...times) };
}

if (only) console.log(JSON.stringify(await measure(only === 'again')));
else {
	const runner = ['scripts/run.js', 'bench/recompute.ts', batch];
	const found = ['kept', 'again'].map(
		(how) => JSON.parse(execFileSync(process.execPath, [...runner, how], { encoding: 'utf8' })) as Measured,
	);
	const [kept, again] = found as [Measured, Measured];
	const over = ({ peak, before }: Measured) => peak - before;
	for (const [name, one] of Object.entries({ 'kept      ': kept, recomputed: again })) {
		console.log(
			`${name}  ${over(one).toFixed(0)} MiB above the ${one.before.toFixed(0)} MiB of model and code, ${one.seconds.toFixed(2)} s`,
		);
	}
	console.log(
		`12 layers, batch ${batch}: ${(over(again) / over(kept)).toFixed(2)} times the memory, ${(again.seconds / kept.seconds).toFixed(2)} times the time`,
	);
}
