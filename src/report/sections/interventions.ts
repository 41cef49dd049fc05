import type { Changes } from '../../probes/accuracy-results.ts';
import { type Estimate, intervals } from '../figures/intervals.ts';
import { count, interval, list, percent, plural, points, pValue, sizesByModel, withPercent } from '../format.ts';
import { html } from '../html.ts';
import { type Measured, probesOf, type ReportData } from '../inputs.ts';
import { PAPER_MODELS, PAPER_TABLE_2_OVERALL } from '../paper.ts';
import { type Figure, figureHtml, ofEach, type Section } from '../section.ts';
import { accuracyCell, estimate, table } from '../tables.ts';
import { side } from '../words.ts';

const KINDS: readonly { prefix: string; title: string }[] = [
	{ prefix: 'normalize', title: 'Normalised vision tokens' },
	{ prefix: 'scale', title: 'Scaled vision tokens' },
	{ prefix: 'attention', title: 'Attention to the image scaled (ScalingVis)' },
	{ prefix: 'adaptvis', title: 'The same by confidence (AdaptVis)' },
];

/** Heading and name below it: `normalize:clip` is `clip` under “Normalised vision tokens”. */
function placeOf(name: string): { group: string; row: string } {
	const kind = KINDS.find(({ prefix }) => name.startsWith(`${prefix}:`));
	return kind ? { group: kind.title, row: name.slice(kind.prefix.length + 1) } : { group: 'Other', row: name };
}

const named = (changes: readonly Changes[]) =>
	list(changes.map(({ name, overall }) => `${name} (${points(overall.difference)} points)`));

/** The changes whose p is at most 5 % when Holm's method corrects it for the number of changes. */
function standing(conditions: readonly Changes[]): Changes[] {
	const ranked = [...conditions].sort((a, b) => a.overall.p - b.overall.p);
	const end = ranked.findIndex(({ overall: { p } }, i) => p * (ranked.length - i) > 0.05);
	return end < 0 ? ranked : ranked.slice(0, end);
}

/** Which of the differences that were found are more than chance makes of so many comparisons. */
function correctedSentence(conditions: readonly Changes[], found: readonly Changes[]): string {
	if (conditions.length < 2) return '';
	const stand = standing(conditions);
	const fallen = found.filter((change) => !stand.includes(change)).map(({ name }) => name);
	const corrected = `Corrected for the ${conditions.length} comparisons (Holm, 5 %),`;
	if (found.length === 1) return `${corrected} this difference ${fallen.length === 0 ? 'stands' : 'does not stand'}.`;
	if (fallen.length === 0) return `${corrected} all of these differences stand.`;
	if (fallen.length === found.length) return `${corrected} none of these differences stands.`;
	return `${corrected} these differences stand, except ${list(fallen)}.`;
}

function sentence({ model, result: { conditions, intact, questions } }: Measured<'interventions'>): string {
	const better = conditions.filter(({ overall }) => side(overall.interval, 0) === 'above');
	const worse = conditions.filter(({ overall }) => side(overall.interval, 0) === 'below');
	const base = `${model} answers ${withPercent(intact.overall.accuracy)} of ${plural(questions, 'question')} rightly as it is (chance ${withPercent(intact.overall.chance)}${side(intact.overall.interval, intact.overall.chance) === 'above' ? '' : ', which it is not above'}).`;
	if (better.length + worse.length === 0) {
		const reach = Math.max(...conditions.flatMap(({ overall }) => overall.interval.map(Math.abs)));
		return `${base} None of ${plural(conditions.length, 'change')} makes a measurable difference; none excludes one of up to ${percent(reach)} points.`;
	}
	return [
		base,
		better.length > 0 ? `Measurably better: ${named(better)}.` : '',
		worse.length > 0 ? `Measurably worse: ${named(worse)}.` : '',
		correctedSentence(conditions, [...better, ...worse]),
	]
		.filter((part) => part !== '')
		.join(' ');
}

function interventionsFigure(measured: readonly Measured<'interventions'>[]): Figure {
	const estimates: Estimate[] = [...KINDS.map(({ title }) => title), 'Other'].flatMap((group) =>
		measured.flatMap(({ model, result }) =>
			result.conditions
				.filter(({ name }) => placeOf(name).group === group)
				.map(
					({
						name,
						overall: {
							difference,
							interval: [low, high],
						},
					}) => {
						return { ...placeOf(name), series: model, value: difference, low, high, chance: null };
					},
				),
		),
	);
	const bound = Math.max(0.05, ...estimates.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
	const reach = Math.ceil(bound * 20) / 20;
	const sizes = sizesByModel(measured, ({ questions, data }) => `n = ${plural(questions, 'question')} (${data})`);
	return {
		name: 'interventions',
		caption: `Accuracy with vision tokens or attention changed at inference, less the accuracy of the model as it is. Bars: 95 % bootstrap intervals, paired on the same questions and clustered by image. ${sizes}.`,
		alt: `Differences of accuracy in points. ${estimates.map((e) => `${e.series}, ${e.group}, ${e.row}: ${points(e.value)}`).join('. ')}.`,
		data: {
			columns: ['model', 'change', 'difference', 'low', 'high'],
			rows: estimates.map((e) => [e.series, `${e.group}: ${e.row}`, e.value, e.low, e.high]),
		},
		draw: (options) =>
			intervals(estimates, { ...options, axis: 'Difference in points', print: points, domain: [-reach, reach] }),
	};
}

/** What changes at inference do to accuracy; null where they were not probed. */
export function interventionsSection(data: ReportData): Section | null {
	const measured = probesOf(data, 'interventions');
	if (measured.length === 0) return null;
	const figure = interventionsFigure(measured);
	const [base, normalised, multilayer] = PAPER_TABLE_2_OVERALL.map(withPercent);
	const heads = ['Change', 'n', 'Accuracy', 'Difference', 'p', 'Answers changed'];
	return {
		id: 'interventions',
		title: 'Changing vision tokens and attention at inference',
		html: html`${ofEach(measured.map(sentence))}<p>The paper normalises in training, not afterwards: its models trained so go from ${base} to ${normalised} (${PAPER_MODELS[1]}) and ${multilayer} (${PAPER_MODELS[2]}) on its own 2DS. What a model gains from a change that it was not trained with is another question, and the one asked here.</p>
${figureHtml(figure)}
<details><summary>All changes as a table</summary>
${table(
	'Accuracy under changes at inference',
	heads.map((head, i) => ({ head, kind: i === 0 ? 'text' : 'number' })),
	measured.map(({ model, result }) => ({
		...(measured.length > 1 ? { head: model } : {}),
		rows: [
			['as it is', count(result.questions), accuracyCell(result.intact.overall), '', '', ''],
			...result.conditions.map(({ name, overall }) => [
				name,
				count(overall.score.questions),
				accuracyCell(overall.score),
				estimate(points(overall.difference), interval(overall.interval, points)),
				pValue(overall.p),
				estimate(percent(overall.flips.all.share), interval(overall.flips.all.interval)),
			]),
		],
	})),
)}
<p class="note">Names are those of <code>--condition</code>. Accuracy: 95 % Wilson interval. Difference in points: 95 % bootstrap clustered by image. p: exact McNemar test, not corrected for the number of changes. Answers changed, in percent: 95 % Wilson interval.</p>
</details>`,
		figures: [figure],
	};
}
