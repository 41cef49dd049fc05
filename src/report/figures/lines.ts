import { axisX, axisY, dot, gridY, lineY, type Markish, ruleX, text } from '@observablehq/plot';
import { powerOfTen } from '../format.ts';
import type { DrawOptions } from '../section.ts';
import { DASHES, type LegendEntry, legend } from './legend.ts';
import { seriesColour, seriesSymbol } from './palette.ts';
import { CHARACTER, ellipsis, plot } from './svg.ts';

export interface LinePoint {
	x: number;
	y: number;
	/** Ends of its interval. */
	low?: number;
	high?: number;
}

export interface Line {
	/** Heading of its panel; lines of one panel share axes. Empty for a figure of one panel. */
	panel: string;
	/** Stands once in the legend. */
	name: string;
	/** Number of its colour and symbol; null draws it in grey without dots. */
	series: number | null;
	/** Default solid; null draws dots alone. */
	line?: 'solid' | 'dashed' | 'chance' | null;
	/** Default where there is a series. */
	dots?: boolean;
	/** Pixels by which it stands to the right of its place, so that intervals of several lines can be told. Default 0. */
	aside?: number;
	points: readonly LinePoint[];
}

export interface LineAxis {
	label: string;
	/** Default linear. */
	type?: 'linear' | 'log';
	domain?: readonly [number, number];
	/** Values with a label. Default chosen by the width; powers of ten on a logarithmic axis. */
	ticks?: readonly number[];
	tickFormat?: (value: number) => string;
}

export interface LinesOptions extends DrawOptions {
	x: LineAxis;
	y: LineAxis;
	/** Upright strokes with a label at the top, at values of x. Default none. */
	borders?: readonly { x: number; label: string }[];
}

/** Ticks at whole layers where there are few. */
export const layerTicks = (layers: number): { ticks?: number[] } =>
	layers <= 12 ? { ticks: Array.from({ length: layers }, (_, i) => i) } : {};

const PANEL_HEIGHT = 210;
const PANEL_GAP = 40;
/** More where names of borders stand over each panel. */
const BORDERED_GAP = 62;

const plain = (value: number) => String(value).replace('-', '−');

/** Ends of an axis that hold all values: from the data, whole powers of ten on a logarithmic one. */
function domainOf({ type, domain }: LineAxis, values: readonly number[]): [number, number] {
	if (domain) return [...domain];
	const [low, high] = [Math.min(...values), Math.max(...values)];
	if (type === 'log') return [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high) - 1e-9)];
	return [Math.min(0, low), high > low || high > 0 ? high : low + 1];
}

