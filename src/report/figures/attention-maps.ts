import { image, type Markish, rect, text } from '@observablehq/plot';
import { dataAddress } from '../../probes/drawing.ts';
import { colourOf, enlarge, minMax } from '../../probes/heat-map.ts';
import type { DrawOptions } from '../section.ts';
import { CHARACTER, plot, wrapped } from './svg.ts';

/** Where one model looks. */
export interface MapCell {
	rows: number;
	columns: number;
	/** By place, row by row. */
	weights: readonly number[];
	/** Lines under the map. */
	note: string;
}

/** One question, and for each model its map or null. */
export interface MapLine {
	question: string;
	/** The image as a `data:` address; null where it was not kept. */
	picture: string | null;
	cells: readonly (MapCell | null)[];
}

/** Pixels of a map's side, enlarged as OpenCV does; what is drawn larger is smooth. */
const PIXELS = 64;
const LARGEST = 168;
const GAP = 12;
const LINE_HEIGHT = 16;
/** Share of the colours in what is seen, as in the maps that `dorsal probe` draws. */
const HEAT = 0.6;
const SCALE = { height: 12, width: 160, room: 34, steps: 64 };

function heat({ rows, columns, weights }: MapCell): string {
	const values = enlarge(minMax(weights), [rows, columns], [PIXELS, PIXELS]);
	const data = Uint8Array.from(Array.from(values).flatMap((t) => [...colourOf('cividis', t)]));
	return dataAddress({ width: PIXELS, height: PIXELS, data });
}

const scaleBar = (): string => {
	const data = Uint8Array.from(
		Array.from({ length: SCALE.steps }, (_, i) => [...colourOf('cividis', (i + 0.5) / SCALE.steps)]).flat(),
	);
	return dataAddress({ width: SCALE.steps, height: 1, data });
};

/** Attention maps over their images as in Fig. 7: a block a question, a column a model, colours from least to greatest. */
export function attentionMapsFigure(
	models: readonly string[],
	lines: readonly MapLine[],
	{ width, label }: DrawOptions,
): string {
	const side = Math.min(LARGEST, Math.floor((width + GAP) / models.length) - GAP);
	const blockWidth = models.length * (side + GAP);
	const across = Math.max(1, Math.min(lines.length, Math.floor((width + GAP) / blockWidth)));
	const inMap = Math.floor(side / CHARACTER);
	const inBlock = Math.floor((blockWidth - GAP) / CHARACTER);
	const start = { textAnchor: 'start', lineAnchor: 'top' } as const;
	const marks: Markish[] = [];
	/** Writes lines from x, y downwards; returns the height that they take. */
	const write = (
		content: string,
		x: number,
		y: number,
		most: number,
		options: { fontWeight?: number } = {},
	): number => {
		const words = wrapped(content, most);
		marks.push(...words.map((line, i) => text([line], { ...start, ...options, x: [x], y: [y + i * LINE_HEIGHT] })));
		return words.length * LINE_HEIGHT;
	};
	const map = (cell: MapCell | null, picture: string | null, x: number, y: number): number => {
		const at = { x: [x + side / 2], y: [y + side / 2] };
		if (cell === null) {
			marks.push(text(['not measured'], { ...at, fill: 'var(--muted)' }));
			return side;
		}
		const whole = { ...at, width: side, height: side, preserveAspectRatio: 'none' };
		if (picture !== null) marks.push(image([0], { ...whole, src: [picture] }));
		marks.push(
			image([0], { ...whole, src: [heat(cell)], opacity: picture === null ? 1 : HEAT }),
			rect([0], { x1: [x], x2: [x + side], y1: [y], y2: [y + side], stroke: 'var(--grid)' }),
		);
		return side + 4 + write(cell.note, x, y + side + 4, inMap);
	};

	const blockLeft = (b: number) => (b % across) * blockWidth;
	const heads = Array.from({ length: across }, (_, b) =>
		models.map((model, i) => write(model, blockLeft(b) + i * (side + GAP), 0, inMap, { fontWeight: 600 })),
	);
	let y = Math.max(...heads.flat()) + 6;
	for (let first = 0; first < lines.length; first += across) {
		const row = lines.slice(first, first + across);
		const below = y + Math.max(...row.map(({ question }, b) => write(question, blockLeft(b), y, inBlock))) + 2;
		const heights = row.flatMap(({ cells, picture }, b) =>
			cells.map((cell, i) => map(cell, picture, blockLeft(b) + i * (side + GAP), below)),
		);
		y = below + Math.max(...heights) + GAP;
	}
	const height = y + SCALE.room;
	return plot({
		label,
		width,
		height,
		margin: 0,
		x: { axis: null, domain: [0, width] },
		y: { axis: null, domain: [height, 0] },
		marks: [
			...marks,
			image([0], {
				x: [SCALE.width / 2],
				y: [y + SCALE.height / 2],
				width: SCALE.width,
				height: SCALE.height,
				src: [scaleBar()],
				preserveAspectRatio: 'none',
			}),
			text(['least'], { ...start, x: [0], y: [y + SCALE.height + 4] }),
			text(['greatest'], { lineAnchor: 'top', textAnchor: 'end', x: [SCALE.width], y: [y + SCALE.height + 4] }),
		],
	});
}
