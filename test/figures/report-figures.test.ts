import { describe, expect, it } from 'vitest';
import { categoriesFigure } from '../../src/report/figures/categories.ts';
import { conditionsFigure } from '../../src/report/figures/conditions.ts';
import type { Estimate } from '../../src/report/figures/intervals.ts';
import { normsFigure } from '../../src/report/figures/norms.ts';
import { normsGridFigure } from '../../src/report/figures/norms-grid.ts';
import { type ObjectsPoint, objectsFigure } from '../../src/report/figures/objects.ts';
import { sensitivityFigure } from '../../src/report/figures/sensitivity.ts';
import { standalone } from '../../src/report/figures/svg.ts';
import { NARROW, WIDE } from '../../src/report/section.ts';
import { syntheticNorms } from '../report/synthetic.ts';
import { expectSnapshot } from './snapshot.ts';

const wide = { width: WIDE, label: 'A figure' };
const narrow = { width: NARROW, label: 'A figure' };

const estimate = (group: string, row: string, series: string, value: number, chance: number | null): Estimate => ({
	group,
	row,
	series,
	value,
	low: value - 0.02,
	high: value + 0.02,
	chance,
});

const conditions = (model: string, shift: number) => [
	estimate('2DS, yes/no form', 'intact', model, 0.842 + shift, 0.395),
	estimate('2DS, yes/no form', 'permuted', model, 0.45 + shift, 0.395),
	estimate('2DS, yes/no form', 'text-only', model, 0.38 + shift, 0.395),
	estimate('2DS ventral twin', 'intact', model, 0.97 + shift, 0.33),
];

const objects = (model: string, shift: number): ObjectsPoint[] =>
	(['intact', 'permuted'] as const).flatMap((condition) =>
		[2, 3, 4, 5, 6].map((count) => {
			const value = (condition === 'intact' ? 0.9 : 0.6) - 0.03 * count + shift;
			return {
				model,
				condition,
				objects: count,
				value,
				low: value - 0.03,
				high: value + 0.03,
				chance: 0.25 + 0.5 / count,
			};
		}),
	);

const norms = syntheticNorms();
const panel = (model: string) => ({ ...norms, model });
const side12 = syntheticNorms({ side: 12 });

const MANY = ['multilayer', 'normalize', 'normalize-multilayer', 'pool-1', 'pool-2', 'pool-4', 'eighth'];

const FIGURES: Record<string, () => string> = {
	conditions: () => conditionsFigure(conditions('tiny-llava', 0), wide),
	'conditions-two-models': () => conditionsFigure([...conditions('tiny-llava', 0), ...conditions('other', 0.02)], wide),
	// Only the first of many has every row.
	'conditions-many-models': () =>
		conditionsFigure(
			[...conditions('base', 0), ...MANY.flatMap((model, i) => conditions(model, -0.05 * i).slice(0, 2))],
			wide,
		),
	'conditions-narrow': () => conditionsFigure([...conditions('tiny-llava', 0), ...conditions('other', 0.02)], narrow),
	categories: () =>
		categoriesFigure(
			['color_abs', 'shape_color_rel'].flatMap((category, i) => [
				estimate(category, 'intact', 'tiny-llava', 0.8 + i / 20, 0.3 + i / 5),
				estimate(category, 'permuted', 'tiny-llava', 0.4 + i / 20, 0.3 + i / 5),
			]),
			wide,
		),
	sensitivity: () =>
		sensitivityFigure(
			[estimate('Where', '2DS', 'a', 0.459, null), estimate('What', 'Ventral twin', 'a', 0.003, null)],
			wide,
		),
	'sensitivity-negative': () => sensitivityFigure([estimate('Where', '2DS', 'a', -0.127, null)], narrow),
	objects: () => objectsFigure(objects('tiny-llava', 0), wide),
	'objects-two-models': () => objectsFigure([...objects('tiny-llava', 0), ...objects('other', 0.05)], narrow),
	'objects-many-models': () =>
		objectsFigure(
			['base', ...MANY].flatMap((model, i) => objects(model, -0.04 * i)),
			wide,
		),
	norms: () => normsFigure([panel('tiny-llava')], wide),
	'norms-two-models': () => normsFigure([panel('a'), panel('b')], narrow),
	'norms-grid': () => normsGridFigure(norms.grid, wide),
	'norms-grid-12': () => normsGridFigure(side12.grid, narrow),
	'norms-grid-flat': () => normsGridFigure({ rows: 2, columns: 3, mean: [1, 1, 1, 1, 1, 1] }, narrow),
	'standalone-file': () => standalone(sensitivityFigure([estimate('Where', 'a <b> & "c"', 'a', 0.5, null)], wide)),
};

describe("the report's figures", () => {
	it.each(Object.entries(FIGURES))('%s is drawn as it was', (name, draw) => {
		const svg = draw();
		expect(svg).not.toMatch(/NaN|Infinity|undefined/);
		expectSnapshot(name, svg);
	});
});