/** Multiples of 1, 2 or 5 times a power of ten within the ends, about `few` of them. */
function roundTicks(low: number, high: number, few: number): number[] {
	const raw = (high - low) / few;
	const power = 10 ** Math.floor(Math.log10(raw));
	const step = power * ([1, 2, 5, 10].find((times) => times * power >= raw * 0.999) ?? 10);
	const first = Math.ceil(low / step - 1e-9);
	const count = Math.floor(high / step + 1e-9) - first + 1;
	return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Values with a label: as given, else whole powers of ten or round numbers. */
function ticksOf({ type, ticks, tickFormat }: LineAxis, [low, high]: readonly [number, number], few: number) {
	const powers = Array.from({ length: 60 }, (_, i) => 10 ** (i - 30)).filter(
		(x) => x >= low * 0.999 && x <= high * 1.001,
	);
	const every = Math.ceil(powers.length / few);
	const values = ticks ?? (type === 'log' ? powers.filter((_, i) => i % every === 0) : roundTicks(low, high, few));
	return { values: [...values], text: tickFormat ?? (type === 'log' ? powerOfTen : plain) };
}

function markOf(line: Line, fy: object): Markish[] {
	const { panel, series, line: stroke = 'solid', dots = series !== null, aside: dx = 0 } = line;
	const colour = series === null ? 'var(--chance)' : seriesColour(series);
	const points = line.points.map((point) => ({ ...point, panel }));
	const bars = points.filter(({ low, high }) => low !== undefined && high !== undefined);
	const at = { ...fy, dx, x: 'x', y: 'y' };
	return [
		stroke &&
			lineY(points, {
				...at,
				stroke: colour,
				strokeWidth: series === null ? 1.5 : 2,
				strokeDasharray: DASHES[stroke],
			}),
		bars.length > 0 &&
			ruleX(bars, { ...fy, dx, x: 'x', y1: 'low', y2: 'high', stroke: colour, strokeWidth: 1.5, strokeOpacity: 0.65 }),
		dots && dot(points, { ...at, fill: colour, symbol: series === null ? 'circle' : seriesSymbol(series), r: 3.2 }),
	].map((mark) => mark || null);
}

/** Lines with dots and intervals over one axis, in panels one below the other. */
export function linesFigure(lines: readonly Line[], { x, y, borders = [], width, label }: LinesOptions): string {
	const panels = [...new Set(lines.map(({ panel }) => panel))];
	const entries = new Map(
		lines.map(({ name, series, line = 'solid', dots = true }): [string, LegendEntry] => [
			name,
			{ label: name, dot: dots, ...(series !== null && { series }), ...(line && { line }) },
		]),
	);
	const key = legend([...entries.values()], { width });
	const headed = panels.length > 1 || panels[0] !== '';
	const [marginLeft, marginRight, marginBottom] = [54, 16, 44];
	const marginTop = key.height + (headed ? 34 : 12) + (borders.length > 0 ? 14 : 0);
	const gap = borders.length > 0 ? BORDERED_GAP : PANEL_GAP;
	const fy = panels.length > 1 ? { fy: 'panel' } : {};
	const all = lines.flatMap(({ points }) => points);
	const values = (of: (point: LinePoint) => (number | undefined)[]) =>
		all.flatMap(of).filter((value) => value !== undefined);
	const domains = {
		x: domainOf(
			x,
			values((point) => [point.x]),
		),
		y: domainOf(
			y,
			values((point) => [point.low, point.y, point.high]),
		),
	};
	const ticksX = ticksOf(x, domains.x, width < 500 ? 5 : 9);
	const ticksY = ticksOf(y, domains.y, 5);
	const height = panels.length * PANEL_HEIGHT + (panels.length - 1) * gap;
	return plot({
		label,
		width,
		height: marginTop + height + marginBottom,
		marginLeft,
		marginTop,
		marginRight,
		marginBottom,
		x: { type: x.type ?? 'linear', domain: domains.x },
		y: { type: y.type ?? 'linear', domain: domains.y, clamp: true },
		fy: { axis: null, domain: panels, padding: panels.length > 1 ? gap / (PANEL_HEIGHT + gap) : 0 },
		marks: [
			gridY(ticksY.values, { stroke: 'var(--grid)', strokeOpacity: 1 }),
			axisY(ticksY.values, { text: ticksY.text, tickSize: 0, label: null }),
			text(
				panels.map((panel) => ({ panel })),
				{
					...fy,
					text: () => y.label,
					frameAnchor: 'left',
					textAnchor: 'middle',
					lineAnchor: 'top',
					rotate: -90,
					dx: -marginLeft + 2,
				},
			),
			axisX(ticksX.values, {
				text: ticksX.text,
				tickSize: 4,
				label: x.label,
				labelAnchor: 'center',
				labelArrow: 'none',
				labelOffset: 36,
			}),
			ruleX(borders, { x: 'x', stroke: 'var(--grid)', strokeWidth: 1.5 }),
			text(borders, {
				x: 'x',
				text: 'label',
				frameAnchor: 'top-left',
				textAnchor: 'start',
				fill: 'var(--muted)',
				dx: 3,
				dy: -12,
			}),
			headed
				? text(
						panels.map((panel) => ({ panel, title: ellipsis(panel, Math.floor(width / CHARACTER) - 2) })),
						{
							...fy,
							text: 'title',
							frameAnchor: 'top-left',
							textAnchor: 'start',
							dx: -marginLeft,
							dy: borders.length > 0 ? -36 : -22,
							fontWeight: 600,
						},
					)
				: null,
			...lines.flatMap((line) => markOf(line, fy)),
			...key.marks({ marginLeft, marginTop }),
		],
	});
}
