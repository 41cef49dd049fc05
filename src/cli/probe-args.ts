import { FORMS } from '../bench2ds/bench.ts';
import type { AttentionMap } from '../probes/results.ts';
import { common, engine, limit, out } from './args.ts';
import { defineArgs } from './command.ts';
import { taskNames } from './tasks.ts';

const model = defineArgs({
	model: { type: 'string', valueHint: 'DIR', description: 'checkpoint folder (default: the shipped model)' },
});

/** Options of probes that look inside the decoder; `preset` images unless told otherwise. */
export const lookingArgs = (preset: string) =>
	defineArgs({
		...model,
		data: {
			type: 'string',
			valueHint: 'PATH',
			description: 'folder of photos with captions.json, or a written 2DS; 2DS is generated where none is given',
		},
		images: {
			type: 'string',
			valueHint: 'N',
			default: preset,
			description: 'most images, taken from all over the data',
		},
		question: { type: 'string', valueHint: 'TEXT', description: "ask this of every image (default: the data's own)" },
		condition: {
			type: 'string',
			valueHint: 'NAME',
			description: 'look under a change of the vision tokens, such as normalize:paper',
		},
		...common,
		...limit('the same as --images'),
		...out('FILE', 'also write the result to this JSON file'),
		...engine,
	});

/** Options of probes that ask a task's questions in several ways. */
export const askingArgs = defineArgs({
	...model,
	task: { type: 'string', valueHint: 'TASK', default: '2ds', description: taskNames.join(', ') },
	data: {
		type: 'string',
		valueHint: 'PATH',
		repeatable: true,
		description: "the benchmark's file or folder; 2DS is generated where none is given",
	},
	photos: { type: 'string', valueHint: 'DIR', description: 'folder of the images (default: that of the data)' },
	form: { type: 'enum', options: [...FORMS], valueHint: 'FORM', description: '2DS: how relations are asked' },
	images: {
		type: 'string',
		valueHint: 'N',
		default: '100',
		description: 'most images, taken from all over the data',
	},
	...common,
	...limit('most questions a condition, whole images'),
	...out('FILE', 'also write the result to this JSON file, and keep the answers beside it to go on from'),
	...engine,
});

/** Choice of the decoder's layers and heads. */
export const headArgs = defineArgs({
	layers: { type: 'string', valueHint: 'LIST', description: "the decoder's layers, such as 0,2 or -1 (default: all)" },
	heads: { type: 'string', valueHint: 'LIST', description: 'their heads (default: all)' },
});

/** Which attention a map shows. */
export const mapArgs = defineArgs({
	word: {
		type: 'string',
		valueHint: 'WORD',
		description: 'look from this word of the answer (default: the object asked about)',
	},
	map: {
		type: 'enum',
		options: ['llm', 'vit', 'both'],
		default: 'llm',
		description: "the language model's attention, the vision encoder's own, or one followed through the other",
	},
});

/** `--map` as the probes call it. */
export const sourceOf = (map: 'llm' | 'vit' | 'both'): AttentionMap['source'] => (map === 'both' ? 'composed' : map);
