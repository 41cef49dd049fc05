import type { Arg, Command } from './command.ts';

const WIDTH = 118;
/** Widest left column; a longer entry stands on a line of its own. */
const LEFT = 34;

/** Words broken into lines of at most `width` characters. */
function wrap(text: string, width: number): string[] {
	const lines = [''];
	for (const word of text.split(' ')) {
		const line = lines.at(-1)!;
		if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
		else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
	}
	return lines;
}

/** Names and what they mean in two columns, set in by two spaces. */
export function listing(rows: readonly (readonly [name: string, meaning: string])[]): string {
	const short = rows.map(([name]) => name.length).filter((length) => length <= LEFT);
	const left = Math.max(0, ...short);
	const lines = rows.flatMap(([name, meaning]) => {
		const [first, ...rest] = wrap(meaning, WIDTH - left - 4);
		const next = rest.map((line) => ['', line] as const);
		return name.length <= LEFT
			? [[name, first] as const, ...next]
			: [[name, ''] as const, ['', first] as const, ...next];
	});
	return lines.map(([name, meaning]) => `  ${name.padEnd(left)}  ${meaning}`.trimEnd()).join('\n');
}

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
