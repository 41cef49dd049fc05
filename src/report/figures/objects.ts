import type { DrawOptions } from '../section.ts';
import { type Line, linesFigure } from './lines.ts';

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

/** Models up to which intact and permuted share a panel. */
const TOGETHER = 2;
/** Pixels by which lines stand apart, and by which all of them do at most. */
const ASIDE = { each: 7, all: 42 };

const CONDITIONS = ['intact', 'permuted'] as const;
type Condition = (typeof CONDITIONS)[number];

/**
 * Accuracy against the number of objects in the scene (Fig. 6): intact solid, permuted dashed, chance dotted; of many
 * models each condition in a panel of its own.
 */
export function objectsFigure(points: readonly ObjectsPoint[], options: DrawOptions): string {
	const models = [...new Set(points.map((p) => p.model))];
	const apart = models.length > TOGETHER;
	const nameOf = (model: string, condition: Condition) =>
		models.length === 1 ? condition : apart ? model : `${model}, ${condition}`;
	const drawn = models.flatMap((model, i) =>
		CONDITIONS.flatMap((condition, c): Line[] => {
			const members = points.filter((p) => p.model === model && p.condition === condition);
			if (members.length === 0) return [];
			const places = members.map((p) => ({ x: p.objects, y: p.value * 100, low: p.low * 100, high: p.high * 100 }));
			return [
				{
					panel: apart ? condition : '',
					name: nameOf(model, condition),
					series: models.length === 1 ? c : i,
					line: condition === 'intact' || apart ? 'solid' : 'dashed',
					points: places.sort((a, b) => a.x - b.x),
				},
			];
		}),
	);
	const counts = [...new Set(points.map((p) => p.objects))].sort((a, b) => a - b);
	const panels = [...new Set(drawn.map(({ panel }) => panel))];
	const chance = panels.map(
		(panel): Line => ({
			panel,
			name: 'chance',
			series: null,
			line: 'chance',
			points: counts.map((x) => ({ x, y: points.find((p) => p.objects === x)!.chance * 100 })),
		}),
	);
	return linesFigure([...drawn.map((line) => ({ ...line, aside: asideOf(line, drawn) })), ...chance], {
		...options,
		x: { label: 'Objects in the scene', domain: [counts[0]! - 0.4, counts.at(-1)! + 0.4], ticks: counts },
		y: { label: 'Accuracy (%)', domain: [0, 100] },
	});
}

/** Where a line stands among those of its panel. */
function asideOf(line: Line, drawn: readonly Line[]): number {
	const beside = drawn.filter(({ panel }) => panel === line.panel);
	const step = Math.min(ASIDE.each, ASIDE.all / beside.length);
	return (beside.indexOf(line) - (beside.length - 1) / 2) * step;
}
