import { areaY, axisX, axisY, gridY, lineY, ruleX, ruleY, text } from '@observablehq/plot';
import { mark, significant } from '../format.ts';
import type { NormDistribution } from '../inputs.ts';
import type { DrawOptions } from '../section.ts';
import { legend } from './legend.ts';
import { seriesColour } from './palette.ts';
import { plot } from './svg.ts';

/** The norms of one model's tokens, in as many panels as there are models. */
export interface NormsPanel {
	model: string;
	vision: NormDistribution;
	text: NormDistribution;
}

/** Outline of a histogram as share of the tokens: steps between bin edges, from the first to the last filled bin. */
function outline({ histogram: { start, width, counts }, count }: NormDistribution) {
	const edge = (i: number) => 10 ** (start + i * width);
	const first = counts.findIndex((n) => n > 0);
	const last = counts.findLastIndex((n) => n > 0);
	const steps = counts
		.flatMap((n, i) => [edge(i), edge(i + 1)].map((x) => ({ x, share: (n / count) * 100 })))
		.slice(2 * first, 2 * (last + 1));
	return [{ x: edge(first), share: 0 }, ...steps, { x: edge(last + 1), share: 0 }];
}

const SIDES = [
	{ side: 'text', label: 'text embeddings', series: 1 },
	{ side: 'vision', label: 'vision tokens', series: 0 },
] as const;

/** Norms of vision tokens and text embeddings on one logarithmic axis (Fig. 3), medians marked. */
export function normsFigure(panels: readonly NormsPanel[], { width, label }: DrawOptions): string {
	const key = legend(
		SIDES.map(({ label, series }) => ({ label, series })),
		{ width },
	);
	const [marginLeft, marginTop, marginBottom] = [48, key.height + (panels.length > 1 ? 40 : 24), 44];
	const all = panels.flatMap(({ model, ...sides }) =>
		SIDES.map(({ side, series }) => ({ model, series, distribution: sides[side], steps: outline(sides[side]) })),
	);
	const edges = all.flatMap(({ steps }) => steps.map(({ x }) => x));
	const [lowest, highest] = [Math.min(...edges), Math.max(...edges)];
	// A little room on either side, so that a median at the edge keeps clear of the axis.
	const room = (highest / lowest) ** 0.04;
	const fy = panels.length > 1 ? { fy: 'model' } : {};
	const marks = all.flatMap(({ model, series, distribution, steps }) => {
		const points = steps.map((step) => ({ ...step, model }));
		const colour = seriesColour(series);
		const median = [{ model, x: distribution.quantiles['0.5']! }];
		return [
			areaY(points, { ...fy, x: 'x', y1: 0, y2: 'share', fill: colour, fillOpacity: 0.25 }),
			lineY(points, { ...fy, x: 'x', y: 'share', stroke: colour, strokeWidth: 1.5 }),
			ruleX(median, { ...fy, x: 'x', stroke: colour, strokeWidth: 1.5, strokeDasharray: '4,3' }),
			text(median, { ...fy, x: 'x', frameAnchor: 'top', dy: -8, text: (d: { x: number }) => significant(d.x) }),
		];
	});
	return plot({
		label,
		width,
		height: marginTop + panels.length * 190 + marginBottom,
		marginLeft,
		marginTop,
		marginBottom,
		marginRight: 16,
		x: { type: 'log', domain: [lowest / room, highest * room] },
		y: { nice: true },
		fy: { axis: null, padding: 0.35 },
		marks: [
			gridY({ ticks: 4, stroke: 'var(--grid)', strokeOpacity: 1 }),
			ruleY([0], { stroke: 'var(--muted)' }),
			axisY({ ticks: 4, tickSize: 0, label: 'Share of tokens (%)', labelAnchor: 'center', labelArrow: 'none' }),
			axisX({
				ticks: width < 500 ? 4 : 8,
				tickSize: 4,
				tickFormat: (t: number) => (/^[15]/.test(t.toPrecision(1)) ? mark(t) : ''),
				label: 'L2 norm (log scale)',
				labelAnchor: 'center',
				labelArrow: 'none',
				labelOffset: 36,
			}),
			panels.length > 1
				? text(panels, {
						fy: 'model',
						text: 'model',
						frameAnchor: 'top-left',
						textAnchor: 'start',
						dy: -26,
						fontWeight: 600,
					})
				: null,
			...marks,
			...key.marks({ marginLeft, marginTop }),
		],
	});
}
