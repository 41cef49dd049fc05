/**
 * Writes results/README.md and its data from a study that asked every shipped model everything, and from bench/variants.ts:
 * `node scripts/run.js scripts/results.ts STUDY [SEEDS]`. No figure of that page is written by hand.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { compareRuns } from '../src/eval/compare.ts';
import type { Paired, Results } from '../src/eval/run.ts';
import { readRun } from '../src/eval/store.node.ts';
import type { AttentionProbe, NormsProbe, RopeProbe } from '../src/probes/results.ts';
import { interval, percent, plural, points } from '../src/report/format.ts';
import { layout, modelNames } from '../src/study/layout.ts';
import { shippedModels } from '../src/study/shipped.ts';
import { markdown } from './markdown.ts';

const [study, seeds] = process.argv.slice(2);
if (!study) {
	console.error('usage: node scripts/run.js scripts/results.ts STUDY [SEEDS]');
	process.exit(2);
}

const TASKS: readonly [folder: string, title: string][] = [
	['2ds', '2DS, yes-no form'],
	['2ds-direction', 'its relations, direction form'],
	['2ds-ventral', 'ventral twin ("what")'],
];
const BASE = 'base';
/** Those of the study's report that the page shows. */
const FIGURES = ['objects.svg', 'compression.svg', 'norms.svg'];

const json = async <T>(file: string): Promise<T> => JSON.parse(await readFile(file, 'utf8')) as T;
const resultsOf = (model: string, task: string) =>
	json<Results>(path.join(layout.run(study, model, task), 'results.json'));

/** The paired differences of a model and base on one task, in order: over all questions, then by type. */
async function differences(model: string, task: string): Promise<Paired[]> {
	const [a, b] = [await readRun(layout.run(study!, BASE, task)), await readRun(layout.run(study!, model, task))];
	try {
		const { conditions } = await compareRuns(a, b);
		return conditions.find(({ condition }) => condition === 'intact')!.paired;
	} finally {
		await a.close();
		await b.close();
	}
}

const shippedNames = modelNames(shippedModels());
const names = [BASE, ...shippedNames.filter((name) => name !== BASE)];
const signed = ({ difference, interval: range }: Paired) => `${points(difference)} ${interval(range, points)}`;

/** Table 2: by type of question, base's accuracy, and how far each variant is from it. */
async function accuracyTable(models: readonly string[]) {
	const rows: string[][] = [['percent right', 'chance', `${BASE} [95 %]`, ...models.filter((name) => name !== BASE)]];
	for (const [task, title] of TASKS) {
		const own = (await resultsOf(BASE, task)).conditions.intact!;
		const others = await Promise.all(models.filter((name) => name !== BASE).map((name) => differences(name, task)));
		const row = (name: string, category: string | null) => {
			const score = category === null ? own : own.byCategory[category]!;
			return [
				name,
				percent(score.chance),
				`${percent(score.accuracy)} ${interval(score.interval)}`,
				...others.map((paired) => signed(paired.find((one) => one.category === category)!)),
			];
		};
		rows.push(row(`**${title}**`, null), ...Object.keys(own.byCategory).map((type) => row(type, type)));
	}
	return markdown(rows);
}

/** What shuffling costs each model: the permutation sensitivity index. */
async function orderTable(models: readonly string[]) {
	const rows: string[][] = [['', ...TASKS.flatMap(([, title]) => [`${title}: in order`, 'shuffled', 'PSI, %'])]];
	for (const name of models) {
		const cells: string[] = [];
		for (const [task] of TASKS) {
			const { conditions, paired } = await resultsOf(name, task);
			const lost = paired.find(({ a, b, category }) => a === 'intact' && b === 'permuted' && category === null)!;
			const psi = lost.psi === null ? '–' : `${percent(lost.psi)} ${interval(lost.psiInterval!)}`;
			cells.push(percent(conditions.intact!.accuracy), percent(conditions.permuted!.accuracy), psi);
		}
		rows.push([name, ...cells]);
	}
	return markdown(rows);
}

/** Fig. 6: accuracy by the number of objects in the image. */
async function objectsTable(models: readonly string[]) {
	const [first] = await Promise.all([resultsOf(BASE, '2ds')]);
	const counts = Object.keys(first.conditions.intact!.byGroup.objects!);
	const rows: string[][] = [['2DS, yes-no form, by objects in the image', ...counts]];
	for (const name of models) {
		const { objects } = (await resultsOf(name, '2ds')).conditions.intact!.byGroup;
		rows.push([name, ...counts.map((count) => percent(objects![count]!.accuracy))]);
	}
	return markdown(rows);
}

/** What the probes say of a model as it was trained: Fig. 3, Appendix A and Table 4. */
async function insideOf(name: string) {
	const probe = <T>(probeName: string) => json<T>(layout.probe(study!, name, probeName));
	const { vision, text, ratio } = await probe<NormsProbe>('norms');
	const { conditions } = await probe<RopeProbe>('rope');
	const { absDeltaGV, absDeltaAlphaV } = conditions.find((condition) => condition.trained)!;
	const { meanOfH, hOfMean } = (await probe<AttentionProbe>('attention')).entropy;
	return {
		norms: { vision: vision.mean, words: text.mean, ratio: ratio.mean },
		absDeltaGV,
		absDeltaAlphaV,
		meanOfH,
		hOfMean,
	};
}

