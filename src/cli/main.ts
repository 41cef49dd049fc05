import { UsageError } from '../base/errors.ts';
import { VERSION } from '../base/version.ts';
import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { failure } from './failure.ts';
import { commandHelp, overview } from './help.ts';
import { interruptible } from './interrupt.ts';
import { parse } from './parse.ts';
import { createProgress } from './progress.ts';
import { commandLine } from './shell.ts';
import { guardStreams, print, printable } from './streams.ts';
import { suggestion } from './suggest.ts';

/** Runs the command line: `main(process.argv.slice(2))`. Sets the exit status: 0 well, 1 a failed run, 2 bad usage. */
export async function main(argv: readonly string[]): Promise<void> {
	guardStreams();
	// What is thrown where nobody waits for it (a stream, a callback of the engine) is told in the same one line.
	process.on('uncaughtException', (error) => {
		tell(error);
		process.exit();
	});
	try {
		await dispatch(argv);
	} catch (error) {
		tell(error);
	}
}

function tell(error: unknown): void {
	if (process.env.DORSAL_DEBUG === '1') console.error(error);
	const { line, exitCode } = failure(error);
	console.error(line);
	process.exitCode = exitCode;
}

async function dispatch(argv: readonly string[]): Promise<void> {
	const [first, second] = argv;
	if (first === undefined || first === '--help' || first === '-h' || (first === 'help' && second === undefined)) {
		return print(overview(commands));
	}
	if (first === '--version' || first === '-v') return print(VERSION);
	if (first === 'help') return dispatch([...argv.slice(1), '--help']);

	const group = Object.entries(commands).filter(([words]) => words.startsWith(`${first} `));
	if (group.length > 0 && asksForHelp(argv.slice(1, 2))) return print(overview(Object.fromEntries(group)));

	const name = [`${first} ${second}`, first].find((words) => Object.hasOwn(commands, words));
	if (name === undefined) throw unknownCommand(first, second);
	const command = await commands[name]!.load();
	const rest = argv.slice(name.split(' ').length);
	if (asksForHelp(rest)) return print(commandHelp(name, command));
	return run(name, command, rest);
}

const asksForHelp = (args: readonly string[]): boolean => {
	const end = args.indexOf('--');
	return args.slice(0, end < 0 ? undefined : end).some((arg) => arg === '--help' || arg === '-h');
};

function unknownCommand(first: string, second: string | undefined): UsageError {
	const names = Object.keys(commands);
	const longer = names.filter((name) => name.startsWith(`${first} `));
	if (longer.length > 0 && (second === undefined || second.startsWith('-'))) {
		return new UsageError(`dorsal ${first} needs one more word: ${longer.join(', ')}`, { code: 'command-unknown' });
	}
	const typed = longer.length > 0 ? `${first} ${second}` : first;
	const hint = first.startsWith('-') ? '; the command comes first, then its options' : '; see dorsal --help';
	const near = suggestion(typed, names) || hint;
	return new UsageError(`unknown command ${JSON.stringify(typed)}${near}`, { code: 'command-unknown' });
}

async function run(name: string, command: Command, rest: readonly string[]): Promise<void> {
	const parsed = parse(rest, command.args, name);
	const line = commandLine(['dorsal', ...name.split(' '), ...rest]);
	const progress = await createProgress();
	await interruptible(`run it again to go on from here: ${line}`, async (signal) => {
		const log = (text: string) => console.error(text);
		try {
			const context = { signal, commandLine: line, all: parsed.all, log, progress };
			const { result, text } = await command.run(parsed.args, context);
			progress.stop();
			await print(parsed.args.json === true ? JSON.stringify(result, null, 2) : printable(text));
		} finally {
			progress.stop();
		}
	});
}
