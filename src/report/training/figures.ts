import { type Line, type LineAxis, linesFigure } from '../figures/lines.ts';
import { CHARACTER, ellipsis } from '../figures/svg.ts';
import { count, mark, percent, significant } from '../format.ts';
import type { DrawOptions, Figure } from '../section.ts';
import { MEASURES, type Measure, type TrainingRun } from './inputs.ts';
import { grouped, type PlacedStep, placedSteps, type StageSpan } from './steps.ts';

export const MEASURE_NAMES: Readonly<Record<Measure, string>> = {
	yesNo: '2DS, yes-no form',
	direction: '2DS, direction form',
	ventral: 'Ventral twin',
};

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const hundred = [0, 100] as const;

/** The steps of a run as it stands in a figure of these. */
const placedAmong = (runs: readonly TrainingRun[]) => (run: TrainingRun) =>
	placedSteps(run, { aligned: runs.length > 1 });

/** Where the first and the last step of any of the runs stand. */
function endsOf(runs: readonly TrainingRun[]): [first: number, last: number] {
	const spans = runs.flatMap((run) => placedAmong(runs)(run).spans);
	return [Math.min(...spans.map(({ from }) => from)), Math.max(...spans.map(({ from, steps }) => from + steps))];
}

/** Of a stage's name, what says more than none. */
const FEWEST_CHARACTERS = 5;

/** The stages as borders, where those of all runs stand alike; of a name, what there is room for. */
function bordersOf(runs: readonly TrainingRun[], { width }: DrawOptions) {
	const stages = new Map<string, StageSpan>();
	for (const span of runs.flatMap((run) => placedAmong(runs)(run).spans)) {
		const known = stages.get(span.name);
		if (known && known.from !== span.from) return [];
		if (!known || known.steps < span.steps) stages.set(span.name, span);
	}
	const spans = [...stages.values()].sort((a, b) => a.from - b.from);
	const [first, last] = endsOf(runs);
	return spans.map(({ name, from, steps }) => {
		const room = ((width - 70) * steps) / (last - first);
		const characters = Math.floor((room - 6) / CHARACTER);
		return { x: from, label: characters < Math.min(name.length, FEWEST_CHARACTERS) ? '' : ellipsis(name, characters) };
	});
}

function draw(runs: readonly TrainingRun[], lines: readonly Line[], y: LineAxis, options: DrawOptions): string {
	const borders = bordersOf(runs, options);
	return linesFigure(lines, {
		...options,
		x: { label: 'steps', domain: endsOf(runs) },
		y,
		...(borders.length > 1 && { borders }),
	});
}

interface Curve {
	name: string;
	title: string;
	caption: string;
	/** By the name of a line; most curves have one a run. */
	values: (steps: readonly PlacedStep[], run: TrainingRun) => Record<string, number>;
	y: LineAxis;
	/** What is drawn per value. Default 1. */
	times?: number;
	/** Dashes every second line, where lines often lie on each other. Default false. */
	dashes?: boolean;
}

/** A curve over the steps, each point the mean of a few. */
function curveFigure(runs: readonly TrainingRun[], curve: Curve): Figure {
	const { name, title, caption, values, y, times = 1, dashes = false } = curve;
	const groups = runs.map((run) => grouped(placedAmong(runs)(run)));
	const rows = runs.flatMap((run, i) =>
		groups[i]!.flatMap((steps) => {
			const at = mean(steps.map((step) => step.at));
			const { stage } = steps[0]!.metric;
			return Object.entries(values(steps, run)).map(([line, value]) => ({ line, stage, at, value }));
		}),
	);
	const names = [...new Set(rows.map(({ line }) => line))];
	// The first group begins with the first step, and its last line names the last that it stands for.
	const sizes = groups.map(([first]) => first?.at(-1)?.metric.step ?? 1).sort((a, b) => a - b);
	// A line ends with its stage: what lies between two stages was not measured.
	const lines = names.flatMap((line, series) => {
		const own = rows.filter((row) => row.line === line);
		return [...new Set(own.map(({ stage }) => stage))].map((stage): Line => {
			const part = own.filter((row) => row.stage === stage);
			const points = part.map(({ at, value }) => ({ x: at, y: value * times }));
			const stroke = dashes && series % 2 === 1 ? 'dashed' : 'solid';
			return { panel: '', name: line, series, line: stroke, dots: part.length === 1, points };
		});
	});
	const ends = names.map((line) => {
		const own = rows.filter((row) => row.line === line);
		return `${line}: from ${significant(own[0]!.value * times)} to ${significant(own.at(-1)!.value * times)}`;
	});
	const [least, most] = [sizes[0]!, sizes.at(-1)!];
	const each =
		most === 1 ? '' : ` A point is the mean of ${least < most ? `${count(least)} to ` : ''}${count(most)} steps.`;
	return {
		name,
		caption: `${caption}${each}`,
		alt: `${title} by step. ${ends.join('. ')}.`,
		data: {
			columns: ['line', 'stage', 'step of all', name],
			rows: rows.map(({ line, stage, at, value }) => [line, stage, at, value]),
		},
		// Zero has no place on a logarithmic axis.
		draw: (options) =>
			draw(runs, lines, y.type === 'log' && rows.some(({ value }) => value <= 0) ? { label: y.label } : y, options),
	};
}

