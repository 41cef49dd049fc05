import { parseArgs as tokenize } from 'node:util';
import { type ParsedArgs, parseArgs } from 'citty';
import { UsageError } from '../base/errors.ts';
import type { Arg, Args } from './command.ts';
import { suggestion } from './suggest.ts';

const usage = (message: string, code: string) => new UsageError(message, { code });

const aliasesOf = (arg: Arg): string[] => ('alias' in arg && arg.alias ? [arg.alias].flat() : []);

export interface Parsed<T extends Args> {
	args: ParsedArgs<T>;
	/** Every value that was given for an option or a positional argument, in order. */
	all(name: string): string[];
}

/** Reads a command's arguments. Anything that its definition does not name is a UsageError. */
export function parse<T extends Args>(rawArgs: readonly string[], definition: T, command: string): Parsed<T> {
	const options = Object.entries(definition).filter(([, arg]) => arg.type !== 'positional');
	const positionals = Object.keys(definition).filter((name) => definition[name]!.type === 'positional');
	const longName = new Map(options.flatMap(([name, arg]) => [name, ...aliasesOf(arg)].map((n) => [n, name] as const)));
	const values = new Map<string, string[]>();
	const words: string[] = [];

	const { tokens } = tokenize({
		args: [...rawArgs],
		// citty finds `-o` by its own alias; node finds it by `short`, under the long name.
		options: Object.fromEntries(
			options.map(([name, arg]) => {
				const short = aliasesOf(arg).find((alias) => alias.length === 1);
				return [name, { type: arg.type === 'boolean' ? 'boolean' : 'string', ...(short && { short }) } as const];
			}),
		),
		strict: false,
		tokens: true,
	});
	for (const token of tokens) {
		if (token.kind === 'positional') words.push(token.value);
		if (token.kind !== 'option') continue;
		const name = longName.get(token.name);
		if (name === undefined) {
			const near = suggestion(
				`--${token.name}`,
				options.map(([known]) => `--${known}`),
			);
			throw usage(`unknown option ${token.rawName}${near || `; see dorsal ${command} --help`}`, 'option-unknown');
		}
		const arg = definition[name]!;
		if (arg.type === 'boolean') {
			if (token.value !== undefined) {
				throw usage(`--${name} takes no value, got ${JSON.stringify(token.value)}`, 'option-value');
			}
		} else if (token.value === undefined || (!token.inlineValue && /^-[^\d]/.test(token.value))) {
			throw usage(`--${name} needs a value; write --${name} ${hint(name, arg)}`, 'option-value');
		}
		const earlier = values.get(name);
		if (earlier && !arg.repeatable) throw usage(`--${name} is given twice; give it once`, 'option-twice');
		values.set(name, [...(earlier ?? []), token.value ?? 'true']);
	}

	checkPositionals(words, positionals, definition, command);
	checkChoices(values, definition);
	for (const [i, name] of positionals.entries()) {
		values.set(name, definition[name]!.repeatable ? words.slice(i) : words.slice(i, i + 1));
	}
	return { args: parseArgs<T>([...rawArgs], definition), all: (name) => values.get(name) ?? [] };
}

/** `DIR` of `--model DIR`, or the choices of an enum. */
function hint(name: string, arg: Arg): string {
	if (arg.type === 'enum' && arg.options) return arg.options.join('|');
	return arg.valueHint ?? name.toUpperCase();
}

function checkPositionals(words: string[], names: string[], definition: Args, command: string): void {
	const missing = names.slice(words.length).find((name) => definition[name]!.required !== false);
	if (missing !== undefined) {
		throw usage(`${missing.toUpperCase()} is missing; see dorsal ${command} --help`, 'argument-missing');
	}
	const last = names.at(-1);
	const more = last !== undefined && definition[last]!.repeatable === true;
	if (words.length > names.length && !more) {
		const extra = JSON.stringify(words[names.length]);
		throw usage(`unexpected argument ${extra}; see dorsal ${command} --help`, 'argument-unexpected');
	}
}

function checkChoices(values: Map<string, string[]>, definition: Args): void {
	for (const [name, arg] of Object.entries(definition)) {
		const given = values.get(name);
		if (!given) {
			if (arg.type !== 'positional' && arg.required) {
				throw usage(`--${name} is missing; write --${name} ${hint(name, arg)}`, 'option-missing');
			}
			continue;
		}
		const choices = arg.type === 'enum' ? (arg.options ?? []) : [];
		const wrong = given.find((value) => choices.length > 0 && !choices.includes(value));
		if (wrong !== undefined) {
			throw usage(
				`--${name} ${wrong}: expected one of ${choices.join(', ')}${suggestion(wrong, choices)}`,
				'option-value',
			);
		}
	}
}
