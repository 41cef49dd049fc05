import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../base/errors.ts';
import { PART } from '../base/replace-file.node.ts';

/** Text that is gathered before it is written to disk. */
const GATHERED = 1 << 16;

/** Where a path leads, links followed; a file that is not there yet is in its folder. */
function placeOf(file: string): string {
	try {
		return realpathSync(file);
	} catch {
		const full = path.resolve(file);
		const folder = path.dirname(full);
		return folder === full ? full : path.join(placeOf(folder), path.basename(full));
	}
}

/**
 * Throws if a file to be written is one of those that the command reads, or lies in a folder (a run) that it reads.
 * Without a file nothing is checked.
 */
export function refuseInputs(option: string, file: string | undefined, inputs: readonly string[]): void {
	if (file === undefined) return;
	const place = placeOf(file);
	for (const input of inputs) {
		const read = placeOf(input);
		const what = place === read ? `is read as ${input}` : place.startsWith(read + path.sep) ? `lies in ${input}` : null;
		if (what === null) continue;
		throw new UsageError(`--${option} ${file}: ${what}, which must stay as it is; give another file`, {
			code: 'out-input',
		});
	}
}

function opened(file: string, name: string): number {
	try {
		return openSync(file, 'w');
	} catch (error) {
		throw Object.assign(error as Error, { path: name });
	}
}

/**
 * Has `fill` write a file, which is there whole or not at all: what stood there before stays until all is written. A
 * device or a pipe is written as it is. Without a file nothing is written.
 */
export async function writeWhole<T>(
	file: string | undefined,
	fill: (write: (text: string) => void) => T | Promise<T>,
): Promise<T> {
	if (file === undefined) return fill(() => {});
	const place = placeOf(file);
	const isPlain = statSync(file, { throwIfNoEntry: false })?.isFile() ?? true;
	const part = isPlain ? place + PART : file;
	const handle = opened(part, file);
	let [isOpen, text] = [true, ''];
	const flush = () => {
		writeSync(handle, text);
		text = '';
	};
	try {
		const result = await fill((more) => {
			text += more;
			if (text.length > GATHERED) flush();
		});
		flush();
		closeSync(handle);
		isOpen = false;
		if (isPlain) renameSync(part, place);
		return result;
	} catch (error) {
		if (isOpen) closeSync(handle);
		if (isPlain) rmSync(part, { force: true });
		throw error;
	}
}
