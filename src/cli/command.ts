import type { ArgDef, ParsedArgs } from 'citty';
import type { Progress } from './progress.ts';

/** An argument as citty describes it. */
export type Arg = ArgDef & {
	/** May be given several times (of the positional ones only the last); `context.all(name)` has all values. */
	repeatable?: boolean;
};
export type Args = Record<string, Arg>;

/** What a command may use besides its arguments. */
export interface Context {
	/** Aborted by Ctrl-C. Commands stop at the next safe point and throw `signal.reason`. */
	signal: AbortSignal;
	/** The command as it was typed, quoted for a shell. */
	commandLine: string;
	/** Every value of a repeatable argument, in the order given. */
	all(name: string): string[];
	/** One line on standard error. */
	log(line: string): void;
	/** On standard error; closed when the command ends. */
	progress: Progress;
}

/** What a command found out: `result` is printed under `--json`, `text` otherwise. */
export interface Output {
	result: unknown;
	text: string;
}

export interface Command<T extends Args = Args> {
	/** One sentence, first in the command's own `--help`. */
	summary: string;
	/** More about it, after the usage line. */
	details?: string;
	/** Options by their long names, and positional arguments in order. */
	args: T;
	examples: readonly { call: string; does: string }[];
	run(args: ParsedArgs<T>, context: Context): Promise<Output>;
}

/** Gives `run` the types of `args`; outside of it a command's arguments have no static type. */
export function defineCommand<const T extends Args>(command: Command<T>): Command {
	return command as Command<Args>;
}

/** Arguments that several commands share. */
export function defineArgs<const T extends Args>(args: T): T {
	return args;
}
