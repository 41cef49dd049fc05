import { dot, type Markish, text, vector } from '@observablehq/plot';
import { seriesColour, seriesSymbol } from './palette.ts';
import { CHARACTER, ellipsis } from './svg.ts';

/** What a legend can explain: a series by its number, a dashed line, or the mark for chance. */
export interface LegendEntry {
	label: string;
	series?: number;
	line?: 'solid' | 'dashed' | 'chance';
	/** Whether a series has its symbol; default true. */
	dot?: boolean;
}

const LINE = 20;
const KEY = 22;
const GAP = 18;

/** Dash patterns by name; `undefined` draws a solid line. */
export const DASHES = { solid: undefined, dashed: '5,3', chance: '2,2' } as const;

/** A straight stroke in place of Plot's arrow; Plot centres it on its anchor. */
const stroke = {
	draw: (context: CanvasPath, length: number) => {
		context.moveTo(0, 0);
		context.lineTo(0, -length);
	},
};

function keyMarks({ series, line, dot: dotted = true }: LegendEntry, at: { dx: number; dy: number }): Markish[] {
	const colour = series === undefined ? 'var(--chance)' : seriesColour(series);
	const marks: Markish[] = [];
	if (line) {
		const upright = line === 'chance';
		marks.push(
			vector([0], {
				...at,
				frameAnchor: 'top-left',
				facet: 'super',
				shape: stroke,
				length: upright ? 13 : KEY - 6,
				rotate: upright ? 0 : 90,
				stroke: colour,
				strokeWidth: 1.5,
				strokeDasharray: DASHES[line],
			}),
		);
	}
	if (series !== undefined && dotted) {
		marks.push(
			dot([0], { ...at, frameAnchor: 'top-left', facet: 'super', symbol: seriesSymbol(series), fill: colour, r: 4 }),
		);
	}
	return marks;
}

/**
 * A legend over the frame, left to right, in as many lines as it needs. Add `height` to the top margin and give the
 * left and top margin used, so that it starts at the figure's own edge.
 */
export function legend(entries: readonly LegendEntry[], { width }: { width: number }) {
	const places: { entry: LegendEntry; x: number; y: number }[] = [];
	let [x, y] = [0, 0];
	for (const { label, ...rest } of entries) {
		const entry = { ...rest, label: ellipsis(label, Math.floor((width - KEY) / CHARACTER)) };
		const span = KEY + entry.label.length * CHARACTER;
		if (x > 0 && x + span > width) [x, y] = [0, y + LINE];
		places.push({ entry, x, y });
		x += span + GAP;
	}
	const height = entries.length === 0 ? 0 : y + LINE + 6;
	const marks = ({ marginLeft, marginTop }: { marginLeft: number; marginTop: number }): Markish[] =>
		places.flatMap(({ entry, x, y }) => {
			const dy = y + LINE / 2 - marginTop;
			return [
				...keyMarks(entry, { dx: x + KEY / 2 - marginLeft, dy }),
				text([entry.label], {
					frameAnchor: 'top-left',
					facet: 'super',
					textAnchor: 'start',
					dx: x + KEY + 2 - marginLeft,
					dy,
					lineAnchor: 'middle',
				}),
			];
		});
	return { height, marks };
}
