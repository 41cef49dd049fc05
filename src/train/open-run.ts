import { UsageError } from '../base/errors.ts';
import { parseJson, show } from '../base/json.ts';
import type { FileStore } from '../checkpoint/checkpoint.ts';
import { firstDifference, json } from './difference.ts';
import { type Metric, metricsUntil, readMetrics } from './metrics.ts';
import type { Recipe } from './recipe.ts';
import { reuseStages } from './reuse.ts';
import { RECIPE_FILE, type RunFolder } from './run-folder.ts';
import type { Start } from './start.ts';
import { checkTensors, loadState, STATE_FILE, type TrainingState } from './state.ts';
import type { Weights } from './weights.ts';

async function agreeOnRecipe({ read, write }: RunFolder, recipe: Recipe): Promise<void> {
	if (!(await read.has(RECIPE_FILE))) {
		return write.write(RECIPE_FILE, [new TextEncoder().encode(`${JSON.stringify(recipe, null, '\t')}\n`)]);
	}
	const known = parseJson(await read.read(RECIPE_FILE), `${read.location}/${RECIPE_FILE}`);
	const difference = firstDifference(known, json(recipe));
	if (!difference) return;
	const { path, a, b } = difference;
	throw new UsageError(
		`${read.location}: holds a run of another recipe (${path}: ${show(a)} there, ${show(b)} here); give another --out, or delete the folder`,
		{ code: 'run-differs' },
	);
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
): Promise<{ state: TrainingState; metrics: Metric[] }> {
	await agreeOnRecipe(folder, recipe);
	const state = await loadState(folder.read);
	if (!state) return reuse.length > 0 ? reuseStages(reuse, recipe, start) : begin(start.weights);
	const expected = [...start.weights].map(([name, { shape }]) => ({ name, shape }));
	checkTensors(`${folder.read.location}/${STATE_FILE}`, state.weights, expected);
	const begun = recipe.stages.slice(0, state.position.stage + 1).map(({ name }) => name);
	const { stage, step } = state.position;
	const until = stage < recipe.stages.length ? step : Number.POSITIVE_INFINITY;
	return { state, metrics: metricsUntil(await readMetrics(folder.read), begun, until) };
}

const begin = (weights: Weights): { state: TrainingState; metrics: Metric[] } => ({
	state: { position: { stage: 0, step: 0, normalize: null }, weights, moments: new Map() },
	metrics: [],
});
