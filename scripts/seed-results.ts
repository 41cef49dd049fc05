import type { Paired, Results } from '../src/eval/run.ts';
import { type Line, linesFigure } from '../src/report/figures/lines.ts';
import { standalone } from '../src/report/figures/svg.ts';
import { interval, percent, plural, points } from '../src/report/format.ts';
import { WIDE } from '../src/report/section.ts';
import type { TrainingChance } from '../src/report/training/inputs.ts';
import { BASE, lostIn, markdown, signed, TASKS } from './study-results.ts';

interface Evaluated {
	stage: string;
	step: number;
	yesNo: number;
	direction: number;
	ventral: number;
}

/** What bench/variants.ts wrote. */
export interface SeedResults {
	measured: { variant: string; seed: number; curve: Evaluated[]; results: Record<string, Results> }[];
	differences: {
		variant: string;
		seed: number;
		found: Record<string, { condition: string; paired: Paired[] }[]>;
	}[];
}

const CURVES = [
	['yesNo', '2DS, yes-no form'],
	['direction', '2DS, direction form'],
	['ventral', 'ventral twin'],
] as const;

const variantsOf = ({ measured }: SeedResults) => [...new Set(measured.map(({ variant }) => variant))];
const seedsOf = ({ measured }: SeedResults) => plural(new Set(measured.map(({ seed }) => seed)).size, 'seed');
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const ends = (values: readonly number[]): [number, number] => [Math.min(...values), Math.max(...values)];

function differenceOf({ differences }: SeedResults, variant: string, seed: number, task: string): Paired | undefined {
	const { found } = differences.find((one) => one.variant === variant && one.seed === seed) ?? {};
	return found?.[task]?.find(({ condition }) => condition === 'intact')?.paired[0];
}

/** Each variant over its seeds: mean, least and greatest. */
function meansTable(seeds: SeedResults) {
	const rows = variantsOf(seeds).map((variant) => {
		const own = seeds.measured.filter((one) => one.variant === variant);
		const cells = TASKS.flatMap(([task]) => {
			const right = own.map(({ results }) => results[task]!.conditions.intact!.accuracy);
			const apart = own.flatMap(({ seed }) => differenceOf(seeds, variant, seed, task)?.difference ?? []);
			const psi = own.flatMap(({ results }) => lostIn(results[task]!).psi ?? []);
			return [
				`${percent(mean(right))} ${interval(ends(right))}`,
				apart.length > 0 ? `${points(mean(apart))} ${interval(ends(apart), points)}` : '',
				percent(mean(psi)),
			];
		});
		return [variant, ...cells];
	});
	const { results } = seeds.measured[0]!;
	const chances = TASKS.flatMap(([task]) => [percent(results[task]!.conditions.intact!.chance), '', '']);
	return markdown([
		['mean [least, greatest]', ...TASKS.flatMap(([, title]) => [title, 'against base', 'PSI, %'])],
		['chance', ...chances],
		...rows,
	]);
}

/** Every seed, and its paired difference from base with the same seed. */
function eachTable(seeds: SeedResults) {
	const rows = seeds.measured.map(({ variant, seed, results }) => [
		`${variant}, ${seed}`,
		...TASKS.flatMap(([task]) => {
			const difference = differenceOf(seeds, variant, seed, task);
			const { psi } = lostIn(results[task]!);
			return [
				percent(results[task]!.conditions.intact!.accuracy),
				difference ? signed(difference) : '',
				psi === null ? '–' : percent(psi),
			];
		}),
	]);
	const heads = TASKS.flatMap(([, title]) => [title, 'against base [95 %]', 'PSI, %']);
	return markdown([['variant, seed', ...heads], ...rows]);
}

/** In how many of the seeds each variant is better and worse than base, the interval of the difference without 0. */
function surelyTable(seeds: SeedResults) {
	const rows = variantsOf(seeds)
		.filter((variant) => variant !== BASE)
		.map((variant) => [
			variant,
			...TASKS.map(([task]) => {
				const found = seeds.measured
					.filter((one) => one.variant === variant)
					.flatMap(({ seed }) => differenceOf(seeds, variant, seed, task) ?? []);
				const better = found.filter(({ interval: [low] }) => low > 0).length;
				const worse = found.filter(({ interval: [, high] }) => high < 0).length;
				return `${better} better, ${worse} worse`;
			}),
		]);
	return markdown([[`of ${seedsOf(seeds)}`, ...TASKS.map(([, title]) => title)], ...rows]);
}

