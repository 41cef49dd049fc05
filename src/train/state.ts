import { z } from 'zod';
import { InputError } from '../base/errors.ts';
import { parseJson, show, validate } from '../base/json.ts';
import type { Tensor } from '../base/tensor.ts';
import type { FileStore, WriteStore } from '../checkpoint/checkpoint.ts';
import { readTensors } from '../checkpoint/safetensors.ts';
import { type TensorEntry, writeSafetensors } from '../checkpoint/safetensors-write.ts';
import { meanName, squareName } from './graphs.ts';
import type { Weights } from './weights.ts';

export const STATE_FILE = 'state.safetensors';
const FORMAT = 1;
/** The entry that holds `position` as JSON: one file, so that tensors and position never disagree. */
const POSITION = 'position';

const positionSchema = z.strictObject({
	format: z.literal(FORMAT),
	/** Stage under way; the number of stages where all are done. */
	stage: z.int().nonnegative(),
	/** Steps of it that are done. */
	step: z.int().nonnegative(),
	/** What normalised tokens are brought to, measured where the first image was trained on; null before. */
	normalize: z.strictObject({ targetMean: z.number(), maxNorm: z.number() }).nullable(),
});
export type Position = Omit<z.infer<typeof positionSchema>, 'format'>;

/** Everything that the rest of a run follows from, beside its recipe. */
export interface TrainingState {
	position: Position;
	weights: Weights;
	/** AdamW's running means, by name of the graph's input; empty at the start of a stage. */
	moments: Map<string, Tensor<'float32'>>;
}

const entry = (name: string, tensor: Tensor<'float32'>): TensorEntry => ({
	name,
	dtype: 'F32',
	shape: tensor.shape,
	read: () => tensor,
});

/** Writes the state as one file, which is there either whole or as it was before. */
export async function saveState(out: WriteStore, { position, weights, moments }: TrainingState): Promise<void> {
	const bytes = new TextEncoder().encode(JSON.stringify({ format: FORMAT, ...position }));
	await writeSafetensors(out, STATE_FILE, [
		...[...weights].map(([name, tensor]) => entry(name, tensor)),
		...[...moments].map(([name, tensor]) => entry(name, tensor)),
		{
			name: POSITION,
			dtype: 'U8',
			shape: [bytes.length],
			read: () => ({ dtype: 'uint8', shape: [bytes.length], data: bytes }),
		},
	]);
}

/** Reads a state back; null where there is none. */
export async function loadState(store: FileStore): Promise<TrainingState | null> {
	if (!(await store.has(STATE_FILE))) return null;
	const where = `${store.location}/${STATE_FILE}`;
	const tensors = await readTensors(store, STATE_FILE);
	const stored = tensors.get(POSITION);
	if (!stored)
		throw new InputError(`${where}: holds no position; is it the state of a training run?`, { code: 'state' });
	tensors.delete(POSITION);
	const { format: _, ...position } = validate(positionSchema, parseJson(stored.data as Uint8Array, where), {
		where,
		code: 'state',
	});
	const weights: Weights = new Map();
	const moments = new Map<string, Tensor<'float32'>>();
	for (const [name, tensor] of tensors) {
		const isMoment = name.startsWith(meanName('')) || name.startsWith(squareName(''));
		(isMoment ? moments : weights).set(name, tensor as Tensor<'float32'>);
	}
	return { position, weights, moments };
}

/** Throws an InputError where stored tensors are not those that are expected, by name and shape. */
export function checkTensors(
	where: string,
	stored: ReadonlyMap<string, { shape: readonly number[] }>,
	expected: readonly { name: string; shape: readonly number[] }[],
): void {
	for (const { name, shape } of expected) {
		const got = stored.get(name)?.shape;
		if (got?.join() === shape.join()) continue;
		throw new InputError(
			`${where}: tensor ${show(name)} is ${got ? `[${got.join(', ')}]` : 'missing'}, but the recipe's model has [${shape.join(', ')}]; give another --out, or the recipe that made it`,
			{ code: 'state-shape' },
		);
	}
}