async function insideTable(models: readonly string[]) {
	const rows: string[][] = [
		[
			'',
			'vision norm',
			'word norm',
			'ratio',
			'Δg_V a position, absolute',
			'Δα_V a position, absolute',
			'mean(H)',
			'H(mean)',
		],
	];
	const digits = ({ mean }: { mean: number }) => mean.toPrecision(3);
	for (const name of models) {
		const { norms, absDeltaGV, absDeltaAlphaV, meanOfH, hOfMean } = await insideOf(name);
		rows.push([
			name,
			norms.vision.toPrecision(3),
			norms.words.toPrecision(3),
			norms.ratio.toPrecision(3),
			digits(absDeltaGV),
			digits(absDeltaAlphaV),
			digits(meanOfH),
			digits(hOfMean),
		]);
	}
	return markdown(rows);
}

interface SeedResults {
	measured: { variant: string; seed: number; curve: Record<string, unknown>[]; results: Record<string, Results> }[];
	differences: {
		variant: string;
		seed: number;
		found: Record<string, { condition: string; paired: Paired[] }[]>;
	}[];
}

/** Every seed at the short budget, and its difference from base with the same seed. */
function seedsTable({ measured, differences: apart }: SeedResults) {
	const rows: string[][] = [['variant, seed', ...TASKS.flatMap(([, title]) => [title, 'against base', 'PSI, %'])]];
	for (const { variant, seed, results } of measured) {
		const found = apart.find((one) => one.variant === variant && one.seed === seed)?.found;
		const cells = TASKS.flatMap(([task]) => {
			const { conditions, paired } = results[task]!;
			const lost = paired.find(({ a, b, category }) => a === 'intact' && b === 'permuted' && category === null);
			const difference = found?.[task]?.find(({ condition }) => condition === 'intact')?.paired[0];
			return [
				percent(conditions.intact!.accuracy),
				difference ? signed(difference) : '',
				lost?.psi == null ? '–' : percent(lost.psi),
			];
		});
		rows.push([`${variant}, ${seed}`, ...cells]);
	}
	return markdown(rows);
}

const studied = names.filter((name) => existsSync(layout.run(study, name, '2ds-ventral')));
const seedResults = seeds ? await json<SeedResults>(path.join(seeds, 'results.json')) : null;
const overSeeds = seedResults
	? `
## Over ${plural(new Set(seedResults.measured.map(({ seed }) => seed)).size, 'seed')}, at a budget at which base is not saturated

The recipes in \`recipes/short\`: 1,500 steps of dense answers and 2,000 of instructions, then no more.

${seedsTable(seedResults)}
`
	: '';
const page = `# Results

What came out of the models that this project trained, as it came out. The models are small, the scenes simple: figures are
about these models. Every figure is computed from the data files beside this page by \`scripts/results.ts\`.

## At the full budget

Each model was trained in several calls of one thread, which took finished stages over with \`--reuse\`; one call with
\`--threads 1\` ends with the same bits. 2DS as it was learned, on 20 images, at the end of each thousand steps (the logs
are beside the weights):

![2DS by step of the training](training-2ds.svg)

A kind of question is learned all at once, at a step that differs from run to run, so that one seed tells little about a
variant: mind the kinds that one of the models still answers at chance.

The shipped models: the same encoder and pre-trained decoder, the same samples in the same order, one seed. 2DS and its ventral
twin with seed 0, 500 images; under a variant's name its paired difference from ${BASE}, in points, with a 95 % interval
clustered by image (Table 2).

${await accuracyTable(studied)}

What is lost when the vision tokens are shuffled (mean of three orders; PSI = (in order − shuffled) / in order):

${await orderTable(studied)}

By the number of objects (Fig. 6):

${await objectsTable(studied)}

![Accuracy by the number of objects](objects.svg)

${BASE} with fewer vision tokens, pooled and selected (Fig. 2):

![Accuracy by the number of vision tokens](compression.svg)

Norms (Fig. 3), sensitivity to the position of vision tokens (Appendix A) and normalised entropy of the answers' attention over
the image (Table 4), on 100 images (norms: 500):

${await insideTable(studied)}

![Norms of vision tokens and words](norms.svg)
${overSeeds}
## Commands

\`\`\`sh
npx dorsal train recipes/base.json --out runs/base
npx dorsal train recipes/NAME.json --reuse runs/base --out runs/NAME     # every other model
node scripts/run.js scripts/ship.ts runs/NAME NAME                       # base first
npx dorsal study ${studied.map((name) => `--model models/${name}`).join(' ')} --out runs/study
${seeds ? 'node scripts/run.js bench/variants.ts runs/seeds 3 runs/base\n' : ''}npx dorsal report ${studied.map((name) => `models/${name}`).join(' ')} -o runs/curves.html     # figures/training-2ds.svg
node scripts/run.js scripts/cards.ts runs/study
node scripts/run.js scripts/results.ts runs/study${seeds ? ' runs/seeds' : ''}
\`\`\`
`;
/** The data that the page is computed from, and the base's answers by number of tokens (Fig. 2). */
async function keepData(): Promise<void> {
	for (const name of studied) {
		const folder = path.join('results', name);
		await mkdir(folder, { recursive: true });
		for (const [task] of TASKS) {
			await copyFile(path.join(layout.run(study!, name, task), 'results.json'), path.join(folder, `${task}.json`));
		}
		const inside = await insideOf(name);
		await writeFile(path.join(folder, 'inside.json'), `${JSON.stringify(inside, null, '\t')}\n`);
	}
	for (const figure of FIGURES) await copyFile(path.join(study!, 'figures', figure), path.join('results', figure));
	await copyFile(layout.probe(study!, BASE, 'compression'), path.join('results', BASE, 'compression.json'));
	if (seeds) await copyFile(path.join(seeds, 'results.json'), 'results/seeds.json');
}

await keepData();
await writeFile('results/README.md', page);
