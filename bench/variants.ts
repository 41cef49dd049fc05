/**
 * The comparison of Table 2 over several seeds: trains each variant at a budget at which base is not saturated, on the
 * same pre-trained encoder and decoder and the same images in the same order, and asks 2DS. Can be stopped and called
 * again; seeds that OUT/results.json has already are left as they are, and so are runs that lie in OUT/VARIANT-SEED,
 * trained side by side for one. `node scripts/run.js bench/variants.ts OUT SEEDS PRETRAINED...`: OUT is the folder of all
 * runs, PRETRAINED are runs of recipes/base.json, or of its first stages, to be reused; OUT/results.json holds every
 * figure that is printed.
 */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { nativeBackend } from '../src/backends/native.ts';
import { folderStore } from '../src/checkpoint/files.node.ts';
import { compareRuns } from '../src/eval/compare.ts';
import { parseConditions } from '../src/eval/conditions.ts';
import type { Results } from '../src/eval/run.ts';
import { evaluate } from '../src/eval/runner.ts';
import { openRun, readRun } from '../src/eval/store.node.ts';
import { defaultModel } from '../src/study/shipped.node.ts';
import { studyTasks } from '../src/study/tasks.ts';
import { readMetrics } from '../src/train/metrics.ts';
import { trainRecipe } from '../src/train/train.node.ts';
import { load } from '../src/vlm/load.node.ts';

const VARIANTS = ['base', 'normalize', 'normalize-multilayer'];
const [out, count, ...pretrained] = process.argv.slice(2);
if (!out || !count || pretrained.length === 0) {
	console.error('usage: node scripts/run.js bench/variants.ts OUT SEEDS PRETRAINED...');
	process.exit(2);
}
const seeds = Array.from({ length: Number(count) }, (_, i) => i);
const tasks = studyTasks(0);
const resultsFile = path.join(out, 'results.json');
const folderOf = (variant: string, seed: number) => path.join(out, `${variant}-${seed}`);
const runOf = (variant: string, seed: number, task: string) => path.join(folderOf(variant, seed), '2ds', task);
const percent = (share: number) => (share * 100).toFixed(1).padStart(6);

type Measured = Awaited<ReturnType<typeof measure>>;
type Apart = Awaited<ReturnType<typeof difference>>;

/** The learning curve of a trained model, and its answers to 2DS, in order and shuffled. */
async function measure(variant: string, seed: number) {
	const folder = folderOf(variant, seed);
	const { model: checkpoint } = await trainRecipe({
		recipe: `recipes/short/${variant}.json`,
		out: folder,
		reuse: pretrained,
		seed,
		tokenizer: defaultModel(),
	});
	const model = await load(checkpoint);
	const results: Record<string, Results> = {};
	for (const { folder: name, task } of tasks) {
		const store = await openRun(runOf(variant, seed, name));
		const conditions = parseConditions('intact,permuted', { seed: 0 });
		results[name] = await evaluate({ task, backend: await nativeBackend(model), conditions, store, seed: 0 });
		await store.close();
	}
	await model.close();
	const metrics = await readMetrics(folderStore(folder));
	const curve = metrics.flatMap(({ stage, step, evaluation }) => (evaluation ? [{ stage, step, ...evaluation }] : []));
	return { variant, seed, curve, results };
}

/** The paired differences of a variant and base, trained with the same seed. */
async function difference(variant: string, seed: number) {
	const found: Record<string, unknown> = {};
	for (const { folder: name } of tasks) {
		const [a, b] = [await readRun(runOf('base', seed, name)), await readRun(runOf(variant, seed, name))];
		found[name] = (await compareRuns(a, b)).conditions.map(({ condition, paired }) => ({ condition, paired }));
		await a.close();
		await b.close();
	}
	return { variant, seed, found };
}

/** Results of earlier calls: seeds that are there in full are not trained again. */
async function knownResults(): Promise<{ measured: Measured[]; differences: Apart[] }> {
	if (!existsSync(resultsFile)) return { measured: [], differences: [] };
	return JSON.parse(await readFile(resultsFile, 'utf8'));
}

const { measured, differences } = await knownResults();
for (const seed of seeds) {
	if (VARIANTS.every((variant) => measured.some((one) => one.variant === variant && one.seed === seed))) continue;
	const own: Measured[] = [];
	const apart: Apart[] = [];
	for (const variant of VARIANTS) {
		const one = await measure(variant, seed);
		own.push(one);
		if (variant !== 'base') apart.push(await difference(variant, seed));
		const shown = tasks.map(({ folder: name }) => {
			const { intact, permuted } = one.results[name]!.conditions;
			return `${name} ${percent(intact!.accuracy)}, shuffled ${percent(permuted!.accuracy)}`;
		});
		console.log(`${variant.padEnd(22)}seed ${seed}: ${shown.join('; ')}`);
	}
	measured.push(...own);
	differences.push(...apart);
	await writeFile(resultsFile, `${JSON.stringify({ measured, differences }, null, '\t')}\n`);
}
