/**
 * Writes the card of every model of the package, models/NAME/README.md, from its configuration, recipe and log and from a
 * study that asked it everything: `node scripts/run.js scripts/cards.ts STUDY`. No figure on a card is written by hand.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { folderStore } from '../src/checkpoint/files.node.ts';
import { openCheckpoint } from '../src/checkpoint/open.ts';
import type { ConditionResult, Results, Score } from '../src/eval/run.ts';
import type { NormsProbe } from '../src/probes/results.ts';
import { interval, percent } from '../src/report/format.ts';
import { layout } from '../src/study/layout.node.ts';
import { shippedModels } from '../src/study/shipped.node.ts';
import { type Metric, readMetrics } from '../src/train/metrics.ts';
import { type Recipe, recipeSchema } from '../src/train/recipe.ts';
import { summary } from '../src/train/summary.ts';
import { BASE, markdown, overDraws, readJson, resultsOf, TASKS } from './study-results.ts';

const [study] = process.argv.slice(2);
if (!study) {
	console.error('usage: node scripts/run.js scripts/cards.ts STUDY');
	process.exit(2);
}

/** Accuracy by type of question: in order, shuffled, without an image, and chance. */
function scoreRows(title: string, { conditions }: Results): string[][] {
	const row = (name: string, of: (result: ConditionResult) => Score, shuffled?: string): string[] => {
		const [intact, permuted, blind] = ['intact', 'permuted', 'text-only'].map((condition) =>
			of(conditions[condition]!),
		);
		return [
			name,
			`${percent(intact!.accuracy)} ${interval(intact!.interval)}`,
			shuffled ?? percent(permuted!.accuracy),
			percent(blind!.accuracy),
			percent(intact!.chance),
		];
	};
	const types = Object.keys(conditions.intact!.byCategory);
	return [
		row(`**${title}**`, (all) => all, overDraws(conditions.permuted!)),
		...types.map((type) => row(type, ({ byCategory }) => byCategory[type]!)),
	];
}

/** Minutes that the steps of a log took, evaluation and saving left out. */
function minutesOf({ stages }: Recipe, metrics: readonly Metric[]): number {
	const batches = new Map(stages.map(({ name, batch }) => [name, batch]));
	const last = new Map<string, number>();
	let seconds = 0;
	for (const { stage, step, imagesPerSecond } of metrics) {
		seconds += ((step - (last.get(stage) ?? 0)) * batches.get(stage)!) / imagesPerSecond;
		last.set(stage, step);
	}
	return seconds / 60;
}

/** The stages of a recipe, and how each ended. */
function trainingRows({ stages }: Recipe, metrics: readonly Metric[]): string[][] {
	const ended = summary(
		stages.map(({ name }) => name),
		metrics,
	);
	return stages.map(({ name, batch, learningRate, ...stage }, i) => [
		name,
		`${'steps' in stage ? stage.steps : '–'} × ${batch}`,
		Object.entries(learningRate)
			.map(([part, rate]) => `${part} ${rate}`)
			.join(', '),
		ended.stages[i]!.loss.toFixed(3),
		percent(ended.stages[i]!.accuracy),
	]);
}

async function card(folder: string): Promise<string> {
	const name = path.basename(folder);
	const recipe = recipeSchema.parse(await readJson(path.join(folder, 'recipe.json')));
	const store = folderStore(folder);
	const metrics = await readMetrics(store);
	const checkpoint = await openCheckpoint(store);
	const { vision, text } = checkpoint.config;
	const { layers, postLayerNorm, normalize, pool } = checkpoint.visionPath;
	let parameters = 0;
	for (const tensor of checkpoint.names) parameters += (await checkpoint.read(tensor)).data.length;
	await checkpoint.close();
	const side = pool ?? vision.imageSize / vision.patchSize;
	const tail = [
		`hidden state ${layers.join(', ')}${postLayerNorm ? ' after post-layernorm' : ''}`,
		...(normalize ? [`normalised (mode ${normalize.mode}, target ${normalize.targetMean!.toFixed(3)})`] : []),
		...(pool ? [`pooled to ${pool} × ${pool}`] : []),
	];
	const scores: string[][] = [];
	for (const [task, title] of TASKS) scores.push(...scoreRows(title, await resultsOf(study!, name, task)));
	const { vision: seen, text: words, ratio } = await readJson<NormsProbe>(layout.probe(study!, name, 'norms'));
	const encoder =
		name === BASE ? 'in `encoder.safetensors`' : 'in `../base/encoder.safetensors`, shared by all variants';
	return `# ${name}

${recipe.title}. ${(parameters / 1e6).toFixed(1)} M parameters, in the Hugging Face layout, trained from scratch by this project on
random scenes of coloured shapes; no other model's weights are in it. MIT licence, as the project. It knows those scenes and
nothing else.

| part | |
|---|---|
| encoder | CLIP-style ViT: ${vision.imageSize} px images, patch ${vision.patchSize}, width ${vision.hiddenSize}, ${vision.layers} layers, ${vision.heads} heads; ${encoder} |
| vision tokens | ${side ** 2}: ${tail.join(', ')} |
| projector | two linear layers with GELU between, to width ${text.hiddenSize} |
| decoder | Llama: width ${text.hiddenSize}, ${text.layers} layers, ${text.heads} heads, SwiGLU ${text.intermediateSize}, ${text.maxPositions} positions, ${text.vocabSize} words |
| weights | float16 |

## Training

\`dorsal train recipes/${name}.json\`. The recipe with all defaults is in \`recipe.json\`, the log, one line every 25 steps, in
\`metrics.jsonl\`. By it the steps took ${minutesOf(recipe, metrics).toFixed(0)} minutes of one thread, on a processor that had other work to do.

${markdown([['stage', 'steps × samples', 'peak learning rate', 'loss at the end', 'tokens right, %'], ...trainingRows(recipe, metrics)])}

## Scores

On 2DS as \`dorsal study\` makes it (seed 0, 500 images), strict, percent right with 95 % Wilson intervals. Shuffled: mean over
three random orders of the vision tokens, in brackets the least and the greatest of the three. Chance is what a guesser reaches who knows which objects are
in the image but not where they are.

${markdown([['question', 'in order', 'shuffled', 'no image', 'chance'], ...scores])}

Vision tokens have a mean norm of ${seen.mean.toPrecision(3)} on these images, words of the questions ${words.mean.toPrecision(3)}: a ratio of ${ratio.mean.toPrecision(3)}.
`;
}

for (const folder of shippedModels()) {
	await writeFile(path.join(folder, 'README.md'), await card(folder));
	console.log(path.join(folder, 'README.md'));
}
