import { tooFewImages } from '../../eval/paired.ts';
import type { Estimate } from '../figures/intervals.ts';
import { sensitivityFigure } from '../figures/sensitivity.ts';
import { fixed, interval, list } from '../format.ts';
import { html } from '../html.ts';
import { againstIntact, conditionOf, type ReportData, roleOf, sizesOf } from '../inputs.ts';
import { type Figure, figureHtml, type Section } from '../section.ts';
import { side } from '../words.ts';

const ORDER = { where: 'Where', what: 'What' } as const;

/** Permutation sensitivity for "where" (2DS) against "what" (its ventral twin); null where neither was permuted. */
export function sensitivitySection({ runs }: ReportData): Section | null {
	const measured = (['where', 'what'] as const).flatMap((role) =>
		runs
			.filter((run) => roleOf(run) === role)
			.flatMap((run) => {
				const paired = againstIntact(run, 'permuted');
				if (!paired || paired.psi === null || paired.psiInterval === null || tooFewImages(paired)) return [];
				return [{ role, run, paired, psi: paired.psi, psiInterval: paired.psiInterval }];
			}),
	);
	if (measured.length === 0) return null;
	const estimates: Estimate[] = measured.map(({ role, run, psi, psiInterval: [low, high] }) => ({
		group: ORDER[role],
		row: run.dataset,
		series: run.model,
		value: psi,
		low,
		high,
		chance: null,
	}));
	const alt = `Permutation sensitivity. ${measured.map(({ role, run, psi, psiInterval }) => `${ORDER[role]}, ${run.dataset}, ${run.model}: ${fixed(psi, 2)} ${interval(psiInterval, (v) => fixed(v, 2))}`).join('. ')}.`;
	const figure: Figure = {
		name: 'sensitivity',
		caption: `Permutation sensitivity index, PSI = (accuracy − accuracy shuffled) / accuracy, in percent, for questions about where things are and about what is there. 0: the order of the vision tokens does not matter. Bars: 95 % bootstrap intervals clustered by image, for the orders that were drawn. ${sizesOf(measured.map(({ run }) => run))}.`,
		alt,
		data: {
			columns: ['questions about', 'data set', 'model', 'questions', 'psi', 'psi low', 'psi high', 'difference'],
			rows: measured.map(({ role, run, paired, psi, psiInterval }) => [
				role,
				run.dataset,
				run.model,
				paired.questions,
				psi,
				...psiInterval,
				paired.difference,
			]),
		},
		draw: (options) => sensitivityFigure(estimates, options),
	};
	const flat = measured.flatMap(({ run }) => {
		const intact = conditionOf(run, 'intact');
		return intact && side(intact.interval, intact.chance) !== 'above' ? [`${run.model} on ${run.dataset}`] : [];
	});
	return {
		id: 'what-and-where',
		title: 'What against where',
		html: html`<p>The same shuffle, once on questions that need positions and once on questions that do not.${flat.length > 0 && ` Not above chance, so that there was nothing to lose: ${list(flat)}; the index says nothing there.`}</p>
${figureHtml(figure)}`,
		figures: [figure],
	};
}
