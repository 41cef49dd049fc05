import type { Score } from '../../eval/run.ts';
import { categoriesFigure } from '../figures/categories.ts';
import type { Estimate } from '../figures/intervals.ts';
import { count, interval, percent, plural, points, withPercent } from '../format.ts';
import { type Html, type HtmlValue, html } from '../html.ts';
import { conditionOf, datasetsOf, type ReportData, type ReportRun, roleOf } from '../inputs.ts';
import { PAPER_MODELS, PAPER_TABLE_2, PAPER_TABLE_2_OVERALL } from '../paper.ts';
import { type Figure, figureHtml, type Section } from '../section.ts';
import { accuracyCell, type Column, estimate, LENIENT_HEAD, lenientCell, NOTHING, table } from '../tables.ts';
import { habitsTable } from './habits.ts';

/** Scores under `intact` of one category, or of all for null. */
function scoreOf(run: ReportRun, category: string | null): Score | undefined {
	const intact = conditionOf(run, 'intact');
	return category === null ? intact : intact?.byCategory[category];
}

/** Categories of these runs, the paper's first and in its order. */
function categoriesOf(runs: readonly ReportRun[]): string[] {
	const ours = new Set(runs.flatMap((run) => Object.keys(conditionOf(run, 'intact')?.byCategory ?? {})));
	const paper = Object.keys(PAPER_TABLE_2).filter((category) => ours.has(category));
	return [...paper, ...[...ours].filter((category) => !paper.includes(category))];
}

/** One line for each thing that the paper adds to the model. */
function paperHead(name: string): HtmlValue {
	return name.split(/(?<=\w) (?=\+)/).map((part, i) => (i === 0 ? part : html`<br>${part}`));
}

function categoryTable(dataset: string, runs: readonly ReportRun[], { comparisons }: ReportData): Html {
	const compared = (run: ReportRun) => comparisons.filter((c) => c.dataset === dataset && c.b === run.model);
	const differs = (run: ReportRun) => compared(run).length > 0;
	const row = (label: HtmlValue, category: string | null, paper: readonly number[] | undefined): HtmlValue[] => {
		const first = scoreOf(runs[0]!, category);
		const cells = runs.flatMap((run) => {
			const score = scoreOf(run, category);
			const paired = compared(run).find((c) => c.paired.category === category)?.paired;
			return [
				accuracyCell(score),
				...(differs(run)
					? [paired ? estimate(points(paired.difference), interval(paired.interval, points)) : NOTHING]
					: []),
				lenientCell(score),
			];
		});
		const papers = PAPER_MODELS.map((_, i) => (paper ? (paper[i]! * 100).toFixed(2) : NOTHING));
		return [
			label,
			first ? count(first.questions) : NOTHING,
			first ? percent(first.chance) : NOTHING,
			...cells,
			...papers,
		];
	};
	const columns: Column[] = [
		{ head: 'Category', kind: 'text' },
		{ head: 'n' },
		{ head: 'Chance' },
		...runs.flatMap((run) => [
			{ head: 'Accuracy' },
			...(differs(run) ? [{ head: html`against <br>${compared(run)[0]!.a}` }] : []),
			{ head: LENIENT_HEAD },
		]),
		...PAPER_MODELS.map((name) => ({ head: paperHead(name), kind: 'paper' as const })),
	];
	const spans = [
		{ label: '', columns: 3 },
		...runs.map((run) => ({ label: run.model, columns: differs(run) ? 3 : 2 })),
		{ label: 'Paper, Table 2 (7B, its own 2DS)', columns: PAPER_MODELS.length },
	];
	const rows = categoriesOf(runs).map((category) => row(category, category, PAPER_TABLE_2[category]));
	const overall = row(html`<strong>Overall</strong>`, null, PAPER_TABLE_2_OVERALL);
	return table(`Table 2: accuracy by category, ${dataset}`, columns, [{ rows }, { rows: [overall] }], spans);
}

function categoryFigure(dataset: string, index: number, runs: readonly ReportRun[]): Figure {
	const estimates: Estimate[] = categoriesOf(runs).flatMap((category) =>
		['intact', 'permuted'].flatMap((condition) =>
			runs.flatMap((run) => {
				const score = conditionOf(run, condition)?.byCategory[category];
				if (!score) return [];
				const {
					accuracy: value,
					interval: [low, high],
					chance,
				} = score;
				return [{ group: category, row: condition, series: run.model, value, low, high, chance }];
			}),
		),
	);
	const intact = conditionOf(runs[0]!, 'intact')!;
	return {
		name: index === 0 ? 'categories' : `categories-${index + 1}`,
		caption: `Accuracy by category, with the vision tokens in their order and shuffled; ${dataset}, n = ${plural(intact.questions, 'question')} in ${categoriesOf(runs).length} categories. Bars: 95 % Wilson intervals. Dashed strokes: chance.`,
		alt: `Accuracy by category, ${dataset}. ${estimates.map((e) => `${e.group}, ${e.series}, ${e.row}: ${withPercent(e.value)}, chance ${withPercent(e.chance!)}`).join('. ')}.`,
		data: {
			columns: ['category', 'condition', 'model', 'accuracy', 'low', 'high', 'chance'],
			rows: estimates.map((e) => [e.group, e.row, e.series, e.value, e.low, e.high, e.chance]),
		},
		draw: (options) => categoriesFigure(estimates, options),
	};
}

/** The paper's Table 2, 2DS by category, for every form of it that was run; null where none was. */
export function twoDsSection(data: ReportData): Section | null {
	const runs = data.runs.filter((run) => roleOf(run) === 'where' && conditionOf(run, 'intact'));
	if (runs.length === 0) return null;
	const figures: Figure[] = [];
	const parts = datasetsOf(runs).map((dataset, index) => {
		const members = runs.filter((run) => run.dataset === dataset);
		const figure = categoryFigure(dataset, index, members);
		figures.push(figure);
		return html`<h3>${dataset}</h3>
${categoryTable(dataset, members, data)}
${figureHtml(figure)}
${habitsTable(members)}`;
	});
	return {
		id: 'two-ds',
		title: 'Where things are, by category (Table 2)',
		html: html`<p>Accuracy in percent, vision tokens in their order.</p>
${parts}
<p class="note">Accuracy: strict, with its 95 % Wilson interval; a difference between models is paired on the same questions, 95 % bootstrap clustered by image. The paper's generator of 2DS is not published: its questions, images and scorer (a language model) are others than ours, so its columns tell of the same skill and not of the same test. Overall here is over all questions; the paper's is the mean of its six categories.</p>`,
		figures,
	};
}
