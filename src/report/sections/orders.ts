import type { Change, PermutationProbe } from '../../probes/accuracy-results.ts';
import { type Estimate, intervals } from '../figures/intervals.ts';
import { count, interval, list, percent, plural, points, pValue, sizesByModel, withPercent } from '../format.ts';
import { html } from '../html.ts';
import { type Measured, probesOf, type ReportData } from '../inputs.ts';
import { type Figure, figureHtml, ofEach, type Section } from '../section.ts';
import { accuracyCell, estimate, NOTHING, table } from '../tables.ts';
import { effectWords, side } from '../words.ts';
import { gridSideOf } from './grid-side.ts';

type Order = PermutationProbe['orders'][number];

/** What an order leaves in place, in words. */
function orderName({ within, block }: Order): string {
	return {
		grid: 'shuffled over the whole grid',
		rows: 'shuffled within each row',
		columns: 'shuffled within each column',
		blocks: `shuffled within ${block} × ${block} blocks`,
		reversed: 'reversed, last to first',
	}[within];
}

/** The same in few letters, for a figure. */
function shortName({ within, block }: Order): string {
	return {
		grid: 'whole grid',
		rows: 'within rows',
		columns: 'within columns',
		blocks: `in ${block} × ${block} blocks`,
		reversed: 'reversed',
	}[within];
}

/** Without blocks as large as the grid: to shuffle within them is to shuffle the whole grid once more. */
function withoutWholeBlocks(data: ReportData, { model, result }: Measured<'permutation'>): Measured<'permutation'> {
	const side = gridSideOf(data, result) ?? Number.POSITIVE_INFINITY;
	return { model, result: { ...result, orders: result.orders.filter(({ block }) => block === null || block < side) } };
}

/** What the orders cost this model, and so which part of the order its answers rest on. */
function sentence({ model, result: { intact, orders, questions, data } }: Measured<'permutation'>): string {
	const { overall } = intact;
	const asked = `${model} (${plural(questions, 'question')}, ${data})`;
	const whole = orders.find(({ within }) => within === 'grid');
	const costs = orders.filter((o) => o !== whole && side(o.overall.interval, 0) === 'below');
	const gains = orders.filter((o) => o !== whole && side(o.overall.interval, 0) === 'above');
	const free = orders.filter((o) => o !== whole && side(o.overall.interval, 0) === 'within');
	const parts = [
		side(overall.interval, overall.chance) === 'above'
			? `${asked} answers ${withPercent(overall.accuracy)} rightly, above chance (${withPercent(overall.chance)}).`
			: `${asked} is not above chance to begin with (${withPercent(overall.accuracy)} ${interval(overall.interval)}, chance ${withPercent(overall.chance)}), so it had no use of the order to lose; small differences say nothing.`,
		whole ? `Shuffling the whole grid ${effectWords(whole.overall)}.` : '',
		costs.length > 0 ? `Of the other orders, these cost measurably: ${list(costs.map(orderName))}.` : '',
		gains.length > 0 ? `These help measurably: ${list(gains.map(orderName))}.` : '',
		free.length > 0 ? `No difference can be measured for tokens ${list(free.map(orderName))}.` : '',
		whole
			? `Under the whole shuffle ${withPercent(whole.overall.flips.all.share)} of the answers come out otherwise${whole.overall.flips.right ? `, of the right ones ${withPercent(whole.overall.flips.right.share)}` : ''}.`
			: '',
	];
	return parts.filter((part) => part !== '').join(' ');
}

