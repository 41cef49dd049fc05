import { normsFigure } from '../figures/norms.ts';
import { normsGridFigure } from '../figures/norms-grid.ts';
import { count, significant, withPercent } from '../format.ts';
import { html } from '../html.ts';
import type { NormDistribution, NormsProbe, ReportData } from '../inputs.ts';
import { type Figure, figureHtml, type Section } from '../section.ts';
import { table } from '../tables.ts';

interface Measured {
	model: string;
	result: NormsProbe;
}

const SIDES = ['vision', 'text'] as const;

function binRows(model: string, side: string, { histogram: { start, width, counts } }: NormDistribution) {
	return counts.map((n, i) => [model, side, 10 ** (start + i * width), 10 ** (start + (i + 1) * width), n]);
}

/** What the ratio of the medians says, in the paper's measure: orders of magnitude. */
function sentence({ model, result: { ratio, vision, text } }: Measured): string {
	const orders = Math.log10(ratio.median);
	const size = `${significant(vision.quantiles['0.5']!)} against ${significant(text.quantiles['0.5']!)}`;
	if (Math.abs(orders) < 0.3)
		return `In ${model} the median vision token is as long as the median text embedding, within a factor of two (${size}).`;
	const times = orders > 0 ? significant(ratio.median) : significant(1 / ratio.median);
	return `In ${model} the median vision token is ${times} times ${orders > 0 ? 'longer' : 'shorter'} than the median text embedding (${size}): ${significant(Math.abs(orders))} orders of magnitude.`;
}

function histogramFigure(measured: readonly Measured[]): Figure {
	const alt = measured.map(sentence).join(' ');
	const sizes = measured.map(
		({ model, result: { vision, text, images, data } }) =>
			`${model}: ${count(vision.count)} vision tokens of ${count(images)} images, ${count(text.count)} text tokens (${data})`,
	);
	return {
		name: 'norms',
		caption: `L2 norms of vision tokens after the projector and of text embeddings, as the language model receives them; logarithmic axis. Dashed: medians. ${sizes.join('; ')}.`,
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

function gridFigure({ model, result: { grid, outliers } }: Measured, index: number): Figure {
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

/** Norms of vision tokens against text embeddings (Fig. 3); null where they were not measured. */
export function normsSection({ probes }: ReportData): Section | null {
	const measured = probes.filter((probe): probe is Measured => probe.result.probe === 'norms');
	if (measured.length === 0) return null;
	const figures = [histogramFigure(measured), ...measured.map(gridFigure)];
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
		html: html`<p>${measured.map(sentence).join(' ')} The paper finds vision tokens one to two orders of magnitude longer in LLaVA-1.5 7B, up to three at the upper end (Sec. 4.1), and holds that against the use of position.</p>
${figures.map(figureHtml)}
${table(
	'Norms of vision tokens and text embeddings',
	heads.map((head, i) => ({ head, kind: i === 0 ? 'text' : 'number' })),
	[{ rows }],
)}`,
		figures,
	};
}
