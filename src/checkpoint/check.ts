import { InputError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import type { StoredTensor } from './weights.ts';

const floats = ['F32', 'F16', 'BF16'];

/**
 * Checks that the stored tensors are those that the configuration implies, with its shapes. `assumed` are fields that
 * config.json leaves to their defaults, named beside a mismatch because they are often its cause; `tower` is the name of
 * the encoder, if the configuration gives one.
 */
export function checkTensors(
	location: string,
	tensors: ReadonlyMap<string, StoredTensor>,
	expected: ReadonlyMap<string, readonly number[]>,
	{ assumed, tower }: { assumed: readonly string[]; tower: string | undefined },
): void {
	const hint = assumed.length > 0 ? `; config.json leaves out, so that we assume: ${assumed.join(', ')}` : '';
	if (![...tensors.keys()].some((name) => name.startsWith('vision_tower.'))) {
		throw new InputError(
			`${location}: the weights hold no vision tower; give the folder of its CLIP model ` +
				`${tower === undefined ? '' : `(${show(tower)}) `}with --vision-tower DIR`,
			{ code: 'vision-tower' },
		);
	}
	const missing: string[] = [];
	for (const [name, shape] of expected) {
		const stored = tensors.get(name);
		if (!stored) {
			missing.push(name);
			continue;
		}
		const wrong = (reason: string) =>
			new InputError(`${stored.store.location}/${stored.path}: tensor ${show(name)} ${reason}`, {
				code: 'tensor-shape',
			});
		const { dtype, shape: got } = stored.info;
		if (!floats.includes(dtype)) throw wrong(`is ${dtype}; weights must be ${floats.join(', ')}`);
		if (got.length !== shape.length || got.some((dim, i) => dim !== shape[i])) {
			throw wrong(`is [${got.join(', ')}], but config.json asks for [${shape.join(', ')}]${hint}`);
		}
	}
	if (missing.length > 0) {
		const more = missing.length > 1 ? ` (and ${missing.length - 1} more)` : '';
		throw new InputError(`${location}: tensor ${show(missing[0])} is missing${more}${hint}`, {
			code: 'missing-tensor',
		});
	}
	const extra = [...tensors.keys()].find((name) => !expected.has(name));
	if (extra !== undefined) {
		throw new InputError(
			`${location}: tensor ${show(extra)} has no place in the model that config.json describes${hint}`,
			{
				code: 'extra-tensor',
			},
		);
	}
}

/** Index of the first value that is NaN or infinite, −1 where all are finite. */
export function firstNonFinite(data: Float32Array): number {
	// x · 0 is 0 for every finite x and NaN for all others, so that one sum tells without a branch an element.
	let probe = 0;
	for (let i = 0; i < data.length; i++) probe += data[i]! * 0;
	return probe === 0 ? -1 : data.findIndex((x) => !Number.isFinite(x));
}
