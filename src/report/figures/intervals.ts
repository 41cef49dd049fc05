import { axisX, dot, gridX, type Markish, ruleX, ruleY, text } from '@observablehq/plot';
import { percent } from '../format.ts';
import { type LegendEntry, legend } from './legend.ts';
import { seriesColour, seriesSymbol } from './palette.ts';
import { CHARACTER, ellipsis, plot } from './svg.ts';

/** One estimate with its interval; fractions of 1. */
export interface Estimate {
	/** Heading that several rows share; empty for none. */
	group: string;
	row: string;
	/** Told apart by colour and symbol. */
	series: string;
	value: number;
	low: number;
	high: number;
	/** Where a guess would be; null draws no mark. */
	chance: number | null;
}

export interface IntervalOptions {
	width: number;
	/** For readers who cannot see it. */
	label: string;
	/** Title of the axis. */
	axis: string;
	/** The value at the right edge. Default in percent without a sign. */
	print?: (value: number) => string;
	/** Ends of the axis, fractions of 1; default 0 to 1. */
	domain?: readonly [number, number];
}

const AXIS_HEIGHT = 44;
const LINE_HEIGHT = 24;
/** Pixels between two series of one row. */
const DODGE = 14;

interface Line {
	label: string;
	heading: boolean;
	estimates: Estimate[];
	/** Its middle, in pixels below the frame's upper edge. */
	y: number;
}

const heightOf = ({ estimates }: Pick<Line, 'estimates'>) => Math.max(LINE_HEIGHT, DODGE * estimates.length + 10);

/** Headings and rows in the order in which they first appear, each as high as what it shows, and the height of all. */
function linesOf(estimates: readonly Estimate[]): { lines: Line[]; total: number } {
	const groups = new Map<string, Map<string, Estimate[]>>();
	for (const estimate of estimates) {
		const rows = groups.get(estimate.group) ?? new Map<string, Estimate[]>();
		groups.set(estimate.group, rows);
		rows.set(estimate.row, [...(rows.get(estimate.row) ?? []), estimate]);
	}
	let total = 0;
	const lines = [...groups].flatMap(([group, rows]) => [
		...(group === '' ? [] : [{ label: group, heading: true, estimates: [] }]),
		...[...rows].map(([label, members]) => ({ label, heading: false, estimates: members })),
	]);
	const placed = lines.map((line) => {
		const height = heightOf(line);
		total += height;
		return { ...line, y: total - height / 2 };
	});
	return { lines: placed, total };
}

/**
 * Estimates as dots with intervals as bars, one row each, several series side by side within a row; chance levels as
 * dashed upright strokes; the value printed at the right edge. All in percent.
 */
export function intervals(
	estimates: readonly Estimate[],
	{ width, label, axis, print = percent, domain = [0, 1] }: IntervalOptions,
): string {
	const series = [...new Set(estimates.map((e) => e.series))];
	const { lines, total } = linesOf(estimates);
	const entries: LegendEntry[] = series.length > 1 ? series.map((name, i) => ({ label: name, series: i })) : [];
	if (estimates.some((e) => e.chance !== null)) entries.push({ label: 'chance', line: 'chance' });
	const key = legend(entries, { width });

	const longest = Math.max(...lines.filter((l) => !l.heading).map((l) => l.label.length));
	const marginLeft = Math.min(12 + longest * CHARACTER + 10, width * 0.42);
	const characters = Math.round((marginLeft - 22) / CHARACTER);
	const marginTop = key.height + 8;
	const height = marginTop + total + AXIS_HEIGHT;

	const left = { frameAnchor: 'left', textAnchor: 'start' } as const;
	const ticks = width < 500 ? 4 : 6;
	const marks: Markish[] = [gridX({ ticks, stroke: 'var(--grid)', strokeOpacity: 1 })];
	for (const line of lines) {
		marks.push(
			line.heading
				? text([ellipsis(line.label, Math.floor(width / CHARACTER) - 2)], {
						...left,
						y: [line.y],
						dx: -marginLeft,
						dy: 3,
						fontWeight: 600,
					})
				: text([ellipsis(line.label, characters)], { ...left, y: [line.y], dx: 12 - marginLeft }),
		);
		for (const [k, estimate] of line.estimates.entries()) {
			const i = series.indexOf(estimate.series);
			const y = line.y + (k - (line.estimates.length - 1) / 2) * DODGE;
			if (estimate.chance !== null) {
				const reach = line.estimates.length > 1 ? DODGE / 2 : 9;
				marks.push(
					ruleX([estimate.chance * 100], {
						y1: y - reach,
						y2: y + reach,
						stroke: 'var(--chance)',
						strokeWidth: 1.5,
						strokeDasharray: '2,2',
					}),
				);
			}
			marks.push(
				ruleY([y], {
					x1: estimate.low * 100,
					x2: estimate.high * 100,
					stroke: seriesColour(i),
					strokeWidth: 2,
					strokeOpacity: 0.65,
				}),
				dot([estimate.value], {
					x: [estimate.value * 100],
					y: [y],
					symbol: seriesSymbol(i),
					fill: seriesColour(i),
					r: 4,
				}),
				text([print(estimate.value)], { y: [y], frameAnchor: 'right', textAnchor: 'end', dx: 46 }),
			);
		}
	}
	return plot({
		label,
		width,
		height,
		marginLeft,
		marginTop,
		marginRight: 48,
		marginBottom: AXIS_HEIGHT,
		x: { domain: [domain[0] * 100, domain[1] * 100], label: null },
		y: { domain: [total, 0], axis: null },
		marks: [
			...marks,
			axisX({
				ticks,
				tickSize: 0,
				tickFormat: (t: number) => String(t).replace('-', '−'),
				label: axis,
				labelAnchor: 'center',
				labelArrow: 'none',
				labelOffset: 36,
			}),
			domain[0] < 0 ? ruleX([0], { stroke: 'var(--muted)' }) : null,
			...key.marks({ marginLeft, marginTop }),
		],
	});
}