const only = (runs: readonly TrainingRun[], line: string) => (run: TrainingRun) => (runs.length > 1 ? run.name : line);

export function lossFigure(runs: readonly TrainingRun[]): Figure {
	const line = only(runs, 'loss');
	return curveFigure(runs, {
		name: 'training-loss',
		title: 'Loss',
		caption:
			'Mean cross-entropy over the target tokens of a step, before its update; in a contrastive stage CLIP’s loss over the batch. Logarithmic.',
		values: (steps, run) => ({ [line(run)]: mean(steps.map(({ metric }) => metric.loss)) }),
		y: { label: 'loss', type: 'log', tickFormat: mark },
	});
}

export function accuracyFigure(runs: readonly TrainingRun[]): Figure {
	const line = only(runs, 'right');
	return curveFigure(runs, {
		name: 'training-accuracy',
		title: 'Accuracy on the training data',
		caption:
			'Share of the target tokens that were the likeliest; in a contrastive stage, of the images whose own caption was the likeliest of the batch.',
		values: (steps, run) => ({ [line(run)]: mean(steps.map(({ metric }) => metric.accuracy)) }),
		y: { label: '% right', domain: hundred },
		times: 100,
	});
}

export function rateFigure(runs: readonly TrainingRun[]): Figure {
	const several = runs.length > 1;
	return curveFigure(runs, {
		name: 'training-rate',
		title: 'Learning rate',
		caption: several
			? 'Learning rate of the part that learns fastest, times 1000.'
			: 'Learning rate of each part that is trained, times 1000. Parts without a line stay as they are.',
		values: (steps, run) => {
			const { learningRate } = steps.at(-1)!.metric;
			return several ? { [run.name]: Math.max(...Object.values(learningRate)) } : learningRate;
		},
		y: { label: 'rate × 1000' },
		times: 1000,
		dashes: !several,
	});
}

export function speedFigure(runs: readonly TrainingRun[]): Figure {
	const line = only(runs, 'images a second');
	return curveFigure(runs, {
		name: 'training-speed',
		title: 'Images a second',
		caption: 'Samples of a step over its seconds; evaluating and saving are not counted.',
		// A mean of rates over equal numbers of images is harmonic.
		values: (steps, run) => ({ [line(run)]: 1 / mean(steps.map(({ metric }) => 1 / metric.imagesPerSecond)) }),
		y: { label: 'images/s' },
	});
}

/** 2DS as it was asked on the way, with chance; null where it was not. */
export function evaluationFigure(runs: readonly TrainingRun[]): Figure | null {
	const asked = runs.flatMap((run, series) =>
		placedAmong(runs)(run).steps.flatMap(({ at, metric }) =>
			metric.evaluation ? [{ run, series, at, metric, evaluation: metric.evaluation }] : [],
		),
	);
	if (asked.length === 0) return null;
	const series = [...new Set(asked.map((one) => one.series))];
	const ends = endsOf(runs);
	const lines = MEASURES.flatMap((measure): Line[] => {
		const panel = MEASURE_NAMES[measure];
		const chances = [...new Set(runs.flatMap(({ chance }) => (chance ? [chance[measure]] : [])))];
		return [
			...chances.map((chance): Line => {
				const points = ends.map((x) => ({ x, y: 100 * chance }));
				return { panel, name: 'chance', series: null, line: 'dashed', dots: false, points };
			}),
			...series.flatMap((own) => {
				const mine = asked.filter((one) => one.series === own);
				return [...new Set(mine.map(({ metric }) => metric.stage))].map((stage): Line => {
					const points = mine
						.filter(({ metric }) => metric.stage === stage)
						.map(({ at, evaluation }) => ({ x: at, y: 100 * evaluation[measure] }));
					return { panel, name: runs.length > 1 ? runs[own]!.name : 'right', series: own, points };
				});
			}),
		];
	});
	const last = series.map((own) => asked.filter((one) => one.series === own).at(-1)!);
	return {
		name: 'training-2ds',
		caption:
			'Accuracy on a small 2DS of its own scenes, and on its ventral twin; an answer counts where it would be generated word for word. Both forms of 2DS hold its absolute types; its relations are asked as yes-no questions or in the direction form. Dashed: chance, the best guess that knows which objects are in the image but not where they are. In a stage whose scenes are in words, the scene is given in words here too.',
		alt: `2DS during training. ${last
			.map(({ run, evaluation }) => {
				const parts = MEASURES.map(
					(measure) =>
						`${MEASURE_NAMES[measure]} ${percent(evaluation[measure])} % (chance ${run.chance ? percent(run.chance[measure]) : 'unknown'})`,
				);
				return `${run.name}, last: ${parts.join(', ')}`;
			})
			.join('. ')}.`,
		data: {
			columns: ['run', 'stage', 'step', 'step of all', 'what', 'accuracy', 'chance'],
			rows: asked.flatMap(({ run, at, metric, evaluation }) =>
				MEASURES.map((measure) => [
					run.name,
					metric.stage,
					metric.step,
					at,
					MEASURE_NAMES[measure],
					evaluation[measure],
					run.chance?.[measure] ?? null,
				]),
			),
		},
		draw: (options) => draw(runs, lines, { label: '% right', domain: hundred }, options),
	};
}
