import { rect, text } from '@observablehq/plot';
import { significant } from '../format.ts';
import type { DrawOptions } from '../section.ts';
import { plot } from './svg.ts';

/** Mean norm at each place of the token grid of one model. */
export interface NormsGrid {
	rows: number;
	columns: number;
	/** Row by row; [rows × columns]. */
	mean: readonly number[];
}

/** Largest side of a grid whose cells carry their number. */
const PRINTED = 8;
const LARGEST_WIDTH = 460;
/** Room at the right for the colour scale, as a share of the grid's width, and its bar within. */
const SCALE = { room: 0.24, from: 0.06, to: 0.11, steps: 40 };

/** Mean norm of the vision tokens by place on the image, as coloured squares with a colour scale. */
export function normsGridFigure({ rows, columns, mean }: NormsGrid, { width, label }: DrawOptions): string {
	const low = Math.min(...mean);
	const high = Math.max(...mean);
	const across = columns * (1 + SCALE.room);
	const figureWidth = Math.min(width, LARGEST_WIDTH);
	const unit = (figureWidth - 16) / across;
	const squares = mean.map((norm, i) => ({ norm, column: i % columns, row: Math.floor(i / columns) }));
	const step = (high - low) / SCALE.steps;
	const bar = Array.from({ length: SCALE.steps }, (_, i) => ({
		norm: low + (i + 0.5) * step,
		y: rows * (1 - i / SCALE.steps),
	}));
	const labels = [
		{ norm: high, y: 0.02 * rows },
		{ norm: (low + high) / 2, y: rows / 2 },
		{ norm: low, y: 0.98 * rows },
	];
	const bright = (norm: number) => norm > (low + high) / 2;
	return plot({
		label,
		width: figureWidth,
		height: unit * rows + 16,
		margin: 8,
		x: { axis: null, domain: [0, across] },
		y: { axis: null, domain: [rows, 0] },
		color: { type: 'linear', scheme: 'cividis', domain: [low, high > low ? high : low + 1] },
		marks: [
			rect(squares, {
				x1: 'column',
				x2: (d) => d.column + 1,
				y1: 'row',
				y2: (d) => d.row + 1,
				fill: 'norm',
				inset: 0.5,
			}),
			Math.max(rows, columns) <= PRINTED
				? text(squares, {
						x: (d) => d.column + 0.5,
						y: (d) => d.row + 0.5,
						text: (d) => significant(d.norm),
						fill: (d) => (bright(d.norm) ? '#14181d' : '#ffffff'),
						fontSize: unit < 34 ? 9 : 11,
					})
				: null,
			rect(bar, {
				x1: columns * (1 + SCALE.from),
				x2: columns * (1 + SCALE.to),
				y1: 'y',
				y2: (d) => d.y - rows / SCALE.steps,
				fill: 'norm',
				// Neighbours overlap by a hair, or the ground would show between them.
				inset: -0.3,
			}),
			text(labels, {
				x: columns * (1 + SCALE.to),
				dx: 5,
				y: 'y',
				text: (d) => significant(d.norm),
				textAnchor: 'start',
			}),
		],
	});
}
