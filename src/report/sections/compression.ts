import type { CompressionProbe } from '../../probes/accuracy-results.ts';
import { type Line, type LinePoint, linesFigure } from '../figures/lines.ts';
import { count, interval, plural, points, sizesByModel, withPercent } from '../format.ts';
import { type HtmlValue, html } from '../html.ts';
import { type Measured, probesOf, type ReportData, ROLE_OF_TASK } from '../inputs.ts';
import { shortName } from '../labels.ts';
import { PAPER_COMPRESSION } from '../paper.ts';
import { type Figure, figureHtml, ofEach, type Section } from '../section.ts';
import { accuracyCell, estimate, NOTHING, table } from '../tables.ts';
import { effectWords, side } from '../words.ts';

type Point = CompressionProbe['points'][number];
type Score = CompressionProbe['intact']['overall'];

const METHODS: Readonly<Record<Point['method'], string>> = {
	pool: 'average pooling',
	random: 'random selection',
	strided: 'every k-th token',
	attention: 'most attended by the decoder',
	'class-attention': 'most attended by the class token',
	farthest: 'farthest points',
};
const SHORT: Readonly<Record<Point['method'], string>> = {
	pool: 'pooled',
	random: 'random',
	strided: 'strided',
	attention: 'attention',
	'class-attention': 'class attention',
	farthest: 'farthest',
};
const SELECTIONS = (Object.keys(METHODS) as Point['method'][]).filter((method) => method !== 'pool');

/** Pixels between lines of one panel. */
const ASIDE = 5;

type Panel = Measured<'compression'> & { panel: string };

const placed = (x: number, { accuracy, interval: [low, high] }: Score): LinePoint => {
	return { x, y: accuracy * 100, low: low * 100, high: high * 100 };
};

/** Some points of one method as a line that ends at the full number of tokens. */
function methodLine(
	{ panel, result: { points, intact, tokens } }: Panel,
	series: number,
	wanted: (point: Point) => boolean,
): Line[] {
	const members = points.filter(wanted);
	if (members.length === 0) return [];
	const all = [...members.map((one) => placed(one.tokens, one.overall.score)), placed(tokens, intact.overall)];
	return [{ panel, name: SHORT[members[0]!.method], series, points: all.sort((a, b) => a.x - b.x) }];
}

function chanceLine({ panel, result: { points, retrained, intact, tokens } }: Panel): Line {
	const least = Math.min(tokens, ...points.map((one) => one.tokens), ...retrained.map((one) => one.tokens));
	const y = intact.overall.chance * 100;
	const ends = [least, tokens].map((x) => ({ x, y }));
	return { panel, name: 'chance', series: null, line: 'chance', points: ends };
}

/** Pooled tokens, and models trained with fewer. */
function pooledLines(one: Panel): Line[] {
	const { panel, result } = one;
	const trained = result.retrained.map(({ tokens, overall }) => placed(tokens, overall)).sort((a, b) => a.x - b.x);
	const lines = [
		...methodLine(one, 0, ({ method }) => method === 'pool'),
		...(trained.length > 0 ? [{ panel, name: 'retrained', series: 1, aside: ASIDE, points: trained }] : []),
	];
	return lines.length > 0 ? [...lines, chanceLine(one)] : [];
}

/** Where the tokens that are left stand. */
const PLACED = { original: 'at their own positions', repacked: 're-packed without gaps' } as const;

/** Selected tokens, a panel for each way to number their positions. */
function selectedLines(one: Panel): Line[] {
	return (['original', 'repacked'] as const).flatMap((positions) => {
		const where = PLACED[positions];
		const panel = { ...one, panel: one.panel === '' ? where : `${one.panel}, ${where}` };
		const lines = SELECTIONS.flatMap((method, i) =>
			methodLine(panel, i + 1, (point) => point.method === method && point.positions === positions).map((line) => {
				return { ...line, aside: (i - (SELECTIONS.length - 1) / 2) * ASIDE };
			}),
		);
		return lines.length > 0 ? [...lines, chanceLine(panel)] : [];
	});
}

interface Kind {
	name: string;
	/** First sentence of the caption, by the panels that are drawn. */
	title: (panels: readonly string[]) => string;
	lines: (one: Panel) => Line[];
}

