import { type ObjectsPoint, objectsFigure } from '../figures/objects.ts';
import { withPercent } from '../format.ts';
import { html } from '../html.ts';
import { conditionOf, datasetsOf, type ReportData, type ReportRun, roleOf } from '../inputs.ts';
import { type Figure, figureHtml, type Section } from '../section.ts';

function pointsOf(run: ReportRun): (ObjectsPoint & { questions: number })[] {
	return (['intact', 'permuted'] as const).flatMap((condition) =>
		Object.entries(conditionOf(run, condition)?.byGroup.objects ?? {}).map(([objects, score]) => ({
			model: run.model,
			condition,
			objects: Number(objects),
			value: score.accuracy,
			low: score.interval[0],
			high: score.interval[1],
			chance: score.chance,
			questions: score.questions,
		})),
	);
}

/** Accuracy by number of objects (Fig. 6), one figure a 2DS data set; null where no run tells the number. */
export function objectsSection({ runs }: ReportData): Section | null {
	const where = runs.filter((run) => roleOf(run) === 'where');
	const figures = datasetsOf(where).flatMap((dataset, index): Figure[] => {
		const points = where.filter((run) => run.dataset === dataset).flatMap(pointsOf);
		if (points.length === 0) return [];
		const sizes = [...new Set(points.map((p) => p.questions))].sort((a, b) => a - b);
		return [
			{
				name: index === 0 ? 'objects' : `objects-${index + 1}`,
				caption: `Accuracy against the number of objects in the scene; ${dataset}, n = ${sizes.join(' to ')} questions a point. Bars: 95 % Wilson intervals; points are moved aside a little so that bars do not cover each other.`,
				alt: `Accuracy by number of objects, ${dataset}. ${points.map((p) => `${p.model}, ${p.condition}, ${p.objects} objects: ${withPercent(p.value)}, chance ${withPercent(p.chance)}`).join('. ')}.`,
				data: {
					columns: ['objects', 'condition', 'model', 'questions', 'accuracy', 'low', 'high', 'chance'],
					rows: points.map((p) => [p.objects, p.condition, p.model, p.questions, p.value, p.low, p.high, p.chance]),
				},
				draw: (options) => objectsFigure(points, options),
			},
		];
	});
	if (figures.length === 0) return null;
	return {
		id: 'objects',
		title: 'By number of objects (Fig. 6)',
		html: html`<p>More objects make a question harder and a guess rarer: read each point against chance.</p>
${figures.map(figureHtml)}
<p class="note">The paper draws this figure without printing its values, so none stand beside.</p>`,
		figures,
	};
}
