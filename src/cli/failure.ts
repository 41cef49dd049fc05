import { DorsalError } from '../base/errors.ts';

/** How a command ended other than well: one line for standard error, and the exit status. */
export interface Failure {
	line: string;
	exitCode: number;
}

/** What to do about errors of the operating system that have nothing to do with the command itself. */
const ADVICE: Readonly<Record<string, string>> = {
	ENOSPC: 'the disk is full; free some space and run the same command again',
	EDQUOT: 'the disk quota is used up; free some space and run the same command again',
	EACCES: 'permission denied; check the rights of the file or folder',
	EPERM: 'not permitted; check the rights of the file or folder',
	EROFS: 'the file system is read-only; choose another --out',
	ENOENT: 'no such file or folder; check the path',
	EISDIR: 'is a folder; give a file',
	ENOTDIR: 'is not a folder; check the path',
	EMFILE: 'too many open files; raise the limit (ulimit -n)',
};

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ').trim();

/** Any thrown value as one line with a code. */
export function failure(error: unknown): Failure {
	if (error instanceof DorsalError) {
		return { line: `dorsal: error [${error.code}]: ${oneLine(error.message)}`, exitCode: error.exitCode };
	}
	const { code, path, message = String(error) } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
	const advice = code === undefined ? undefined : ADVICE[code];
	if (advice) {
		const where = path ?? oneLine(message);
		return { line: `dorsal: error [${code}]: ${where}: ${advice}`, exitCode: 1 };
	}
	return {
		line: `dorsal: error [internal]: ${oneLine(message)}; set DORSAL_DEBUG=1 to see where`,
		exitCode: 1,
	};
}
