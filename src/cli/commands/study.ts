import { studiedModels } from '../../study/shipped.node.ts';
import { studyText } from '../../study/text.ts';
import { common, engine, engineOf, limit, limitOf, out, seedOf } from '../args.ts';
import { defineCommand } from '../command.ts';

export const study = defineCommand({
	summary: 'Everything in the paper, on the shipped models or yours, into one report.',
	details:
		'Asks 2DS in the yes-no and the direction form and its ventral twin ("what" on the same images), intact and under every\n' +
		'control: vision tokens shuffled (three draws), pooled to 4 × 4 and to one, no image, another image. Then runs every\n' +
		'probe of dorsal probe on 100 images of 2DS (norms: 500). Models to compare are asked 2DS in the yes-no form and the\n' +
		'twin, intact and shuffled, and probed for norms, RoPE and the entropy of attention; those with pooled tokens are points\n' +
		'of Fig. 2. A study that was stopped goes on where it was when the same command is given again.',
	args: {
		folders: { type: 'positional', required: false, repeatable: true, description: 'more checkpoint folders' },
		model: {
			type: 'string',
			valueHint: 'DIR',
			repeatable: true,
			description: 'checkpoint folder; give several to study each in full (default: the shipped base model)',
		},
		compare: {
			type: 'string',
			valueHint: 'DIR',
			repeatable: true,
			description:
				'checkpoint folder that stands beside them, in brief (default without --model: the other shipped models)',
		},
		...common,
		...limit('most questions a task and condition, whole images spread over the data; most images of a probe'),
		...out('DIR', 'folder of the study', 'study'),
		...engine,
	},
	examples: [
		{ call: 'dorsal study', does: 'the shipped base model, the other shipped models beside it' },
		{
			call: 'dorsal study --model ~/llava-1.5-7b-hf --limit 300 --out study-7b',
			does: 'a first look at your own model',
		},
		{ call: 'dorsal study --model checkpoints/base checkpoints/normalised', does: 'two models side by side' },
	],
	async run(args, { all, commandLine, log, progress, signal }) {
		const models = [...all('model'), ...all('folders')];
		const seed = seedOf(args.seed);
		const questions = limitOf(args.limit);
		const compared = all('compare');
		const chosen = studiedModels({
			...(models.length > 0 && { models }),
			...(compared.length > 0 && { compare: compared }),
		});
		log(`study: ${[...chosen.models, ...chosen.compare].join(', ')} → ${args.out}`);
		// Loaded after the first line is out: the engine and the report take a third of a second.
		const { study: runStudy } = await import('../../study/study.ts');
		const result = await runStudy({
			...chosen,
			out: args.out!,
			seed,
			command: commandLine,
			signal,
			...engineOf(args),
			...(questions !== undefined && { limit: questions }),
			onProgress: ({ part, done, total }) => progress.update(part, done, total),
		});
		return { result, text: studyText(result) };
	},
});
