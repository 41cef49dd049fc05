import { type Line, layerTicks, linesFigure } from '../figures/lines.ts';
import { normsFigure } from '../figures/norms.ts';
import { normsGridFigure } from '../figures/norms-grid.ts';
import { count, fixed, plural, significant, sizesByModel, withPercent } from '../format.ts';
import { foreign, type HtmlValue, html } from '../html.ts';
import { type Measured, type NormDistribution, probesOf, type ReportData } from '../inputs.ts';
import { type Figure, figureHtml, ofEach, type Section } from '../section.ts';
import { table } from '../tables.ts';

type Norms = Measured<'norms'>;

const SIDES = ['vision', 'text'] as const;

function binRows(model: string, side: string, { histogram: { start, width, counts } }: NormDistribution) {
	return counts.map((n, i) => [model, side, 10 ** (start + i * width), 10 ** (start + (i + 1) * width), n]);
}

/** What the ratio of the medians says, in the paper's measure: orders of magnitude. */
function sentence({ model, result: { ratio, vision, text } }: Norms): string {
	const orders = Math.log10(ratio.median);
	const size = `${significant(vision.quantiles['0.5']!)} against ${significant(text.quantiles['0.5']!)}`;
	if (Math.abs(orders) < 0.3)
		return `In ${model} the median vision token is as long as the median text embedding, within a factor of two (${size}).`;
	const times = orders > 0 ? significant(ratio.median) : significant(1 / ratio.median);
	return `In ${model} the median vision token is ${times} times ${orders > 0 ? 'longer' : 'shorter'} than the median text embedding (${size}): ${significant(Math.abs(orders))} orders of magnitude.`;
}

function histogramFigure(measured: readonly Norms[]): Figure {
	const alt = measured.map(sentence).join(' ');
	const sizes = sizesByModel(
		measured,
		({ vision, text, images, data }) =>
			`${count(vision.count)} vision tokens of ${count(images)} images, ${count(text.count)} text tokens (${data})`,
	);
	return {
		name: 'norms',
		caption: `L2 norms of vision tokens after the projector and of text embeddings, as the language model receives them; logarithmic axis. Dashed: medians. ${sizes}.`,
		alt,
		data: {
			columns: ['model', 'tokens', 'norm from', 'norm to', 'count'],
			rows: measured.flatMap(({ model, result }) => SIDES.flatMap((side) => binRows(model, side, result[side]))),
		},
		draw: (options) =>
			normsFigure(
				measured.map(({ model, result: { vision, text } }) => ({ model, vision, text })),
				options,
			),
	};
}

/** What every place's mean norm rounds to; null where places differ. */
function commonNorm({ result: { grid } }: Norms): string | null {
	const least = significant(Math.min(...grid.mean));
	return least === significant(Math.max(...grid.mean)) ? least : null;
}

/** What stands in the picture's place; a single token has no places to compare. */
function commonSentence(norms: Norms): string {
	const common = commonNorm(norms);
	if (common === null || norms.result.grid.mean.length === 1) return '';
	return `The vision tokens of ${norms.model} have the same mean norm at every place, ${common}.`;
}

/** Mean norm by place; none where all are alike, of which a picture would show the rounding. */
function gridFigure(norms: Norms, index: number): Figure | null {
	if (commonNorm(norms) !== null) return null;
	const { model, result } = norms;
	const { grid, outliers } = result;
	const [low, high] = [Math.min(...grid.mean), Math.max(...grid.mean)];
	return {
		name: index === 0 ? 'norms-grid' : `norms-grid-${index + 1}`,
		caption: `Mean norm of the vision tokens of ${model} by place on the image. ${withPercent(outliers.share)} of all vision tokens are outliers (${outliers.rule}: norm above ${significant(outliers.threshold)}).`,
		alt: `Mean norm by place, ${model}: ${grid.rows} × ${grid.columns} places, from ${significant(low)} to ${significant(high)}.`,
		data: {
			columns: ['row', 'column', 'mean norm'],
			rows: grid.mean.map((norm, i) => [Math.floor(i / grid.columns), i % grid.columns, norm]),
		},
		draw: (options) => normsGridFigure(grid, options),
	};
}

/** Share of outliers by place; none where no place is known or there are no outliers. */
function outliersFigure({ model, result: { grid, outliers } }: Norms, index: number): Figure | null {
	const { byPlace, share, rule } = outliers;
	if (byPlace === null || byPlace.length !== grid.mean.length || share === 0) return null;
	const percents = byPlace.map((part) => part * 100);
	const even = { rows: grid.rows, columns: grid.columns };
	return {
		name: index === 0 ? 'norms-outliers' : `norms-outliers-${index + 1}`,
		caption: `Where the outliers of ${model} sit: share of the tokens at each place, in percent, that are outliers (${rule}). ${withPercent(share)} of all are.`,
		alt: `Share of outliers by place, ${model}: from ${withPercent(Math.min(...byPlace))} to ${withPercent(Math.max(...byPlace))}.`,
		data: {
			columns: ['row', 'column', 'share of outliers'],
			rows: byPlace.map((part, i) => [Math.floor(i / grid.columns), i % grid.columns, part]),
		},
		draw: (options) => normsGridFigure({ ...even, mean: percents }, options),
	};
}

const KINDS = [
	{ key: 'vision', label: 'vision' },
	{ key: 'user', label: 'user text' },
	{ key: 'system', label: 'system prompt' },
	{ key: 'bos', label: 'BOS' },
] as const;

