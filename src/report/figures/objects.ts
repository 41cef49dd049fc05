import { axisX, axisY, dot, gridY, lineY, ruleX } from '@observablehq/plot';
import type { DrawOptions } from '../section.ts';
import { DASHES, type LegendEntry, legend } from './legend.ts';
import { seriesColour, seriesSymbol } from './palette.ts';
import { plot } from './svg.ts';

/** Accuracy at one number of objects; fractions of 1. */
export interface ObjectsPoint {
	model: string;
	condition: 'intact' | 'permuted';
	objects: number;
	value: number;
	low: number;
	high: number;
	chance: number;
}

/** Fraction of the distance between two numbers of objects by which series stand apart. */
const DODGE = 0.06;

/** Accuracy against the number of objects in the scene (Fig. 6): intact solid, permuted dashed, chance dotted. */
export function objectsFigure(points: readonly ObjectsPoint[], { width, label }: DrawOptions): string {
	const models = [...new Set(points.map((p) => p.model))];
	const several = models.length > 1;
	const lines = models.flatMap((model, i) =>
		(['intact', 'permuted'] as const).flatMap((condition) => {
			const members = points.filter((p) => p.model === model && p.condition === condition);
			if (members.length === 0) return [];
			const series = several ? i : condition === 'intact' ? 0 : 1;
			return [
				{ name: several ? `${model}, ${condition}` : condition, series, intact: condition === 'intact', members },
			];
		}),
	);
	const entries = lines.map(({ name: label, series, intact }): LegendEntry => {
		return { label, series, line: intact ? 'solid' : 'dashed' };
	});
	const key = legend([...entries, { label: 'chance', line: 'chance' }], { width });
	const [marginLeft, marginTop, marginBottom] = [48, key.height + 12, 44];
	const counts = [...new Set(points.map((p) => p.objects))].sort((a, b) => a - b);
	const chance = counts.map((objects) => ({
		objects,
		chance: points.find((p) => p.objects === objects)!.chance * 100,
	}));

	const marks = lines.flatMap(({ series, intact, members }, k) => {
		const aside = (k - (lines.length - 1) / 2) * DODGE;
		const drawn = members
			.map((p) => ({ x: p.objects + aside, y: p.value * 100, low: p.low * 100, high: p.high * 100 }))
			.sort((a, b) => a.x - b.x);
		const colour = seriesColour(series);
		const strokeDasharray = intact ? DASHES.solid : DASHES.dashed;
		return [
			lineY(drawn, { x: 'x', y: 'y', stroke: colour, strokeWidth: 2, strokeDasharray }),
			ruleX(drawn, { x: 'x', y1: 'low', y2: 'high', stroke: colour, strokeWidth: 1.5, strokeOpacity: 0.65 }),
			dot(drawn, { x: 'x', y: 'y', fill: colour, symbol: seriesSymbol(series), r: 4 }),
		];
	});
	return plot({
		label,
		width,
		height: marginTop + Math.min(280, width * 0.7) + marginBottom,
		marginLeft,
		marginTop,
		marginBottom,
		marginRight: 16,
		x: { domain: [counts[0]! - 0.4, counts.at(-1)! + 0.4] },
		y: { domain: [0, 100] },
		marks: [
			gridY({ ticks: 5, stroke: 'var(--grid)', strokeOpacity: 1 }),
			axisY({ ticks: 5, tickSize: 0, label: 'Accuracy (%)', labelAnchor: 'center', labelArrow: 'none' }),
			axisX({
				ticks: counts,
				tickSize: 0,
				tickFormat: String,
				label: 'Objects in the scene',
				labelAnchor: 'center',
				labelArrow: 'none',
				labelOffset: 36,
			}),
			lineY(chance, {
				x: 'objects',
				y: 'chance',
				stroke: 'var(--chance)',
				strokeWidth: 1.5,
				strokeDasharray: DASHES.chance,
			}),
			...marks,
			...key.marks({ marginLeft, marginTop }),
		],
	});
}
