import { defineArgs } from './command.ts';
import { wholeNumber } from './numbers.ts';
import { writeWhole } from './output.ts';

/** Options that every command takes. Each command says what `--limit` and `--out` mean for it. */
export const common = defineArgs({
	json: { type: 'boolean', description: 'print the result as JSON, and nothing else, on standard output' },
	seed: { type: 'string', valueHint: 'N', default: '0', description: 'seed of everything random' },
});

/** `--limit` with its meaning for a command. */
export const limit = (description: string) => defineArgs({ limit: { type: 'string', valueHint: 'N', description } });

/** `--out` (`-o`) with its meaning for a command. */
export const out = (valueHint: string, description: string, preset?: string) =>
	defineArgs({
		out: { type: 'string', alias: 'o', valueHint, description, ...(preset !== undefined && { default: preset }) },
	});

/** Where and how ONNX Runtime runs. */
export const machine = defineArgs({
	device: { type: 'enum', options: ['cpu', 'webgpu', 'cuda'], default: 'cpu', description: 'where ONNX Runtime runs' },
	threads: { type: 'string', valueHint: 'N', description: 'threads of ONNX Runtime (default: one a physical core)' },
});

/** Options of commands that run a model. */
export const engine = defineArgs({
	...machine,
	'vision-tower': {
		type: 'string',
		valueHint: 'DIR',
		description: 'CLIP folder, for original LLaVA checkpoints that leave the encoder out',
	},
});

/** The options of `engine` as a command has them. */
export interface EngineChoice {
	device: 'cpu' | 'webgpu' | 'cuda';
	threads?: string | undefined;
	'vision-tower'?: string | undefined;
}

export const seedOf = (text: string): number => wholeNumber('seed', text)!;
export const limitOf = (text: string | undefined): number | undefined => wholeNumber('limit', text, { min: 1 });
/** What `engine` says, as options of `load`. */
export function engineOf({ device, threads: text, 'vision-tower': visionTower }: EngineChoice) {
	const threads = wholeNumber('threads', text, { min: 1, max: 1024 });
	return { device, ...(threads !== undefined && { threads }), ...(visionTower !== undefined && { visionTower }) };
}

/** A result as the text of a JSON file. */
export const jsonText = (result: unknown): string => `${JSON.stringify(result, null, '\t')}\n`;

/** Writes a result as a JSON file where `--out` names one. */
export async function writeResult(file: string | undefined, result: unknown): Promise<void> {
	await writeWhole(file, (write) => write(jsonText(result)));
}