function ordersFigure(measured: readonly Measured<'permutation'>[]): Figure {
	const estimates: Estimate[] = measured.flatMap(({ model, result: { intact, orders } }) => {
		const row = (name: string, { accuracy, interval: [low, high], chance }: Change['score']) => {
			return { group: '', row: name, series: model, value: accuracy, low, high, chance };
		};
		return [row('in order', intact.overall), ...orders.map((o) => row(shortName(o), o.overall.score))];
	});
	const sizes = sizesByModel(measured, ({ questions, orders, data }) => {
		return `n = ${plural(questions, 'question')}, ${plural(Math.max(...orders.map(({ draws }) => draws)), 'draw')} of each shuffle (${data})`;
	});
	return {
		name: 'orders',
		caption: `Accuracy with the vision tokens in order, shuffled over the whole grid or within parts of it, and reversed. Bars: 95 % Wilson intervals. Dashed strokes: chance. ${sizes}.`,
		alt: `Accuracy by order of the vision tokens. ${estimates.map((e) => `${e.series}, ${e.row}: ${withPercent(e.value)}`).join('. ')}.`,
		data: {
			columns: ['model', 'order', 'accuracy', 'low', 'high', 'chance'],
			rows: estimates.map((e) => [e.series, e.row, e.value, e.low, e.high, e.chance]),
		},
		draw: (options) => intervals(estimates, { ...options, axis: 'Accuracy (%)' }),
	};
}

const shareCell = (share: { share: number; interval: readonly [number, number] } | null) =>
	share ? estimate(percent(share.share), interval(share.interval)) : NOTHING;

const psiCell = ({ psi, psiInterval }: Change) =>
	psi === null ? NOTHING : estimate(percent(psi), psiInterval && interval(psiInterval));

function orderRow(name: string, change: Change) {
	return [
		name,
		count(change.score.questions),
		accuracyCell(change.score),
		estimate(points(change.difference), interval(change.interval, points)),
		pValue(change.p),
		psiCell(change),
		shareCell(change.flips.all),
		shareCell(change.flips.right),
	];
}

/** Shuffles of parts of the grid (Sec. 3.1): which part of the order matters; null where it was not probed. */
export function ordersSection(data: ReportData): Section | null {
	const measured = probesOf(data, 'permutation').map((each) => withoutWholeBlocks(data, each));
	if (measured.length === 0) return null;
	const figure = ordersFigure(measured);
	const heads = ['Order', 'n', 'Accuracy', 'Difference', 'p', 'PSI', 'Answers changed', 'Right answers changed'];
	const columns = heads.map((head, i) => ({ head, kind: i === 0 ? ('text' as const) : ('number' as const) }));
	const byCategory = measured.map(({ model, result: { orders, intact } }) => {
		const names = Object.keys(intact.byCategory);
		return html`<details><summary>${model}, PSI by category</summary>
${table(
	`PSI by category, ${model}`,
	['Order', ...names].map((head, i) => ({ head, kind: i === 0 ? 'text' : 'number' })),
	[
		{
			rows: orders.map((order) => [
				orderName(order),
				...names.map((name) => (order.byCategory[name] ? psiCell(order.byCategory[name]) : NOTHING)),
			]),
		},
	],
)}
</details>\n`;
	});
	return {
		id: 'orders',
		title: 'Which part of the order matters (Sec. 3.1)',
		html: html`${ofEach(measured.map(sentence))}<p>The paper shuffles the whole grid only, and finds at most 2.7 points lost by LLaVA-1.5 7B on standard benchmarks (Table 1).</p>
${figureHtml(figure)}
${table(
	'Accuracy, PSI and changed answers by order of the vision tokens',
	columns,
	measured.map(({ model, result: { orders } }) => ({
		...(measured.length > 1 ? { head: model } : {}),
		rows: orders.map((order) => orderRow(orderName(order), order.overall)),
	})),
)}
${byCategory}
<p class="note">Difference (in points) from the tokens in order, and PSI, the share of the accuracy that is lost (in percent): paired on the same questions, 95 % bootstrap clustered by image. p: exact McNemar test on the first draw, not corrected for the number of orders. Answers changed: share of the questions whose answer is another than with the tokens in order, mean over the draws, 95 % Wilson interval.</p>`,
		figures: [figure],
	};
}
