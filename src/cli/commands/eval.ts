import { FORMS } from '../../bench2ds/bench.ts';
import { conditionHelp, parseConditions } from '../../eval/conditions.ts';
import { evaluate } from '../../eval/runner.ts';
import { openRun } from '../../eval/store.node.ts';
import { defaultModel } from '../../study/shipped.ts';
import { common, engine, limit, limitOf, out, seedOf, threadsOf } from '../args.ts';
import { defineCommand } from '../command.ts';
import { listing } from '../help.ts';
import { decimalNumber, wholeNumber } from '../numbers.ts';
import { resultsText } from '../results-text.ts';
import { chooseTask, formOf, taskNames } from '../tasks.ts';

export const evaluateTask = defineCommand({
	summary: 'Answers and scores a task under chosen conditions; a run that was stopped is gone on with.',
	details: `Conditions, several joined by commas, several at once by &:\n${listing(
		conditionHelp.map(({ usage, meaning }) => [usage, meaning]),
	)}\nRandom ones come in three draws. Every condition is compared with intact on the same questions.`,
	args: {
		task: { type: 'positional', required: true, description: taskNames.join(', ') },
		model: { type: 'string', valueHint: 'DIR', description: 'checkpoint folder (default: the shipped model)' },
		condition: { type: 'string', valueHint: 'LIST', default: 'intact', description: 'conditions to ask under' },
		data: {
			type: 'string',
			valueHint: 'PATH',
			repeatable: true,
			description: "the benchmark's file or folder; 2DS is generated where none is given",
		},
		images: { type: 'string', valueHint: 'DIR', description: 'folder of the images (default: that of the data)' },
		prompt: { type: 'string', valueHint: 'NAME', description: "another wording of the benchmark's prompt" },
		form: {
			type: 'enum',
			options: [...FORMS],
			valueHint: 'FORM',
			description: '2DS: how relations are asked (yes-no unless given)',
		},
		quads: { type: 'boolean', description: '2DS: images in mirrored fours, for pair and set accuracy' },
		'max-new-tokens': { type: 'string', valueHint: 'N', default: '32', description: 'most tokens of an answer' },
		temperature: { type: 'string', valueHint: 'T', default: '0', description: '0 always takes the likeliest token' },
		...common,
		...limit('most questions a condition, whole images spread over the data'),
		...out('RUN', 'folder of the run (default: runs/TASK)'),
		...engine,
	},
	examples: [
		{ call: 'dorsal eval 2ds --condition intact,permuted,text-only --out runs/try', does: 'the shipped model on 2DS' },
		{ call: 'dorsal eval 2ds --form direction --condition "intact,pool:4&permuted"', does: 'conditions combined' },
		{
			call: 'dorsal eval pope --data coco_pope_popular.json --images val2014 --model DIR',
			does: 'a standard benchmark',
		},
	],
	async run(args, { all, log, progress, signal }) {
		const seed = seedOf(args.seed);
		const questions = limitOf(args.limit);
		const settings = {
			maxNewTokens: wholeNumber('max-new-tokens', args['max-new-tokens'], { min: 1 })!,
			temperature: decimalNumber('temperature', args.temperature, { min: 0, max: 100 })!,
			seed,
		};
		const conditions = parseConditions(args.condition, { seed });
		const dir = args.out ?? `runs/${args.task}`;
		const folder = args.model ?? defaultModel();
		log(`eval: ${args.task}, ${folder}, ${args.condition} → ${dir}`);
		// Loaded after the first line is out: the engine takes a quarter of a second.
		const { load } = await import('../../vlm/load.node.ts');
		const { nativeBackend } = await import('../../backends/native.ts');
		const task = await chooseTask({
			name: args.task,
			data: all('data'),
			seed,
			...formOf(args.form),
			...(args.quads && { quads: true }),
			...(args.images !== undefined && { images: args.images }),
			...(args.prompt !== undefined && { prompt: args.prompt }),
		});
		const store = await openRun(dir);
		const model = await load(folder, { device: args.device, ...threadsOf(args.threads) });
		try {
			const results = await evaluate({
				task,
				backend: await nativeBackend(model),
				conditions,
				settings,
				store,
				seed,
				signal,
				onProgress: ({ done, total }) => progress.update('answers', done, total),
				...(questions !== undefined && { limit: questions }),
			});
			return { result: results, text: resultsText(results) };
		} finally {
			await store.close();
			await model.close();
		}
	},
});
