import { VERSION } from '../../base/version.ts';
import { summary } from '../../train/summary.ts';
import { count, list, percent, plural, significant, withPercent } from '../format.ts';
import { pageHtml } from '../frame.ts';
import { type HtmlValue, html } from '../html.ts';
import { type Figure, figureHtml, type Section } from '../section.ts';
import { NOTHING, table } from '../tables.ts';
import { accuracyFigure, evaluationFigure, lossFigure, MEASURE_NAMES, rateFigure, speedFigure } from './figures.ts';
import { MEASURES, type TrainingRun } from './inputs.ts';

export interface TrainingPage {
	runs: readonly TrainingRun[];
	/** Heading; default the recipe's title. */
	title?: string | undefined;
	/** Seconds after which a page about a run under way reads itself again. Default never. */
	refresh?: number | undefined;
}

const TITLE = 'Training';

const summaryOf = ({ stages, metrics }: Pick<TrainingRun, 'stages' | 'metrics'>) =>
	summary(
		stages.map(({ name }) => name),
		metrics,
	);

/** How far a run is, in words. */
function standing({ name, stages, metrics, finished }: TrainingRun): string {
	if (finished) return `${name} is finished: ${plural(summaryOf({ stages, metrics }).steps, 'step')}.`;
	const last = metrics.at(-1);
	if (!last) return `${name} has not saved a step yet.`;
	const steps = stages.find((stage) => stage.name === last.stage)?.steps;
	const place = stages.findIndex((stage) => stage.name === last.stage) + 1;
	const of = steps == null ? '' : ` of ${count(steps)}`;
	return `${name} is at step ${count(last.step)}${of} of stage ${last.stage} (${place} of ${stages.length}).`;
}

function stageRows({ stages, metrics }: TrainingRun): HtmlValue[][] {
	const done = new Map(summaryOf({ stages, metrics }).stages.map((stage) => [stage.name, stage]));
	const begun = stages.findIndex(({ name }) => done.has(name));
	return stages.map(({ name, kind, steps, batch }, i) => {
		const own = done.get(name);
		const planned = steps === null ? '' : ` of ${count(steps)}`;
		const state = own ? `${count(own.steps)}${planned}` : i < begun ? 'from another run' : `0${planned}`;
		return [
			name,
			kind,
			state,
			count(batch),
			own ? significant(own.loss) : NOTHING,
			own ? percent(own.accuracy) : NOTHING,
			own ? significant(own.imagesPerSecond) : NOTHING,
		];
	});
}

function progressSection({ runs, refresh }: TrainingPage): Section {
	const running = runs.some(({ finished }) => !finished);
	return {
		id: 'progress',
		title: 'How far it is',
		html: html`${runs.map((run) => html`<p class="verdict"><strong>${standing(run)}</strong> ${runs.length > 1 && run.title}</p>\n`)}
${refresh !== undefined && running && html`<p class="note">This page is written anew each time the run saves its state, and reads itself again every ${refresh} seconds.</p>\n`}
${table(
	'Stages',
	[
		{ head: 'Stage', kind: 'text' },
		{ head: 'Kind', kind: 'text' },
		{ head: 'Steps', kind: 'text' },
		{ head: 'Batch' },
		{ head: 'Loss' },
		{ head: 'Right, %' },
		{ head: 'Images/s' },
	],
	runs.map((run) => ({ ...(runs.length > 1 && { head: run.name }), rows: stageRows(run) })),
)}
<p class="note">Loss, accuracy and speed are means over the last 50 steps of a stage.</p>`,
		figures: [],
	};
}

/** The last evaluation of each run, type by type. */
function lastEvaluations(runs: readonly TrainingRun[]) {
	const asked = runs.flatMap((run) => {
		const last = run.metrics.findLast((metric) => metric.evaluation);
		return last ? [{ run, evaluation: last.evaluation!, last }] : [];
	});
	const types = [...new Set(asked.flatMap(({ evaluation }) => Object.keys(evaluation.byType)))];
	const { chance } = asked[0]!.run;
	const cells = (of: (evaluation: (typeof asked)[number]['evaluation']) => number | undefined) =>
		asked.map(({ evaluation }) => {
			const value = of(evaluation);
			return value === undefined ? NOTHING : percent(value);
		});
	const chanceCell = (value: number | undefined) => (value === undefined ? NOTHING : percent(value));
	return html`<h3>The last time it was asked</h3>
<p>${list(asked.map(({ run, last, evaluation }) => `${run.name}: ${withPercent(evaluation.yesNo)} in the yes-no form after step ${count(last.step)} of ${last.stage}`))}.</p>
${table(
	'Accuracy by type of question, in percent',
	[{ head: 'Type', kind: 'text' }, { head: 'Chance' }, ...asked.map(({ run }) => ({ head: run.name }))],
	[
		{
			rows: MEASURES.map((measure) => [
				MEASURE_NAMES[measure],
				chanceCell(chance?.[measure]),
				...cells((evaluation) => evaluation[measure]),
			]),
		},
		{
			head: 'By type',
			rows: types.map((type) => [
				type,
				chanceCell(chance?.byType[type]),
				...cells((evaluation) => evaluation.byType[type]),
			]),
		},
	],
)}`;
}

function figureSection(id: string, title: string, figure: Figure, after?: HtmlValue): Section {
	return { id, title, html: html`${figureHtml(figure)}${after}`, figures: [figure] };
}

/** Runs of training as one HTML document, with the figures that it holds. */
export function renderTraining(page: TrainingPage): { html: string; figures: Figure[] } {
	const { runs } = page;
	const drawn = runs.filter(({ metrics }) => metrics.length > 0);
	const evaluation = drawn.length > 0 ? evaluationFigure(drawn) : null;
	const curves =
		drawn.length === 0
			? []
			: [
					figureSection('loss', 'Loss', lossFigure(drawn)),
					figureSection('accuracy', 'Accuracy on the training data', accuracyFigure(drawn)),
					...(evaluation ? [figureSection('evaluation', '2DS on the way', evaluation, lastEvaluations(drawn))] : []),
					figureSection('rate', 'Learning rate', rateFigure(drawn)),
					figureSection('speed', 'Speed', speedFigure(drawn)),
				];
	const sections = [progressSection(page), ...curves];
	const names = runs.map(({ name }) => name).join(', ');
	const [first] = runs;
	const title = page.title ?? TITLE;
	return {
		html: pageHtml({
			title,
			about: names,
			subtitle: runs.length === 1 && first!.title !== '' ? `${names} · ${first!.title}` : names,
			versions: VERSION,
			refresh: runs.some(({ finished }) => !finished) ? page.refresh : undefined,
			sections,
		}),
		figures: sections.flatMap(({ figures }) => figures),
	};
}
