import { UsageError } from '../base/errors.ts';
import type { FileStore } from '../checkpoint/checkpoint.ts';
import { type Metric, readMetrics } from './metrics.ts';
import { PARTS, type Part, type Recipe, type Stage, seesImages } from './recipe.ts';
import { RECIPE_FILE, readRunRecipe, readStage, stageFile } from './run-folder.ts';
import type { Start } from './start.ts';
import { loadState, STATE_FILE, type TrainingState } from './state.ts';
import { firstDifference } from './stored.ts';
import { groupOf, type Weights } from './weights.ts';

/** Parts of the model that a stage's loss is computed with. */
function partsRead(stage: Stage): readonly Part[] {
	if (stage.kind === 'contrastive') return ['encoder'];
	return seesImages(stage) ? PARTS : ['decoder'];
}

const readsList = ({ kind, data }: Stage): boolean =>
	kind === 'dialogue' && data.source === 'scenes' && 'as' in data && data.as === 'list';

const trains = ({ learningRate }: Stage, part: Part): boolean =>
	(learningRate as Partial<Record<Part, number>>)[part] !== undefined;

/** The last of the first `count` stages that trains a part; -1 where none does. */
const lastTraining = ({ stages }: Recipe, part: Part, count: number): number =>
	stages.slice(0, count).findLastIndex((stage) => trains(stage, part));

/** What the weights that a stage ends with follow from, all of it, as JSON. */
function origin(recipe: Recipe, index: number): unknown {
	const { seed, model, visionPath } = recipe;
	const stage = recipe.stages[index];
	if (!stage) return 'no such stage';
	return {
		model: {
			...model,
			seed: model.seed ?? seed,
			// The same checkpoint may lie elsewhere.
			...('hash' in model && { from: null }),
			// A list in words has no places of vision tokens: the encoder's sizes are of no account.
			...(readsList(stage) && { vision: null }),
		},
		// The path says nothing where the files are known.
		tokenizer: recipe.tokenizerHash ?? recipe.tokenizer,
		stage: { ...stage, seed: stage.seed ?? seed },
		// The projector is drawn with the run's seed.
		...(seesImages(stage) && { seed, visionPath }),
		before: partsRead(stage).map((part) => {
			const last = lastTraining(recipe, part, index);
			return last < 0 ? null : origin(recipe, last);
		}),
	};
}

interface Run {
	read: FileStore;
	recipe: Recipe;
}

async function openReused(read: FileStore): Promise<Run> {
	if (await read.has(RECIPE_FILE)) return { read, recipe: await readRunRecipe({ read }) };
	throw new UsageError(`--reuse ${read.location}: holds no ${RECIPE_FILE}; give the --out folder of a training`, {
		code: 'reuse',
	});
}

/** Where the origins of a recipe's stage and of a run's stage of the same name differ; undefined where they agree. */
function difference(recipe: Recipe, index: number, run: Run) {
	const other = run.recipe.stages.findIndex(({ name }) => name === recipe.stages[index]!.name);
	return firstDifference(origin(run.recipe, other), origin(recipe, index));
}

/** The runs that the recipe's first stages can be taken from, one a stage, as many as there are. */
async function providers(runs: readonly Run[], recipe: Recipe): Promise<Run[]> {
	const found: Run[] = [];
	for (const [i, { name }] of recipe.stages.entries()) {
		const same = runs.filter((run) => !difference(recipe, i, run));
		const finished = await Promise.all(same.map(({ read }) => read.has(stageFile(name))));
		const run = same.find((_, r) => finished[r]);
		if (!run) break;
		found.push(run);
	}
	return found;
}

function nothingInCommon(runs: readonly Run[], recipe: Recipe): UsageError {
	const { name } = recipe.stages[0]!;
	const reasons = runs.map((run) => {
		const path = difference(recipe, 0, run)?.path;
		const unfinished = `no ${stageFile(name)}: the stage is not finished, or was taken from another run: give that one too`;
		const reason = path === undefined ? unfinished : path === '' ? `no stage ${name}` : `${path} differs`;
		return `${run.read.location}: has no stage in common with this recipe (${reason})`;
	});
	return new UsageError(`${reasons.join('; ')}; leave out --reuse`, { code: 'reuse' });
}

/**
 * The beginning of a run whose first stages were carried out in other runs, each in any of them: a stage is the same where
 * everything is that its weights follow from. An encoder and a decoder that were pre-trained side by side come together so.
 */
export async function reuseStages(
	stores: readonly FileStore[],
	recipe: Recipe,
	start: Start,
): Promise<{ state: TrainingState; metrics: Metric[] }> {
	const runs = await Promise.all(stores.map(openReused));
	const found = await providers(runs, recipe);
	if (found.length === 0) throw nothingInCommon(runs, recipe);
	const normalize = start.visionPath.normalize ? await measuredIn(found, recipe) : null;
	const weights = await reusedWeights(found, recipe, start);
	return {
		state: { position: { stage: found.length, step: 0, normalize }, weights, moments: new Map() },
		metrics: await reusedMetrics(found, recipe),
	};
}

/** What the first of the reused stages that has seen an image measured of the words; null where none has. */
async function measuredIn(found: readonly Run[], { stages }: Recipe) {
	for (const [i, { read }] of found.entries()) {
		if (!seesImages(stages[i]!)) continue;
		const state = await loadState(read);
		if (!state) {
			throw new UsageError(
				`--reuse ${read.location}: holds no ${STATE_FILE}, which says what stage ${stages[i]!.name} normalised its tokens to; give a run that has it`,
				{ code: 'reuse' },
			);
		}
		if (state.position.normalize) return state.position.normalize;
	}
	return null;
}

/** Every part as the last of the reused stages that trains it left it. */
async function reusedWeights(found: readonly Run[], recipe: Recipe, start: Start): Promise<Weights> {
	const weights: Weights = new Map(start.weights);
	const last = new Map(PARTS.map((part): [string, number] => [part, lastTraining(recipe, part, found.length)]));
	for (const index of new Set(last.values())) {
		if (index < 0) continue;
		for (const [name, tensor] of await readStage(found[index]!, recipe.stages[index]!.name)) {
			if (last.get(groupOf(name)!) === index) weights.set(name, tensor);
		}
	}
	return weights;
}

async function reusedMetrics(found: readonly Run[], recipe: Recipe): Promise<Metric[]> {
	const known = new Map<Run, Metric[]>();
	for (const run of new Set(found)) known.set(run, await readMetrics(run.read));
	return found.flatMap((run, i) => known.get(run)!.filter(({ stage }) => stage === recipe.stages[i]!.name));
}
