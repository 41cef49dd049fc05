import { InputError } from '../base/errors.ts';
import { show } from '../base/json.ts';

/** A weight file of a neighbouring folder: models that differ in their decoders alone store their encoder once. */
const NEIGHBOUR = /^\.\.\/(?=[^/]+\/[^/]+\.safetensors$)/;

/**
 * Refuses a path that leads out of its folder (CWE-22): such paths come from foreign files, for example the shard
 * names of `model.safetensors.index.json`. Allowed are names joined by `/`, none of them `.` or `..`, and
 * `../FOLDER/FILE.safetensors`.
 */
export function checkPath(location: string, path: string): void {
	const names = path.replace(NEIGHBOUR, '').split('/');
	if (names.every((name) => name !== '' && name !== '.' && name !== '..' && !/[\\:\p{C}]/u.test(name))) return;
	throw new InputError(`${location}: the path ${show(path)} leads out of the folder; use plain file names`, {
		code: 'path',
	});
}

/** Refuses a range that is not within the file, so that no reader returns fewer bytes than were asked for. */
export function checkRange(where: string, start: number, end: number, size: number): void {
	if (start >= 0 && start <= end && end <= size) return;
	throw new InputError(
		`${where}: bytes ${start} to ${end} were asked for, but the file has ${size}; is it truncated?`,
		{
			code: 'truncated',
		},
	);
}
