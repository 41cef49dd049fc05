import path from 'node:path';
import { table } from '../../base/columns.ts';
import type { Measure, TrainingChance } from '../../report/training/inputs.ts';
import type { TrainResult } from '../../train/summary.ts';
import { common, engineOf, limit, limitOf, machine, out } from '../args.ts';
import { defineCommand } from '../command.ts';
import { wholeNumber } from '../numbers.ts';

const { json } = common;

export const train = defineCommand({
	summary: 'Trains a model from a recipe; a run that was stopped is gone on with.',
	details:
		'The folder of the run holds recipe.json (every default filled in), metrics.jsonl (one line a step), report.html (its\n' +
		'curves, drawn anew at each save; open it in a browser), the state that training goes on from, the weights after\n' +
		'each stage, and model/, the checkpoint, when all is done.',
	args: {
		recipe: { type: 'positional', required: true, description: 'JSON file, such as recipes/base.json' },
		reuse: {
			type: 'string',
			valueHint: 'RUN',
			repeatable: true,
			description: 'take the first stages from runs that have carried out the same',
		},
		json,
		seed: { type: 'string', valueHint: 'N', description: "seed instead of the recipe's" },
		...limit('most steps a stage, to try a recipe out'),
		...out('DIR', 'folder of the run (default: runs/ and the name of the recipe)'),
		...machine,
		workers: {
			type: 'string',
			valueHint: 'N',
			default: '1',
			description:
				'worker threads that compute micro-batches at the same time, each with --threads (then by default 1)',
		},
	},
	examples: [
		{ call: 'dorsal train recipes/smoke.json --out runs/smoke', does: 'every stage, in a minute' },
		{ call: 'dorsal train recipes/base.json --out runs/base', does: 'a model from scratch' },
		{
			call: 'dorsal train recipes/normalize.json --reuse runs/base --out runs/normalize',
			does: 'a variant on the same encoder and decoder',
		},
	],
	async run(args, { all, log, progress, signal }) {
		const seed = wholeNumber('seed', args.seed);
		const dir = args.out ?? `runs/${args.recipe.replace(/^.*\//, '').replace(/\.json$/, '')}`;
		log(`train: ${args.recipe} → ${dir}`);
		// Loaded after the first line is out: the engine takes a quarter of a second.
		const { trainRecipe } = await import('../../train/train.node.ts');
		const { defaultModel } = await import('../../study/shipped.node.ts');
		const draw = pageWriter(dir, log);
		const result = await trainRecipe({
			recipe: args.recipe,
			out: dir,
			tokenizer: defaultModel(),
			seed,
			limit: limitOf(args.limit),
			reuse: all('reuse'),
			...engineOf(args),
			workers: wholeNumber('workers', args.workers, { min: 1, max: MAX_WORKERS }),
			signal,
			onSave: () => draw({ refresh: REFRESH }),
			onProgress({ stage, step, steps, metric }) {
				if (!metric) return progress.update(stage, step, steps);
				const [rate] = Object.values(metric.learningRate).sort((a, b) => b - a);
				const note = `loss ${metric.loss.toFixed(3)}, lr ${rate!.toPrecision(2)}, ${metric.imagesPerSecond.toFixed(0)} images/s`;
				progress.update(stage, step, steps, note);
			},
		});
		await draw();
		return { result, text: resultText(result, result.evaluation && (await chanceOf(dir))) };
	},
});

/** Chance on the small 2DS that the run was asked; null where it was asked none. */
async function chanceOf(dir: string): Promise<TrainingChance | null> {
	const { folderStore } = await import('../../checkpoint/files.node.ts');
	const { trainingChance } = await import('../../report/training/inputs.ts');
	const { readRunRecipe } = await import('../../train/run-folder.ts');
	const read = folderStore(dir);
	const { evaluate } = await readRunRecipe({ read });
	await read.close();
	return evaluate && trainingChance(evaluate);
}

/** Each worker has a copy of the model, and a batch has few micro-batches. */
const MAX_WORKERS = 64;

/** Seconds after which a browser reads the page of a run under way again. */
const REFRESH = 30;

/** Writes the run's page. That it cannot be written is told once, and does not end the training. */
function pageWriter(dir: string, log: (line: string) => void) {
	let told = false;
	return async (options: { refresh?: number } = {}) => {
		try {
			const { writeTrainingReport } = await import('../../report/training/write.node.ts');
			await writeTrainingReport({ runs: [dir], out: path.join(dir, 'report.html'), ...options });
		} catch (error) {
			if (!told) log(`train: the run goes on without its page (${(error as Error).message})`);
			told = true;
		}
	};
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

type Trained = TrainResult & { model: string };

function resultText({ stages, evaluation, model }: Trained, chance: TrainingChance | null): string {
	const rows = stages.map(({ name, steps, loss, accuracy, imagesPerSecond }) => [
		name,
		String(steps),
		loss.toFixed(3),
		percent(accuracy),
		imagesPerSecond.toFixed(0),
	]);
	const lines = [table([['stage', 'steps', 'loss', 'tokens right', 'images/s'], ...rows])];
	if (evaluation) {
		const beside = (measure: Measure) =>
			`${percent(evaluation[measure])}${chance ? ` (chance ${percent(chance[measure])})` : ''}`;
		lines.push(
			`small 2DS: yes-no form ${beside('yesNo')}, direction form ${beside('direction')}, ventral twin ${beside('ventral')}`,
		);
	}
	return [...lines, `checkpoint: ${model}`].join('\n\n');
}
