/** Errors that end at the command line as one line: what is wrong, where, the value, what to do. */

export interface DorsalErrorOptions {
	/** A short stable name a caller can branch on, such as `safetensors-offset`. */
	code: string;
	cause?: unknown;
}

/** The base of every error that Dorsal raises on purpose. `message` is one line, with the value and what to do. */
export class DorsalError extends Error {
	readonly code: string;
	/** Exit status of the command: 1 a failed run or bad data, 2 bad usage. */
	readonly exitCode: 1 | 2 = 1;

	constructor(message: string, { code, cause }: DorsalErrorOptions) {
		super(message, cause === undefined ? undefined : { cause });
		this.name = new.target.name;
		this.code = code;
	}
}

/** The call itself is wrong: an unknown flag, a layer that does not exist, a folder that is not there. */
export class UsageError extends DorsalError {
	override readonly exitCode = 2;
}

/** Bytes from outside are wrong: a truncated file, a header that lies, a line that is not JSON. */
export class InputError extends DorsalError {}

/** A graph cannot be built: the message names the operator and the shapes. A mistake of the program, not of a file. */
export class GraphError extends DorsalError {}
