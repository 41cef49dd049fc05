import { failure } from './failure.ts';

/** Ends quietly when the reader of our output has gone (`dorsal … | head`); tells any other failure to write. */
export function guardStreams(): void {
	for (const stream of [process.stdout, process.stderr]) {
		stream.on('error', (error: NodeJS.ErrnoException) => {
			if (error.code === 'EPIPE') process.exit(0);
			if (stream === process.stdout) console.error(failure(Object.assign(error, { path: 'standard output' })).line);
			process.exit(1);
		});
	}
}

/** Without control characters (line breaks and tabs aside): a model's answer must not steer the terminal. */
export const printable = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, '');

/** Writes text and a newline to standard output, and waits until it has been handed over. */
export function print(text: string): Promise<void> {
	return new Promise((resolve) => process.stdout.write(`${text}\n`, () => resolve()));
}
