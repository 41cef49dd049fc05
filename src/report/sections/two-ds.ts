import { categoriesFigure } from '../figures/categories.ts';
import type { Estimate } from '../figures/intervals.ts';
import { plural, withPercent } from '../format.ts';
import { html } from '../html.ts';
import { conditionOf, datasetsOf, type ReportData, type ReportRun, roleOf } from '../inputs.ts';
import { type Figure, figureHtml, type Section } from '../section.ts';
import { habitsTable } from './habits.ts';
import { categoriesOf, categoryTable } from './two-ds-table.ts';

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
<p class="note">Accuracy: strict, with its 95 % Wilson interval; a difference between models is paired on the same questions, 95 % bootstrap clustered by image. The paper's generator of 2DS is not published: its questions, images and scorer (a language model) are others than ours, so its columns tell of the same skill and not of the same test. Overall here is over all questions; the paper's is the mean of the categories shown, as printed for all six and computed here for fewer.</p>`,
		figures,
	};
}
