import { FEWEST_IMAGES } from '../../eval/paired.ts';
import { conditionsFigure } from '../figures/conditions.ts';
import type { Estimate } from '../figures/intervals.ts';
import { count, percent, points, pValue, withPercent } from '../format.ts';
import { type HtmlValue, html } from '../html.ts';
import { againstIntact, datasetsOf, type ReportData, type ReportRun, sizesOf } from '../inputs.ts';
import { type Figure, figureHtml, type Section } from '../section.ts';
import { accuracyCell, estimate, LENIENT_HEAD, lenientCell, NOTHING, table } from '../tables.ts';
import { differenceBounds, drawsText } from '../words.ts';

function conditionRows(run: ReportRun): HtmlValue[][] {
	return Object.entries(run.results.conditions).map(([name, score]) => {
		const paired = againstIntact(run, name);
		return [
			name,
			count(score.questions),
			drawsText(score),
			accuracyCell(score),
			percent(score.chance),
			paired ? estimate(points(paired.difference), differenceBounds(paired)) : NOTHING,
			paired ? pValue(paired.p) : NOTHING,
			lenientCell(score),
		];
	});
}

function conditionFigure(runs: readonly ReportRun[]): Figure {
	const estimates: Estimate[] = datasetsOf(runs).flatMap((dataset) =>
		runs
			.filter((run) => run.dataset === dataset)
			.flatMap((run) =>
				Object.entries(run.results.conditions).map(
					([
						row,
						{
							accuracy: value,
							interval: [low, high],
							chance,
						},
					]) => {
						return { group: dataset, row, series: run.model, value, low, high, chance };
					},
				),
			),
	);
	const several = runs.some(({ results }) => Object.values(results.conditions).some(({ draws }) => draws.length > 1));
	return {
		name: 'conditions',
		caption: `Accuracy under every condition. Bars: 95 % Wilson intervals${several ? ', of a condition with several draws for their mean: the table below says how far these lie apart' : ''}. Dashed strokes: chance. ${sizesOf(runs)}.`,
		alt: `Accuracy under every condition. ${estimates.map((e) => `${e.group}, ${e.series}, ${e.row}: ${withPercent(e.value)}, chance ${withPercent(e.chance!)}`).join('. ')}.`,
		data: {
			columns: ['data set', 'condition', 'model', 'accuracy', 'low', 'high', 'chance'],
			rows: estimates.map((e) => [e.group, e.row, e.series, e.value, e.low, e.high, e.chance]),
		},
		draw: (options) => conditionsFigure(estimates, options),
	};
}

/** Every condition of every run: what each change to the image or its tokens costs. */
export function conditionsSection({ runs }: ReportData): Section {
	const figure = conditionFigure(runs);
	const groups = runs.map((run) => ({ head: html`${run.dataset}, ${run.model}`, rows: conditionRows(run) }));
	return {
		id: 'conditions',
		title: 'Every condition',
		html: html`<p><code>intact</code> is the plain run. <code>permuted</code> shuffles the vision tokens, <code>pool:k</code> averages them down to k × k, <code>text-only</code> shows no image, <code>wrong-image</code> shows another question's image. What is not lost under the last two did not come from the image.</p>
${figureHtml(figure)}
<details><summary>All conditions as a table</summary>
${table(
	'Accuracy under every condition',
	[
		{ head: 'Condition', kind: 'text' },
		{ head: 'n' },
		{ head: 'Draws' },
		{ head: 'Accuracy' },
		{ head: 'Chance' },
		{ head: 'Difference from intact' },
		{ head: 'p' },
		{ head: LENIENT_HEAD },
	],
	groups,
)}
<p class="note">Accuracy: 95 % Wilson interval; of several draws the mean. Draws: how many, and the least and the greatest accuracy among them; the intervals are over images for these draws, not over all that could be drawn. Difference: in points, paired on the same questions, 95 % bootstrap clustered by image, of at least ${FEWEST_IMAGES} images. p: exact McNemar test on the first draw, not corrected for the number of conditions.</p>
</details>`,
		figures: [figure],
	};
}
