import { UsageError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import type { FileStore } from '../checkpoint/checkpoint.ts';
import { type Metric, metricsUntil, readMetrics } from './metrics.ts';
import type { Recipe } from './recipe.ts';
import { reuseStages } from './reuse.ts';
import { RECIPE_FILE, type RunFolder, readRunRecipe } from './run-folder.ts';
import type { Start } from './start.ts';
import { checkTensors, loadState, STATE_FILE, type TrainingState } from './state.ts';
import { firstDifference } from './stored.ts';
import type { Weights } from './weights.ts';

/** Throws a UsageError where the folder holds a run of another recipe. */
async function checkRecipe({ read }: RunFolder, recipe: Recipe): Promise<void> {
	const difference = firstDifference(await readRunRecipe({ read }), recipe);
	if (!difference) return;
	const { path, a, b } = difference;
	throw new UsageError(
		`${read.location}: holds a run of another recipe (${path}: ${show(a)} there, ${show(b)} here); give another --out, or delete the folder`,
		{ code: 'run-differs' },
	);
}

interface OpenedRun {
	state: TrainingState;
	metrics: Metric[];
}

/**
 * The state that a run goes on from, and the steps it knows of: those of an earlier call, or the beginning, which may be
 * the stages that other runs (`reuse`) have in common with it.
 */
export async function openRun(
	folder: RunFolder,
	recipe: Recipe,
	start: Start,
	reuse: readonly FileStore[],
): Promise<OpenedRun> {
	const isKnown = await folder.read.has(RECIPE_FILE);
	if (isKnown) await checkRecipe(folder, recipe);
	const state = await loadState(folder.read);
	if (state) return goOn(folder, recipe, start, state);
	const run = reuse.length > 0 ? await reuseStages(reuse, recipe, start) : begin(start.weights);
	// A folder is a run's only once there is something to begin with.
	if (!isKnown) {
		await folder.write.write(RECIPE_FILE, [new TextEncoder().encode(`${JSON.stringify(recipe, null, '\t')}\n`)]);
	}
	return run;
}

async function goOn({ read }: RunFolder, recipe: Recipe, start: Start, state: TrainingState): Promise<OpenedRun> {
	const expected = [...start.weights].map(([name, { shape }]) => ({ name, shape }));
	checkTensors(`${read.location}/${STATE_FILE}`, state.weights, expected);
	const begun = recipe.stages.slice(0, state.position.stage + 1).map(({ name }) => name);
	const { stage, step } = state.position;
	const until = stage < recipe.stages.length ? step : Number.POSITIVE_INFINITY;
	return { state, metrics: metricsUntil(await readMetrics(read), begun, until) };
}

const begin = (weights: Weights): OpenedRun => ({
	state: { position: { stage: 0, step: 0, normalize: null }, weights, moments: new Map() },
	metrics: [],
});