function tokensFigure(
	measured: readonly Measured<'compression'>[],
	{ name, title, lines: linesOf }: Kind,
): Figure | null {
	const several = measured.length > 1;
	const lines = measured.flatMap((one) => linesOf({ ...one, panel: several ? one.model : '' }));
	const named = lines.filter(({ series }) => series !== null);
	if (named.length === 0) return null;
	const ticks = [...new Set(named.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
	const highest = Math.max(...lines.flatMap(({ points }) => points.map(({ y, high }) => high ?? y)));
	const sizes = sizesByModel(measured, ({ questions, data }) => `n = ${plural(questions, 'question')} (${data})`);
	const labelOf = ({ panel, name: method }: Line) => (panel === '' ? method : `${panel}, ${method}`);
	return {
		name,
		caption: `${title(named.map(({ panel }) => panel))} Bars: 95 % Wilson intervals. Dotted: chance. ${sizes}.`,
		alt: `Accuracy by number of vision tokens. ${named.map((line) => `${labelOf(line)}: ${line.points.map(({ x, y }) => `${x} tokens ${withPercent(y / 100)}`).join(', ')}`).join('. ')}.`,
		data: {
			columns: ['panel', 'method', 'tokens', 'accuracy', 'low', 'high'],
			rows: named.flatMap(({ panel, name: method, points }) =>
				points.map(({ x, y, low, high }) => [
					panel || measured[0]!.model,
					method,
					x,
					...[y, low ?? y, high ?? y].map((value) => value / 100),
				]),
			),
		},
		draw: (options) =>
			linesFigure(lines, {
				...options,
				x: {
					label: 'Vision tokens (log scale)',
					type: 'log',
					domain: [ticks[0]! / 1.2, ticks.at(-1)! * 1.2],
					ticks,
					tickFormat: String,
				},
				y: { label: 'Accuracy (%)', domain: [0, Math.min(100, Math.ceil(highest / 20) * 20)] },
			}),
	};
}

const KINDS: readonly Kind[] = [
	{
		name: 'compression',
		title: () => 'Accuracy by number of vision tokens, averaged over windows of the grid.',
		lines: pooledLines,
	},
	{
		name: 'selection',
		title: (panels) => {
			const ways = Object.values(PLACED).filter((where) => panels.some((panel) => panel.endsWith(where)));
			return `Accuracy with all but a few vision tokens left out, the rest ${ways.join(' or ')}.`;
		},
		lines: selectedLines,
	},
];

function sentence({ model, result: { tokens, intact, points, retrained } }: Measured<'compression'>): string {
	const { overall } = intact;
	if (points.length === 0) return `${model} reads a single vision token: there is none to leave out.`;
	const fewest = Math.min(...points.map((point) => point.tokens));
	const pooled = points.filter(({ method }) => method === 'pool').sort((a, b) => a.tokens - b.tokens)[0];
	const known = points.filter((point) => side(point.overall.interval, 0) === 'below');
	const largest = Math.max(...known.map((point) => point.tokens));
	const parts = [
		side(overall.interval, overall.chance) === 'above'
			? ''
			: `${model} is not above chance with all ${tokens} tokens (${withPercent(overall.accuracy)} ${interval(overall.interval)}, chance ${withPercent(overall.chance)}), so little can be lost.`,
		pooled
			? `In ${model}, pooling ${tokens} tokens down to ${pooled.tokens} ${effectWords(pooled.overall)}, without retraining.`
			: '',
		known.length > 0
			? `Of ${points.length} ways to keep fewer tokens, ${known.length} cost measurably, the gentlest of them with ${plural(largest, 'token')} left.`
			: `None of ${points.length} ways to keep fewer tokens, down to ${fewest}, costs it anything measurable.`,
		...retrained.map((one) => {
			return `Trained with ${plural(one.tokens, 'token')} (${shortName(one.model)}), it ${effectWords(one)} against the model at full number.`;
		}),
	];
	return parts.filter((part) => part !== '').join(' ');
}

function tableRows({ points: all, intact, tokens, retrained }: CompressionProbe): HtmlValue[][] {
	const changed = (difference: number, bounds: readonly [number, number]) =>
		estimate(points(difference), interval(bounds, points));
	return [
		['all tokens', count(tokens), NOTHING, accuracyCell(intact.overall), NOTHING],
		...all.map((point) => [
			METHODS[point.method],
			count(point.tokens),
			point.positions === 'repacked' ? 're-packed' : (point.positions ?? NOTHING),
			accuracyCell(point.overall.score),
			changed(point.overall.difference, point.overall.interval),
		]),
		...retrained.map((one) => [
			`retrained: ${shortName(one.model)}`,
			count(one.tokens),
			NOTHING,
			accuracyCell(one.overall),
			changed(one.difference, one.interval),
		]),
	];
}

/** Accuracy by number of vision tokens (Sec. 3.2, Fig. 2); null where it was not probed. */
export function compressionSection(data: ReportData): Section | null {
	const measured = probesOf(data, 'compression');
	if (measured.length === 0) return null;
	const figures = KINDS.map((kind) => tokensFigure(measured, kind)).filter((figure) => figure !== null);
	const { from, to, worst } = PAPER_COMPRESSION;
	const untrained = measured.every(({ result }) => result.retrained.length === 0);
	const where = measured.every(({ result }) => ROLE_OF_TASK[result.task] === 'where');
	return {
		id: 'compression',
		title: 'Fewer vision tokens (Fig. 2)',
		html: html`${ofEach(measured.map(sentence))}<p>The paper retrains LLaVA-1.5 7B at each number of tokens and loses at most ${withPercent(-worst)} from ${from} tokens to ${to} on standard benchmarks.${untrained && ' Here the model is asked as it is, with fewer tokens than it was trained on, so a loss may come from that change alone.'}${where && ' And the questions here are about places, which the paper’s are not.'}</p>
${figures.map(figureHtml)}
<details><summary>All numbers of tokens as a table</summary>
${table(
	'Accuracy by number of vision tokens',
	[
		{ head: 'Tokens kept', kind: 'text' },
		{ head: 'Tokens' },
		{ head: 'Positions', kind: 'text' },
		{ head: 'Accuracy' },
		{ head: 'Difference' },
	],
	measured.map(({ model, result }) => ({
		...(measured.length > 1 ? { head: model } : {}),
		rows: tableRows(result),
	})),
)}
<p class="note">Accuracy: 95 % Wilson interval. Difference (in points) from all tokens: paired on the same questions, 95 % bootstrap clustered by image. Positions: whether the tokens that are left keep their position ids or are numbered anew without gaps.</p>
</details>`,
		figures,
	};
}
