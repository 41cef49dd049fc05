import { show } from '../base/json.ts';
import type { Comparison, ConditionComparison, Flip, PairedRuns } from '../eval/compare.ts';
import { FEWEST_IMAGES, tooFewImages } from '../eval/paired.ts';
import { type Estimate, intervals } from './figures/intervals.ts';
import { count, interval, percent, plural, points, pValue } from './format.ts';
import { pageHtml } from './frame.ts';
import { foreign, type Html, type HtmlValue, html } from './html.ts';
import { type Figure, figureHtml, type Section } from './section.ts';
import { estimate, table } from './tables.ts';
import { differenceBounds } from './words.ts';

export interface ComparisonPage {
	/** Version of Dorsal that compares. */
	version: string;
	/** The command that makes the page, to be printed in it. Default none. */
	command?: string | null;
	/** Most flipped questions shown a condition; default 50. */
	flips?: number;
}

const text = (head: string) => ({ head, kind: 'text' as const });
const MOST_FLIPS = 50;

function differencesSection({ a, b, differences }: Comparison): Section {
	const rows = differences.map((one): HtmlValue[] => [
		one.part,
		html`<code>${one.path}</code>`,
		foreign(show(one.a)),
		foreign(show(one.b)),
	]);
	return {
		id: 'differences',
		title: 'What differs',
		html: html`<p>A is <code>${a.location}</code> (${a.task}, ${a.model}), B is <code>${b.location}</code> (${b.task}, ${b.model}).</p>
${
	rows.length === 0
		? html`<p>The manifests agree: same model, data, prompts, conditions, settings and versions.</p>`
		: html`<p>The manifests differ in ${plural(rows.length, 'place')}, the likelier cause of other answers first.</p>
<div class="manifest">${table('What differs in the manifests', [text('About'), text('Field'), text('A'), text('B')], [{ rows }])}</div>`
}`,
		figures: [],
	};
}

/** Ends of the axis: whole tens of points that hold every interval. */
function domainOf(estimates: readonly Estimate[]): [number, number] {
	const tens = (value: number) => Math.ceil(Math.abs(value) * 10) / 10;
	const low = Math.max(0.1, ...estimates.filter((e) => e.low < 0).map((e) => tens(e.low)));
	const high = Math.max(0.1, ...estimates.filter((e) => e.high > 0).map((e) => tens(e.high)));
	return [-low, high];
}

/** The differences that have an interval; null where none has. */
function figureOf(conditions: readonly ConditionComparison[]): Figure | null {
	const estimates = conditions.flatMap(({ condition, paired }) =>
		paired
			.filter((one) => !tooFewImages(one))
			.map(({ category, difference, interval: [low, high] }): Estimate => {
				return {
					group: condition,
					row: category ?? 'all',
					series: 'B − A',
					value: difference,
					low,
					high,
					chance: null,
				};
			}),
	);
	if (estimates.length === 0) return null;
	return {
		name: 'comparison',
		caption:
			'B − A on the shared questions, in percentage points: right of 0, B has more of them right. Bars: 95 % bootstrap intervals clustered by image.',
		alt: `B − A in points. ${estimates.map((e) => `${e.group}, ${e.row}: ${points(e.value)} ${interval([e.low, e.high], points)}`).join('. ')}.`,
		data: {
			columns: ['condition', 'category', 'difference', 'low', 'high'],
			rows: estimates.map((e) => [e.group, e.row, e.value, e.low, e.high]),
		},
		draw: ({ width, label }) =>
			intervals(estimates, { width, label, axis: 'B − A (points)', print: points, domain: domainOf(estimates) }),
	};
}

/** An accuracy in percent and, of several draws, the least and the greatest below it. */
function accuracy(mean: number, draws: readonly number[]): HtmlValue {
	const ends = [Math.min(...draws), Math.max(...draws)].map(percent);
	return estimate(percent(mean), draws.length > 1 ? ends.join(' to ') : null);
}

const pairedRow = (paired: PairedRuns): HtmlValue[] => [
	paired.category ?? 'all',
	count(paired.questions),
	accuracy(paired.accuracyA, paired.drawsA),
	accuracy(paired.accuracyB, paired.drawsB),
	estimate(points(paired.difference), differenceBounds(paired)),
	count(paired.onlyA),
	count(paired.onlyB),
	pValue(paired.p),
];

