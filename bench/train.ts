/**
 * How fast stage 2 trains at the sizes of a model that a recipe leaves open (64 px, patch 8: 64 tokens; encoder width 128,
 * decoder width 192) with 64 images of five questions a step, in one session of all cores and with `--workers 2`, against
 * its own matrix products with nothing between them, and against PyTorch where `python3 -c "import torch"` works (another
 * interpreter: PYTHON=/usr/bin/python3).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { folderStore } from '../src/checkpoint/files.node.ts';
import { prune } from '../src/graph/index.ts';
import { nodeRuntime } from '../src/runtime/node.node.ts';
import type { Runtime } from '../src/runtime/runtime.ts';
import { workerRuntime } from '../src/runtime/worker-runtime.node.ts';
import { layoutOf, packBatch } from '../src/train/data/batch.ts';
import { openSource } from '../src/train/data/source.ts';
import { dialogueLoss } from '../src/train/dialogue.ts';
import { gradientGraph } from '../src/train/graphs.ts';
import { createOptimizer, startMoments } from '../src/train/optimizer.ts';
import { type DialogueStage, recipeSchema } from '../src/train/recipe.ts';
import type { StageContext } from '../src/train/stage.ts';
import { openDialogueStage } from '../src/train/stage-dialogue.ts';
import { startingPoint } from '../src/train/start.ts';
import { groupOf } from '../src/train/weights.ts';
import { flopsOf, matmulPeak, matmulRate, type Product, productsOf } from './matmul.ts';

const STEPS = 8;
const WARM_UP = 30;
const recipe = recipeSchema.parse({
	stages: [
		{
			name: 'instructions',
			kind: 'dialogue',
			steps: 1000,
			batch: 64,
			learningRate: { projector: 1e-3, decoder: 1e-3 },
			data: {
				source: 'scenes',
				phases: [
					{
						questions: {
							color_abs: 1,
							shape_abs: 1,
							shape_color_abs: 1,
							color_rel: 1,
							shape_rel: 1,
							shape_color_rel: 1,
						},
					},
				],
			},
		},
	],
});
const stage = recipe.stages[0] as DialogueStage;
const assets = folderStore('test/fixtures/models/tiny-llava');
const { config, visionPath, text, preprocess, weights } = await startingPoint(recipe, assets, null);
await assets.close();
const runtime = nodeRuntime({ flushDenormals: true });
const context: StageContext = {
	runtime,
	config,
	text,
	preprocess,
	features: visionPath,
	tail: { normalize: null, pool: null, permute: false, scale: 1 },
	seed: 0,
	weights,
};
const source = await openSource(stage, context, async () => Promise.reject(new Error('no file is read here')));
// Questions are put into words once: in the first steps of a run drawing takes twice as long as later.
for (let step = 1; step <= WARM_UP; step++) await source.samples(step);

/** Seconds of a step, at best and median, and the most memory so far in GiB. */
async function measure(where: Runtime, microBatch: number) {
	const own: StageContext = { ...context, runtime: where, weights: new Map(weights) };
	const runner = openDialogueStage({ ...stage, microBatch }, own, source);
	const { trained, steps } = runner;
	const moments = new Map();
	startMoments(moments, trained);
	const optimizer = await createOptimizer(stage, { runtime, trained, steps }, { weights: own.weights, moments });
	const times: number[] = [];
	for (let step = WARM_UP; step <= WARM_UP + STEPS; step++) {
		const start = performance.now();
		await optimizer.update(step, (await runner.gradients(step)).gradients);
		times.push((performance.now() - start) / 1000);
	}
	await runner.release();
	await optimizer.release();
	const sorted = times.slice(1).sort((a, b) => a - b);
	return { best: sorted[0]!, median: sorted[sorted.length >> 1]!, memory: process.resourceUsage().maxRSS / 2 ** 20 };
}

const peak = await matmulPeak(runtime);
const workers = workerRuntime({ workers: 2, threads: 1, flushDenormals: true });
const measured = {
	'one session': await measure(runtime, stage.microBatch),
	'--workers 2': await measure(workers, stage.microBatch),
	'  microBatch 8': await measure(workers, 8),
};

const { graph } = gradientGraph(
	(name) => ['projector', 'decoder'].includes(groupOf(name) ?? ''),
	(g, p) =>
		dialogueLoss(g, p, { config, vision: { features: visionPath, tail: context.tail, imageAt: source.imageAt } }),
);
const used = prune(graph);
const batches = packBatch(await source.samples(WARM_UP + STEPS), stage.microBatch, layoutOf(context));
const sizes = batches.map(({ feeds }) => {
	const [batch, words] = feeds.input_ids!.shape as [number, number];
	const length = feeds.position_ids!.shape[1]!;
	return { batch, text: words, length, asked: feeds.asked_positions!.shape[1]!, rest: words - source.imageAt - 1 };
});
const parts = sizes.map((size): Product[] => productsOf(used, size));
const flops = parts.reduce((sum, products) => sum + flopsOf(products), 0);
let alone = 0;
for (const products of parts) alone += flopsOf(products) / (await matmulRate(runtime, products));

const rate = (seconds: number) => (stage.batch / seconds).toFixed(0);
const giga = (perSecond: number) => `${(perSecond / 1e9).toFixed(0)} GFLOP/s`;
const percent = (share: number) => `${(share * 100).toFixed(0)} %`;
console.log(`large matmul (2,048 cubed, float32)   ${giga(peak)}`);
console.log(`its own products  ${giga(flops / alone)}, with nothing between them`);
for (const [name, { best, median, memory }] of Object.entries(measured)) {
	console.log(
		`${name.padEnd(17)} ${rate(best)} images/s at best, ${rate(median)} median, ${giga(flops / best)}: ` +
			`${percent(flops / best / peak)} of large matmul, ${percent(alone / best)} of its own products; ` +
			`${(measured['one session'].median / median).toFixed(2)} times one session; peak memory ${memory.toFixed(2)} GiB`,
	);
}

const python = process.env.PYTHON ?? 'python3';
const hasTorch = spawnSync(python, ['-c', 'import torch']).status === 0;
if (hasTorch) {
	const length = Math.round(sizes.reduce((sum, size) => sum + size.batch * size.length, 0) / stage.batch);
	const given = JSON.stringify({
		...config,
		batch: stage.batch,
		length,
		ours: stage.batch / Math.min(...Object.values(measured).map(({ best }) => best)),
	});
	console.log(execFileSync(python, ['bench/train_torch.py', given], { encoding: 'utf8' }).trim());
} else console.log(`PyTorch           not installed for ${python}; nothing to compare with`);