/** Norms of hidden states by layer, a panel a model; null where none were measured. */
function hiddenFigure(measured: readonly Norms[]): Figure | null {
	const states = measured.flatMap(({ model, result: { hidden } }) => (hidden ? [{ model, ...hidden }] : []));
	if (states.length === 0) return null;
	const sizes = sizesByModel(
		states.map((state) => ({ model: state.model, result: state })),
		({ images }) => plural(images, 'image'),
	);
	const lines: Line[] = states.flatMap(({ model, layers }) =>
		KINDS.flatMap(({ key, label }, series) => {
			const points = layers.flatMap((layer) => (layer[key] === null ? [] : [{ x: layer.layer, y: layer[key] }]));
			return points.length > 0 ? [{ panel: states.length > 1 ? model : '', name: label, series, points }] : [];
		}),
	);
	const count = Math.max(...states.map(({ layers }) => layers.length));
	return {
		name: 'norms-hidden',
		caption: `Mean norm of the decoder’s hidden states by layer and kind of token, logarithmic axis. 0: the embeddings; the last: after the final norm. ${sizes}.`,
		alt: `Norms of hidden states. ${states.map(({ model, layers }) => `${model}, vision: ${layers.map(({ vision }) => significant(vision)).join(', ')}; user text: ${layers.map(({ user }) => significant(user)).join(', ')}`).join('. ')}.`,
		data: {
			columns: ['model', 'layer', ...KINDS.map(({ label }) => label)],
			rows: states.flatMap(({ model, layers }) =>
				layers.map((layer) => [model, layer.layer, ...KINDS.map(({ key }) => layer[key])]),
			),
		},
		draw: (options) =>
			linesFigure(lines, {
				...options,
				x: { label: 'Hidden state', domain: [-0.3, count - 0.7], ...layerTicks(count) },
				y: { label: 'Mean norm (log scale)', type: 'log' },
			}),
	};
}

/** How the ratio of vision to text changes on the way through the decoder. */
function hiddenSentence({ model, result: { hidden } }: Norms): string {
	const layers = hidden?.layers ?? [];
	const [first, last] = [layers[0], layers.at(-2)];
	if (!first || !last) return '';
	const ratio = ({ vision, user }: (typeof layers)[number]) => vision / user;
	const alike = layers.find((layer) => Math.abs(Math.log(ratio(layer))) < Math.log(1.5));
	return `In ${model} the hidden states of vision tokens are ${significant(ratio(first))} times as long as those of the user’s text at the embeddings and ${significant(ratio(last))} times before the last layer${alike ? `; from state ${alike.layer} they are first within a factor of 1.5` : '; no state has them within a factor of 1.5'}.`;
}

/** What word embeddings the vision tokens lie nearest to; nothing where it was not measured. */
function nearestHtml({ model, result: { nearest } }: Norms): HtmlValue {
	if (nearest === null) return null;
	const close = nearest.mean > 0.5 ? 'close to' : 'not close to';
	return html`Vision tokens of ${model} are ${close} single words in direction: the mean cosine to the nearest of all word embeddings is ${fixed(nearest.mean, 2)} (${fixed(nearest.min, 2)} to ${fixed(nearest.max, 2)}). Nearest most often: ${nearest.words.slice(0, 6).map(({ word, share }, i) => html`${i > 0 && ', '}<code>${foreign(word, 40)}</code> ${withPercent(share)}`)}.`;
}

/** Norms of vision tokens against text embeddings (Fig. 3); null where they were not measured. */
export function normsSection(data: ReportData): Section | null {
	const measured = probesOf(data, 'norms');
	if (measured.length === 0) return null;
	const hidden = hiddenFigure(measured);
	const figures = [
		histogramFigure(measured),
		...measured.flatMap((one, index) => gridFigure(one, index) ?? []),
		...measured.flatMap((one, index) => outliersFigure(one, index) ?? []),
		...(hidden ? [hidden] : []),
	];
	const rows = measured.flatMap(({ model, result }) =>
		SIDES.map((side) => {
			const { count: n, mean, min, max, quantiles } = result[side];
			const at = (q: string) => (quantiles[q] === undefined ? null : significant(quantiles[q]));
			return [
				`${model}, ${side}`,
				count(n),
				significant(min),
				at('0.25'),
				at('0.5'),
				at('0.75'),
				significant(max),
				significant(mean),
			];
		}),
	);
	const heads = ['Tokens', 'n', 'Least', 'Lower quartile', 'Median', 'Upper quartile', 'Greatest', 'Mean'];
	return {
		id: 'norms',
		title: 'Length of vision tokens and text embeddings (Fig. 3)',
		html: html`${ofEach(measured.map(sentence))}<p>The paper finds vision tokens one to two orders of magnitude longer in LLaVA-1.5 7B, up to three at the upper end (Sec. 4.1), and holds that against the use of position.</p>
${figures.filter((figure) => figure !== hidden).map(figureHtml)}
${ofEach(measured.map(commonSentence))}
${table(
	'Norms of vision tokens and text embeddings',
	heads.map((head, i) => ({ head, kind: i === 0 ? 'text' : 'number' })),
	[{ rows }],
)}
${hidden && html`${ofEach(measured.map(hiddenSentence))}<p>In LLaVA-1.5 7B, read by eye off the authors’ own figure, vision begins at some 50 times the length of text and the two are alike from about layer 20 on.</p>\n${figureHtml(hidden)}`}
${ofEach(measured.map(nearestHtml))}`,
		figures,
	};
}
