import { parseJson, validate } from '../base/json.ts';
import type { Tensor } from '../base/tensor.ts';
import type { FileStore, WriteStore } from '../checkpoint/checkpoint.ts';
import { readTensors } from '../checkpoint/safetensors.ts';
import { writeSafetensors } from '../checkpoint/safetensors-write.ts';
import { CAPTIONS } from './contrastive.ts';
import { type Metric, writeMetrics } from './metrics.ts';
import { type Recipe, recipeSchema } from './recipe.ts';
import { saveState, type TrainingState } from './state.ts';
import { groupOf } from './weights.ts';

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

/** The recipe of a run; what it does not say, as one of an earlier version may not, is at its default. */
export async function readRunRecipe({ read }: Pick<RunFolder, 'read'>): Promise<Recipe> {
	const where = `${read.location}/${RECIPE_FILE}`;
	return validate(recipeSchema, parseJson(await read.read(RECIPE_FILE), where), { where, code: 'recipe' });
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
