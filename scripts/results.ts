/**
 * Writes results/README.md and its data from a study that asked every shipped model everything, and from bench/variants.ts:
 * `node scripts/run.js scripts/results.ts STUDY [SEEDS]`. No figure of that page is written by hand.
 */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { compareRuns } from '../src/eval/compare.ts';
import type { Paired, Results } from '../src/eval/run.ts';
import { readRun } from '../src/eval/store.node.ts';
import type { CompressionProbe } from '../src/probes/accuracy-results.ts';
import type { AttentionProbe, NormsProbe, RopeProbe } from '../src/probes/results.ts';
import { reportData } from '../src/report/data.ts';
import { standalone } from '../src/report/figures/svg.ts';
import { interval, percent } from '../src/report/format.ts';
import { drawn, WIDE } from '../src/report/section.ts';
import { compressionSection } from '../src/report/sections/compression.ts';
import { trainingChance } from '../src/report/training/inputs.ts';
import { layout, modelNames } from '../src/study/layout.node.ts';
import { shippedModels } from '../src/study/shipped.node.ts';
import { readRecipe } from '../src/train/recipe-file.node.ts';
import { type SeedResults, seedsFigure, seedsSection } from './seed-results.ts';
import { BASE, lostIn, markdown, overDraws, readJson, resultsOf, signed, TASKS } from './study-results.ts';

const [study, seeds] = process.argv.slice(2);
if (!study) {
	console.error('usage: node scripts/run.js scripts/results.ts STUDY [SEEDS]');
	process.exit(2);
}

/** Those of the study's report that the page shows. */
const FIGURES = ['objects.svg', 'norms.svg'];

/** The paired differences of a model and base on one task, in order: over all questions, then by type. */
async function differencesOf(model: string, task: string): Promise<Paired[]> {
	const [a, b] = [await readRun(layout.run(study!, BASE, task)), await readRun(layout.run(study!, model, task))];
	try {
		const { conditions } = await compareRuns(a, b);
		const { paired } = conditions.find(({ condition }) => condition === 'intact')!;
		// By the models' names: where the runs lay says nothing.
		return paired.map((one) => ({ ...one, a: BASE, b: model }));
	} finally {
		await a.close();
		await b.close();
	}
}

