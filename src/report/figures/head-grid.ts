import { image, rect, ruleX, ruleY, text } from '@observablehq/plot';
import { dataAddress } from '../../probes/drawing.ts';
import { colourOf, type Rgb } from '../../probes/heat-map.ts';
import { mark } from '../format.ts';
import type { DrawOptions } from '../section.ts';
import { CHARACTER, ellipsis, plot, wrapped } from './svg.ts';

/** One number for each layer and head of a model; null where nothing could be measured. */
export interface HeadPanel {
	title: string;
	/** [layers][heads] */
	values: readonly (readonly (number | null)[])[];
}

export interface HeadGridOptions extends DrawOptions {
	/** What the colours stand for. */
	scale: string;
	/** Ends of the colours; default those of the values. */
	domain?: readonly [number, number];
	/** Colours to both sides of zero. Default false. */
	diverging?: boolean;
}

const LARGEST_CELL = 34;
const MARGIN = { left: 44, top: 46, right: 18, bottom: 10 };
const BAR = { left: 22, height: 12, steps: 64, room: 68 };
/** Stands where there is no value. */
const NONE: Rgb = [128, 128, 128];
/** Blue and orange of the palette, white between. */
const ENDS: readonly [Rgb, Rgb, Rgb] = [
	[0, 114, 178],
	[247, 247, 247],
	[213, 94, 0],
];

/** Blue over white to orange, for −1 … 1. */
function twoSided(t: number): Rgb {
	const end = t < 0 ? ENDS[0] : ENDS[2];
	const part = Math.min(1, Math.abs(t));
	return [0, 1, 2].map((c) => Math.round(ENDS[1][c]! + (end[c]! - ENDS[1][c]!) * part)) as unknown as Rgb;
}

/** Pixels of one colour each, as a picture's address. */
function pixels(width: number, colours: readonly Rgb[]): string {
	return dataAddress({ width, height: colours.length / width, data: Uint8Array.from(colours.flat()) });
}

/** Ends of the colours: given, or those of the values, alike on both sides of zero where they diverge. */
function rangeOf(panels: readonly HeadPanel[], { domain, diverging }: HeadGridOptions): readonly [number, number] {
	if (domain) return domain;
	const known = panels.flatMap(({ values }) => values.flat()).filter((value) => value !== null);
	if (known.length === 0) return [0, 1];
	const [low, high] = [Math.min(...known), Math.max(...known)];
	const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
	if (diverging) return [-most, most];
	return high > low ? [low, high] : [low, low + most];
}

/** A coloured square for every layer (downwards) and head (across), one grid a panel, all on one scale of colours. */
export function headGridFigure(panels: readonly HeadPanel[], options: HeadGridOptions): string {
	const { width, label, scale, diverging = false } = options;
	const [low, high] = rangeOf(panels, options);
	const colour = (value: number | null): Rgb => {
		if (value === null) return NONE;
		const t = Math.min(1, Math.max(0, (value - low) / (high - low)));
		return diverging ? twoSided(2 * t - 1) : colourOf('cividis', t);
	};
	const heads = Math.max(...panels.map(({ values }) => values[0]?.length ?? 1));
	const layers = Math.max(...panels.map(({ values }) => values.length));
	const across = Math.max(1, Math.min(panels.length, Math.floor(width / 300)));
	const room = width / across - MARGIN.left - MARGIN.right;
	const cell = Math.min(LARGEST_CELL, room / heads);
	const rowHeight = MARGIN.top + layers * cell + MARGIN.bottom;
	const height = Math.ceil(panels.length / across) * rowHeight + BAR.room;
	const placed = panels.map(({ title, values }, i) => {
		const x = (i % across) * (width / across) + MARGIN.left;
		const y = Math.floor(i / across) * rowHeight + MARGIN.top;
		const [columns, rows] = [values[0]?.length ?? 1, values.length];
		return { title, values, x, y, columns, rows, right: x + columns * cell, bottom: y + rows * cell };
	});
	const steps = (n: number) => Array.from({ length: n + 1 }, (_, i) => i);
	const every = (n: number) => Math.ceil((n * 16) / (n * cell));
	const named = (n: number) => steps(n - 1).filter((i) => i % every(n) === 0);
	const barTop = height - BAR.room + 32;
	const barWidth = Math.min(260, width - 2 * MARGIN.left);
	const bar = Array.from({ length: BAR.steps }, (_, i) => colour(low + ((high - low) * (i + 0.5)) / BAR.steps));
	const start = { textAnchor: 'start' } as const;
	return plot({
		label,
		width,
		height,
		margin: 0,
		x: { axis: null, domain: [0, width] },
		y: { axis: null, domain: [height, 0] },
		marks: [
			...placed.flatMap(({ title, values, x, y, columns, rows, right, bottom }) => [
				image([0], {
					x: [(x + right) / 2],
					y: [(y + bottom) / 2],
					width: columns * cell,
					height: rows * cell,
					src: [pixels(columns, values.flat().map(colour))],
					preserveAspectRatio: 'none',
					imageRendering: 'pixelated',
				}),
				ruleX(steps(columns), { x: (i) => x + i * cell, y1: y, y2: bottom, stroke: 'var(--paper)', strokeWidth: 1 }),
				ruleY(steps(rows), { y: (i) => y + i * cell, x1: x, x2: right, stroke: 'var(--paper)', strokeWidth: 1 }),
				text([ellipsis(title, Math.floor(width / across / CHARACTER) - 2)], {
					...start,
					x: [x - MARGIN.left],
					y: [y - 34],
					fontWeight: 600,
				}),
				text(named(columns), { x: (i) => x + (i + 0.5) * cell, y: y - 8, text: String, fill: 'var(--muted)' }),
				text(named(rows), {
					x: x - 6,
					y: (i) => y + (i + 0.5) * cell,
					text: String,
					textAnchor: 'end',
					fill: 'var(--muted)',
				}),
				text(['head'], { x: [right + 4], y: [y - 8], ...start, fill: 'var(--muted)' }),
				text(['layer'], { x: [x - MARGIN.left], y: [y - 8], ...start, fill: 'var(--muted)' }),
			]),
			image([0], {
				x: [BAR.left + barWidth / 2],
				y: [barTop],
				width: barWidth,
				height: BAR.height,
				src: [pixels(BAR.steps, bar)],
				preserveAspectRatio: 'none',
			}),
			rect([0], {
				x1: [BAR.left],
				x2: [BAR.left + barWidth],
				y1: [barTop - 6],
				y2: [barTop + 6],
				stroke: 'var(--grid)',
			}),
			text(
				[low, (low + high) / 2, high].map((value, i) => ({ value, x: BAR.left + (barWidth * i) / 2 })),
				{ x: 'x', y: barTop + 16, text: (d) => mark(d.value) },
			),
			text(wrapped(scale, Math.floor(width / CHARACTER)).slice(0, 1), { ...start, x: [BAR.left], y: [barTop - 16] }),
		],
	});
}
