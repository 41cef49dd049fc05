import { table } from '../../base/columns.ts';
import type { TrainResult } from '../../train/trainer.ts';
import { common, engine, engineOf, limit, limitOf, out } from '../args.ts';
import { defineCommand } from '../command.ts';
import { wholeNumber } from '../numbers.ts';

const { json } = common;

export const train = defineCommand({
	summary: 'Trains a model from a recipe; a run that was stopped is gone on with.',
	details:
		'The folder of the run holds recipe.json (every default filled in), metrics.jsonl (one line a step), the state that\n' +
		'training goes on from, the weights after each stage, and model/, the checkpoint, when all is done.',
	args: {
		recipe: { type: 'positional', required: true, description: 'JSON file, such as recipes/base.json' },
		reuse: {
			type: 'string',
			valueHint: 'RUN',
			description: 'take the stages that this recipe has in common with another run from there',
		},
		json,
		seed: { type: 'string', valueHint: 'N', description: "seed instead of the recipe's" },
		...limit('most steps a stage, to try a recipe out'),
		...out('DIR', 'folder of the run (default: runs/ and the name of the recipe)'),
		...engine,
	},
	examples: [
		{ call: 'dorsal train recipes/smoke.json --out runs/smoke', does: 'every stage, in a minute' },
		{ call: 'dorsal train recipes/base.json --out runs/base', does: 'a model from scratch' },
		{
			call: 'dorsal train recipes/normalize.json --reuse runs/base --out runs/normalize',
			does: 'a variant on the same encoder and decoder',
		},
	],
	async run(args, { log, progress, signal }) {
		const seed = wholeNumber('seed', args.seed);
		const dir = args.out ?? `runs/${args.recipe.replace(/^.*\//, '').replace(/\.json$/, '')}`;
		log(`train: ${args.recipe} → ${dir}`);
		// Loaded after the first line is out: the engine takes a quarter of a second.
		const { trainRecipe } = await import('../../train/train.node.ts');
		const { defaultModel } = await import('../../study/shipped.ts');
		const result = await trainRecipe({
			recipe: args.recipe,
			out: dir,
			tokenizer: defaultModel(),
			seed,
			limit: limitOf(args.limit),
			reuse: args.reuse,
			...engineOf(args),
			signal,
			onProgress({ stage, step, steps, metric }) {
				if (!metric) return progress.update(stage, step, steps);
				const [rate] = Object.values(metric.learningRate).sort((a, b) => b - a);
				const note = `loss ${metric.loss.toFixed(3)}, lr ${rate!.toPrecision(2)}, ${metric.imagesPerSecond.toFixed(0)} images/s`;
				progress.update(stage, step, steps, note);
			},
		});
		return { result, text: resultText(result) };
	},
});

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

function resultText({ stages, evaluation, model }: TrainResult & { model: string }): string {
	const rows = stages.map(({ name, steps, loss, accuracy, imagesPerSecond }) => [
		name,
		String(steps),
		loss.toFixed(3),
		percent(accuracy),
		imagesPerSecond.toFixed(0),
	]);
	const lines = [table([['stage', 'steps', 'loss', 'tokens right', 'images/s'], ...rows])];
	if (evaluation) {
		const { yesNo, direction, ventral } = evaluation;
		lines.push(
			`small 2DS: ${percent(yesNo)} yes-no, ${percent(direction)} direction, ${percent(ventral)} ventral twin`,
		);
	}
	return [...lines, `checkpoint: ${model}`].join('\n\n');
}