/** By type of question, the mean over the seeds. */
function typesTable(seeds: SeedResults) {
	const variants = variantsOf(seeds);
	const rows = TASKS.flatMap(([task, title]) => {
		const of = (variant: string, type: string) =>
			mean(
				seeds.measured
					.filter((one) => one.variant === variant)
					.map(({ results }) => results[task]!.conditions.intact!.byCategory[type]!.accuracy),
			);
		const { byCategory } = seeds.measured[0]!.results[task]!.conditions.intact!;
		return Object.entries(byCategory).map(([type, { chance }]) => [
			`${type} (${title})`,
			percent(chance),
			...variants.map((variant) => percent(of(variant, type))),
		]);
	});
	return markdown([['mean, percent right', 'chance', ...variants], ...rows]);
}

/** Fig. 6: by the number of objects in the image, the mean over the seeds. */
function objectsTable(seeds: SeedResults) {
	const byObjects = ({ results }: SeedResults['measured'][0]) => results['2ds']!.conditions.intact!.byGroup.objects!;
	const counts = Object.keys(byObjects(seeds.measured[0]!));
	const rows = variantsOf(seeds).map((variant) => {
		const own = seeds.measured.filter((one) => one.variant === variant);
		return [variant, ...counts.map((n) => percent(mean(own.map((one) => byObjects(one)[n]!.accuracy))))];
	});
	return markdown([['2DS, yes-no form, by objects in the image', ...counts], ...rows]);
}

/** The stages that see images, and how many such steps come before each. */
function stagesOfImages({ measured }: SeedResults): { stage: string; from: number; steps: number }[] {
	const lengths = new Map<string, number>();
	for (const { stage, step } of measured[0]!.curve) if (stage !== 'words') lengths.set(stage, step);
	let end = 0;
	return [...lengths].map(([stage, steps]) => {
		end += steps;
		return { stage, from: end - steps, steps };
	});
}

/**
 * Accuracy by step of the stages that see images: the mean over the seeds, bars from the least to the greatest, and chance.
 */
export function seedsFigure(seeds: SeedResults, chance: TrainingChance): string {
	const variants = variantsOf(seeds);
	const spans = stagesOfImages(seeds);
	const placed = (curve: readonly Evaluated[]) =>
		curve.flatMap((one) => {
			const from = spans.find(({ stage }) => stage === one.stage)?.from;
			return from === undefined ? [] : [{ ...one, x: from + one.step }];
		});
	const end = Math.max(...spans.map(({ from, steps }) => from + steps));
	const learned = CURVES.flatMap(([key, panel]) =>
		variants.map((variant, series) => {
			const curves = seeds.measured.filter((one) => one.variant === variant).map(({ curve }) => placed(curve));
			const steps = curves[0]!.map(({ x }, i) => {
				const values = curves.map((curve) => curve[i]![key] * 100);
				const [low, high] = ends(values);
				return { x, y: mean(values), low, high };
			});
			return { panel, name: variant, series, aside: (series - (variants.length - 1) / 2) * 4, points: steps };
		}),
	);
	const guessed = CURVES.map(([key, panel]): Line => {
		const points = [0, end].map((x) => ({ x, y: chance[key] * 100 }));
		return { panel, name: 'chance', series: null, line: 'dashed', dots: false, points };
	});
	return standalone(
		linesFigure([...guessed, ...learned], {
			width: WIDE,
			label: `Accuracy on 2DS by step of the training, ${variants.join(', ')}`,
			x: { label: 'Steps with images', domain: [0, end * 1.02] },
			y: { label: 'Accuracy (%)', domain: [0, 100] },
			// A short stage has no room for its name.
			borders: spans.map(({ stage, from, steps }) => ({ x: from, label: steps > end / 10 ? stage : '' })),
		}),
	);
}

/** The part of results/README.md about several seeds. */
export const seedsSection = (seeds: SeedResults): string => `
## Over ${seedsOf(seeds)}, at a budget at which ${BASE} is not saturated

The recipes in \`recipes/short\`: stages \`projector\` (200 steps), \`dense\` (1,500) and \`instructions\` (2,000) on the
encoder and the decoder that all models here share. A seed draws the projector and the images; under one seed all variants
see the same samples in the same order. Data: [seeds.json](seeds.json).

${meansTable(seeds)}

${eachTable(seeds)}

In how many of the seeds the difference from ${BASE} has an interval without 0:

${surelyTable(seeds)}

${typesTable(seeds)}

${objectsTable(seeds)}

2DS as it was learned, on 100 images, in either form with its absolute types; lines are means over the seeds, bars run from
the least to the greatest, dashed is chance:

![2DS by step of the training, three variants](seeds.svg)
`;
