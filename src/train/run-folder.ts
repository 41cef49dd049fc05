import { UsageError } from '../base/errors.ts';
import { parseJson, show, validate } from '../base/json.ts';
import type { Tensor } from '../base/tensor.ts';
import type { FileStore, WriteStore } from '../checkpoint/checkpoint.ts';
import { readTensors } from '../checkpoint/safetensors.ts';
import { writeSafetensors } from '../checkpoint/safetensors-write.ts';
import { CAPTIONS } from './contrastive.ts';
import { type Metric, metricsUntil, readMetrics, writeMetrics } from './metrics.ts';
import { type Recipe, recipeSchema, type Stage, seesImages } from './recipe.ts';
import type { Start } from './start.ts';
import { checkTensors, loadState, STATE_FILE, saveState, type TrainingState } from './state.ts';
import { groupOf, type Weights } from './weights.ts';

/**
 * A run of training is a folder: `recipe.json` (with every default filled in), `state.safetensors` (what the rest of the
 * run follows from), `metrics.jsonl` (one line a step), `stages/NAME.safetensors` (the weights after a stage), and
 * `model/`, the checkpoint, when all is done.
 */
export interface RunFolder {
	read: FileStore;
	write: WriteStore;
}

export const RECIPE_FILE = 'recipe.json';
export const stageFile = (name: string) => `stages/${name}.safetensors`;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Where two JSON values first differ; undefined where they agree. */
export function firstDifference(
	a: unknown,
	b: unknown,
	path = '',
): { path: string; a: unknown; b: unknown } | undefined {
	if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b))
		return a === b ? undefined : { path, a, b };
	for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
		const step = Array.isArray(a) ? `[${key}]` : path === '' ? key : `.${key}`;
		const found = firstDifference(a[key], b[key], path + step);
		if (found) return found;
	}
	return undefined;
}

/** What JSON keeps of a value: stored recipes are compared with what would be stored. */
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

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
 * the stages that another run (`reuse`) has in common with it.
 */
export async function openRun(
	folder: RunFolder,
	recipe: Recipe,
	start: Start,
	reuse: FileStore | null,
): Promise<{ state: TrainingState; metrics: Metric[] }> {
	await agreeOnRecipe(folder, recipe);
	const state = await loadState(folder.read);
	if (!state) return reuse ? reuseStages(reuse, recipe, start) : begin(start.weights, 0);
	const expected = [...start.weights].map(([name, { shape }]) => ({ name, shape }));
	checkTensors(`${folder.read.location}/${STATE_FILE}`, state.weights, expected);
	const begun = recipe.stages.slice(0, state.position.stage + 1).map(({ name }) => name);
	const { stage, step } = state.position;
	const until = stage < recipe.stages.length ? step : Number.POSITIVE_INFINITY;
	return { state, metrics: metricsUntil(await readMetrics(folder.read), begun, until) };
}

const begin = (weights: Weights, stage: number): { state: TrainingState; metrics: Metric[] } => ({
	state: { position: { stage, step: 0, normalize: null, best: null }, weights, moments: new Map() },
	metrics: [],
});

/** What determines the weights after a stage that does not see the vision path, but for that stage. */
const foundation = ({ seed, model, tokenizer }: Recipe) => ({
	tokenizer,
	model: { ...model, seed: model.seed ?? seed },
});

/** A stage, its seed filled in. */
const seeded = (stage: Stage | undefined, { seed }: Recipe) => stage && { ...stage, seed: stage.seed ?? seed };

async function reuseStages(read: FileStore, recipe: Recipe, start: Start) {
	const where = `${read.location}/${RECIPE_FILE}`;
	const other = validate(recipeSchema, parseJson(await read.read(RECIPE_FILE), where), { where, code: 'recipe' });
	const differs = (a: unknown, b: unknown) => firstDifference(json(a), json(b));
	const difference = differs(foundation(other), foundation(recipe));
	const sameWay = other.seed === recipe.seed && differs(other.visionPath, recipe.visionPath) === undefined;
	const fits = (stage: Stage, i: number) =>
		differs(seeded(stage, recipe), seeded(other.stages[i], other)) === undefined && (sameWay || !seesImages(stage));
	const end = recipe.stages.findIndex((stage, i) => !fits(stage, i));
	const count = end < 0 ? recipe.stages.length : end;
	if (difference || count === 0) {
		const reason = difference ? `${difference.path} differs` : 'the first stage differs';
		throw new UsageError(`${read.location}: has no stage in common with this recipe (${reason}); leave out --reuse`, {
			code: 'reuse',
		});
	}
	const weights = await readStage({ read }, recipe.stages[count - 1]!.name);
	// Of another seed or vision path, the projector has other values or shapes; it is as untrained there as it is here.
	for (const [name, tensor] of start.weights) {
		if (groupOf(name) === 'projector' && !sameWay) weights.set(name, tensor);
	}
	for (const name of weights.keys()) if (!start.weights.has(name)) weights.delete(name);
	return begin(weights, count);
}

/** Keeps what is known. The metrics come first: those that the state has not seen are dropped when it is read. */
export async function saveRun({ write }: RunFolder, state: TrainingState, metrics: readonly Metric[]): Promise<void> {
	await writeMetrics(write, metrics);
	await saveState(write, state);
}

/** Writes the model's weights after a stage. */
export async function saveStage({ write }: RunFolder, name: string, { weights }: TrainingState): Promise<void> {
	const entries = [...weights].filter(([parameter]) => groupOf(parameter) !== CAPTIONS);
	await writeSafetensors(
		write,
		stageFile(name),
		entries.map(([parameter, tensor]) => ({ name: parameter, dtype: 'F32', shape: tensor.shape, read: () => tensor })),
	);
}

/** The weights after a stage of a run. */
export const readStage = async ({ read }: Pick<RunFolder, 'read'>, name: string) =>
	(await readTensors(read, stageFile(name))) as Map<string, Tensor<'float32'>>;