/** What else the reader should know of the questions of a condition. */
function notes({ onlyInA, onlyInB, differing, reworded, changed }: ConditionComparison): string {
	return [
		onlyInA > 0 && `${count(onlyInA)} only in A`,
		onlyInB > 0 && `${count(onlyInB)} only in B`,
		differing > 0 && `${count(differing)} left out: same id, another question`,
		reworded > 0 && `${count(reworded)} asked in other words`,
		`${count(changed)} answered differently`,
	]
		.filter(Boolean)
		.join('; ');
}

function resultsSection({ conditions, onlyInA, onlyInB }: Comparison): Section {
	const figure = figureOf(conditions);
	const figures = figure ? [figure] : [];
	const groups = conditions.map((one) => ({
		head: html`<code>${one.condition}</code>: ${plural(one.shared, 'shared question')} (${notes(one)})`,
		rows: one.paired.map(pairedRow),
	}));
	const heads = ['n', 'A %', 'B %', 'B − A', 'Only A right', 'Only B right', 'p'].map((head) => ({ head }));
	return {
		id: 'results',
		title: 'Is the one better?',
		html: html`${figures.map(figureHtml)}
${table('The paired test', [text('Category'), ...heads], groups)}
<p class="note">Paired on the questions that both runs have; a question counts with its mean over the draws of a condition. Small below an accuracy: the least and the greatest of several draws; intervals are over images for these draws, not over all that could be drawn. B − A: 95 % bootstrap clustered by image, of at least ${FEWEST_IMAGES} images. p: exact McNemar test on the first draw, not corrected for the number of rows.</p>
${onlyInA.length > 0 && html`<p>Only A has the conditions ${onlyInA.join(', ')}.</p>`}
${onlyInB.length > 0 && html`<p>Only B has the conditions ${onlyInB.join(', ')}.</p>`}`,
		figures,
	};
}

/** An answer with its mark, which is also said in words. */
const marked = (raw: string, right: boolean): Html =>
	html`<span class="${right ? 'right' : 'wrong'}">${right ? '✓' : '✗'}<span class="heard"> ${right ? 'right' : 'wrong'}:</span></span> ${foreign(show(raw))}`;

function flipsSection({ conditions }: Comparison, most: number): Section | null {
	const flipped = conditions.filter(({ flips }) => flips.length > 0);
	if (flipped.length === 0) return null;
	const row = ({ id, prompt, answer, a, b, right }: Flip): HtmlValue[] => [
		html`<code>${foreign(id)}</code>`,
		foreign(prompt),
		foreign(answer),
		marked(a, right === 'a'),
		marked(b, right === 'b'),
	];
	const groups = flipped.map(({ condition, flips }) => ({
		head: html`<code>${condition}</code>: ${count(flips.length)} flipped${flips.length > most && `, the first ${count(most)} shown`}`,
		rows: flips.slice(0, most).map(row),
	}));
	return {
		id: 'flips',
		title: 'Questions that flipped',
		html: html`<p>One run has them right and the other has not, in the first draw.</p>
${table('Questions that flipped', [text('Id'), text('Question'), text('Right answer'), text('A said'), text('B said')], groups)}`,
		figures: [],
	};
}

/** Two runs compared, as one HTML document: what differs, the paired test, the questions that flipped. */
export function renderComparison(
	comparison: Comparison,
	{ version, command = null, flips = MOST_FLIPS }: ComparisonPage,
): { html: string; figures: Figure[] } {
	const { a, b } = comparison;
	const made: Section | null =
		command === null
			? null
			: {
					id: 'made',
					title: 'What made this',
					html: html`<pre><code>${command}</code></pre>`,
					figures: [],
				};
	const sections = [
		differencesSection(comparison),
		resultsSection(comparison),
		flipsSection(comparison, flips),
		made,
	].filter((section) => section !== null);
	return {
		html: pageHtml({
			title: 'Two runs compared',
			about: `${a.location} and ${b.location}`,
			subtitle: `A: ${a.location} · B: ${b.location}`,
			versions: version,
			sections,
		}),
		figures: sections.flatMap((section) => section.figures),
	};
}