/** What the probes say of a model as it was trained: Fig. 3, Appendix A and Table 4. */
async function insideOf(name: string) {
	const probe = <T>(probeName: string) => readJson<T>(layout.probe(study!, name, probeName));
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

/** Everything about a model that the page is computed from; `differences` are those from base, by task. */
async function read(name: string) {
	const results: Record<string, Results> = {};
	const differences: Record<string, Paired[]> = {};
	for (const [task] of TASKS) {
		results[task] = await resultsOf(study!, name, task);
		if (name !== BASE) differences[task] = await differencesOf(name, task);
	}
	return { name, results, differences, inside: await insideOf(name) };
}
type Studied = Awaited<ReturnType<typeof read>>;

/** Table 2: by type of question, base's accuracy, and how far each variant is from it. */
function accuracyTable([base, ...variants]: readonly [Studied, ...Studied[]]) {
	const rows = [['percent right', 'chance', `${base.name} [95 %]`, ...variants.map(({ name }) => name)]];
	for (const [task, title] of TASKS) {
		const own = base.results[task]!.conditions.intact!;
		const row = (name: string, category: string | null) => {
			const score = category === null ? own : own.byCategory[category]!;
			return [
				name,
				percent(score.chance),
				`${percent(score.accuracy)} ${interval(score.interval)}`,
				...variants.map(({ differences }) =>
					signed(differences[task]!.find((paired) => paired.category === category)!),
				),
			];
		};
		rows.push(row(`**${title}**`, null), ...Object.keys(own.byCategory).map((type) => row(type, type)));
	}
	return markdown(rows);
}

/** What shuffling costs each model: the permutation sensitivity index. */
function orderTable(models: readonly Studied[]) {
	const rows = models.map(({ name, results }) => [
		name,
		...TASKS.flatMap(([task]) => {
			const { intact, permuted } = results[task]!.conditions;
			const { psi, psiInterval } = lostIn(results[task]!);
			return [
				percent(intact!.accuracy),
				overDraws(permuted!),
				psi === null ? '–' : `${percent(psi)} ${interval(psiInterval!)}`,
			];
		}),
	]);
	return markdown([['', ...TASKS.flatMap(([, title]) => [`${title}: in order`, 'shuffled', 'PSI, %'])], ...rows]);
}

/** Fig. 6: accuracy by the number of objects in the image. */
function objectsTable(models: readonly [Studied, ...Studied[]]) {
	const byObjects = ({ results }: Studied) => results['2ds']!.conditions.intact!.byGroup.objects!;
	const counts = Object.keys(byObjects(models[0]));
	const rows = models.map((model) => [model.name, ...counts.map((n) => percent(byObjects(model)[n]!.accuracy))]);
	return markdown([['2DS, yes-no form, by objects in the image', ...counts], ...rows]);
}

const INSIDE = [
	'vision norm',
	'word norm',
	'ratio',
	'Δg_V a position (absolute)',
	'Δα_V a position (absolute)',
	'mean(H)',
	'H(mean)',
];

function insideTable(models: readonly Studied[]) {
	const rows = models.map(({ name, inside: { norms, absDeltaGV, absDeltaAlphaV, meanOfH, hOfMean } }) => {
		const means = [absDeltaGV, absDeltaAlphaV, meanOfH, hOfMean].map(({ mean }) => mean);
		return [name, ...[norms.vision, norms.words, norms.ratio, ...means].map((value) => value.toPrecision(3))];
	});
	return markdown([['', ...INSIDE], ...rows]);
}

const names = modelNames(shippedModels()).filter((name) => name !== BASE);
const studied: [Studied, ...Studied[]] = [await read(BASE)];
for (const name of names) studied.push(await read(name));
const seedResults = seeds ? await readJson<SeedResults>(path.join(seeds, 'results.json')) : null;
const overSeeds = seedResults ? seedsSection(seedResults) : '';
const page = `# Results

What came out of the models that this project trained, as it came out. The models are small, the scenes simple: figures are
about these models. Every figure is computed from the data files beside this page by \`scripts/results.ts\`.

## At the full budget

Each model was trained in several calls of one thread, which took finished stages over with \`--reuse\`; one call with
\`--threads 1\` ends with the same bits. 2DS as it was learned, asked on 100 images during
the training (the logs are beside the weights):

![2DS by step of the training](training-2ds.svg)

Many kinds of question stay at chance or on a plateau for thousands of steps and are then learned within some hundred, at
a step that differs from run to run, so that one seed tells little about a variant: mind the kinds that one of the models
still answers at chance or half right.

The shipped models: the same encoder and pre-trained decoder, the same samples in the same order, one seed. 2DS and its ventral
twin with seed 0, 500 images; under a variant's name its paired difference from ${BASE}, in points, with a 95 % interval
clustered by image (Table 2).

${accuracyTable(studied)}

What is lost when the vision tokens are shuffled: mean of three orders, each the same for all images, and in brackets the
least and the greatest of the three; PSI = (in order − shuffled) / in order, its interval over images, for these orders:

${orderTable(studied)}

By the number of objects (Fig. 6):

${objectsTable(studied)}

![Accuracy by the number of objects](objects.svg)

With fewer vision tokens (Fig. 2): ${BASE}, pooled when it is asked, beside the variants that were trained so, on 100 images;
${BASE} with selected tokens is in [the data](${BASE}/compression.json):

![Accuracy by the number of vision tokens](compression.svg)

Norms (Fig. 3), sensitivity to the position of vision tokens (Appendix A) and normalised entropy of the answers' attention over
the image (Table 4), on 100 images (norms: 500):

${insideTable(studied)}

![Norms of vision tokens and words](norms.svg)
${overSeeds}
## Commands

\`\`\`sh
npx dorsal train recipes/base.json --out runs/base
npx dorsal train recipes/NAME.json --reuse runs/base --out runs/NAME     # every other model
node scripts/run.js scripts/ship.ts runs/NAME NAME                       # base first
npx dorsal study ${studied.map(({ name }) => `--model models/${name}`).join(' ')} --out runs/study
${seeds ? 'node scripts/run.js bench/variants.ts runs/seeds 3 runs/base\n' : ''}npx dorsal report ${studied.map(({ name }) => `models/${name}`).join(' ')} -o runs/curves.html     # figures/training-2ds.svg
node scripts/run.js scripts/cards.ts runs/study
node scripts/run.js scripts/results.ts runs/study${seeds ? ' runs/seeds' : ''}
\`\`\`
`;
/** The data that the page is computed from, and base's answers by number of tokens (Fig. 2). */
for (const { name, results, differences, inside } of studied) {
	const folder = path.join('results', name);
	await mkdir(folder, { recursive: true });
	const parts = { ...results, inside, ...(name !== BASE && { differences }) };
	for (const [part, data] of Object.entries(parts)) {
		await writeFile(path.join(folder, `${part}.json`), `${JSON.stringify(data, null, '\t')}\n`);
	}
}
for (const figure of FIGURES) await copyFile(path.join(study, 'figures', figure), path.join('results', figure));
const compression = layout.probe(study, BASE, 'compression');
await copyFile(compression, path.join('results', BASE, 'compression.json'));
const { figures } = compressionSection(
	await reportData([], { probes: [await readJson<CompressionProbe>(compression)] }),
)!;
await writeFile('results/compression.svg', standalone(drawn(figures[0]!, WIDE)));
if (seeds && seedResults) {
	// Named as in the commands of the page, wherever the runs lay.
	const text = await readFile(path.join(seeds, 'results.json'), 'utf8');
	await writeFile('results/seeds.json', text.replaceAll(path.resolve(seeds), 'runs/seeds'));
	const { evaluate } = await readRecipe(`recipes/short/${BASE}.json`);
	await writeFile('results/seeds.svg', seedsFigure(seedResults, trainingChance(evaluate!)));
}
await writeFile('results/README.md', page);
