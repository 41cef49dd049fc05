import { columns } from '../base/columns.ts';
import type { Arg, Command } from './command.ts';

/** Rows of words, set in by two spaces. */
export const listing = (rows: readonly (readonly string[])[]): string =>
	columns(rows)
		.map((line) => `  ${line}`)
		.join('\n');

function flag(name: string, arg: Arg): string {
	const short = 'alias' in arg && arg.alias ? `${[arg.alias].flat().map((alias) => `-${alias}`)}, ` : '';
	const value = arg.type === 'boolean' ? '' : ` ${arg.valueHint ?? name.toUpperCase()}`;
	return `${short}--${name}${value}${arg.repeatable ? ' …' : ''}`;
}

function description(arg: Arg): string {
	const { description: text = '', default: preset, required, type } = arg;
	const choices = type === 'enum' && arg.options ? `: ${arg.options.join(', ')}` : '';
	if (type === 'positional' && required === false) return `${text} (optional)`;
	return preset === undefined || preset === false ? text + choices : `${text}${choices} (default ${preset})`;
}

const positionalName = (name: string, { required, repeatable }: Arg): string => {
	const word = `${name.toUpperCase()}${repeatable ? ' …' : ''}`;
	return required === false ? `[${word}]` : word;
};

/** What `dorsal COMMAND --help` prints. */
export function commandHelp(name: string, { summary, details, args, examples }: Command): string {
	const entries = Object.entries<Arg>(args);
	const positionals = entries.filter(([, arg]) => arg.type === 'positional');
	const options = entries.filter(([, arg]) => arg.type !== 'positional');
	const usage = ['dorsal', name, ...positionals.map(([word, arg]) => positionalName(word, arg)), '[options]'];
	const parts = [
		summary,
		`Usage: ${usage.join(' ')}`,
		details,
		positionals.length > 0 &&
			`Arguments:\n${listing(positionals.map(([word, arg]) => [word.toUpperCase(), description(arg)]))}`,
		`Options:\n${listing([
			...options.map(([word, arg]) => [flag(word, arg), description(arg)] as const),
			['-h, --help', 'this text'],
		])}`,
		`Examples:\n${examples.map(({ call, does }) => `  # ${does}\n  ${call}`).join('\n')}`,
	];
	return parts.filter(Boolean).join('\n\n');
}

/** What `dorsal --help` prints. */
export function overview(commands: Readonly<Record<string, { summary: string }>>): string {
	return [
		'dorsal: does a vision-language model know where things are? It measures, shows why not, and restores it.',
		'Usage: dorsal COMMAND [arguments] [options]',
		`Commands:\n${listing(Object.entries(commands).map(([name, { summary }]) => [name, summary]))}`,
		'Start with: dorsal study\nMore about a command: dorsal COMMAND --help',
	].join('\n\n');
}
