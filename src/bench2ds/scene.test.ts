import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rng } from '../base/random.ts';
import { rasterize } from './raster.ts';
import { extreme, isClear, relation, SIDES } from './relations.ts';
import {
	CELLS,
	clearance,
	EDGE,
	GAP,
	JITTER,
	PLACEMENTS,
	type Placement,
	RADIUS,
	randomKinds,
	randomScene,
	type SceneObject,
	sceneToSvg,
} from './scene.ts';
import { HALF_SIDE, SHAPES } from './shapes.ts';

const scenes = fc
	.record({
		seed: fc.integer(),
		count: fc.integer({ min: 1, max: 6 }),
		placement: fc.constantFrom(...PLACEMENTS),
	})
	.map(({ seed, count, placement }) =>
		randomScene(rng(seed, 'scene'), randomKinds(rng(seed, 'kinds'), count), { placement }),
	);

it('keeps objects apart and inside, with no colour or shape twice, on thousandths of the side', () => {
	fc.assert(
		fc.property(scenes, ({ objects }) => {
			expect(new Set(objects.map(({ color }) => color)).size).toBe(objects.length);
			expect(new Set(objects.map(({ shape }) => shape)).size).toBe(objects.length);
			for (const [i, object] of objects.entries()) {
				const half = HALF_SIDE[object.shape] * object.radius;
				for (const value of [object.x, object.y]) {
					expect(value).toBeGreaterThan(half + EDGE - 0.001);
					expect(value).toBeLessThan(1 - half - EDGE + 0.001);
					expect(value).toBe(Math.round(value * 1000) / 1000);
				}
				for (const other of objects.slice(0, i)) expect(clearance(object, other)).toBeGreaterThanOrEqual(GAP);
			}
		}),
	);
});

it('never has two objects on one pixel', () => {
	fc.assert(
		fc.property(scenes, ({ objects }) => {
			const size = 64;
			const owners = new Uint8Array(size * size);
			for (const object of objects) {
				const { data } = rasterize({ objects: [object] }, size);
				for (let i = 0; i < owners.length; i++) if (data[i * 3] !== 255 || data[i * 3 + 1] !== 255) owners[i]!++;
			}
			expect(Math.max(...owners)).toBe(1);
		}),
		{ numRuns: 30 },
	);
});

it('stays near the middles of cells on the grid, and does not when free', () => {
	const off = (placement: Placement) =>
		Array.from({ length: 100 }, (_, seed) => randomScene(rng(seed), randomKinds(rng(seed), 4), { placement }).objects)
			.flat()
			.flatMap(({ x, y }) => [x, y])
			.map((value) => Math.abs(((value * CELLS) % 1) - 0.5) / CELLS);
	expect(Math.max(...off('grid'))).toBeLessThan(JITTER + 0.001);
	expect(Math.max(...off('free'))).toBeGreaterThan(0.12);
});

it('is the same for the same seed, and draws radii from a range', () => {
	const draw = (seed: number) => randomScene(rng(seed), randomKinds(rng(seed), 4), { radius: [0.07, 0.12] });
	expect(draw(3)).toEqual(draw(3));
	expect(draw(3)).not.toEqual(draw(4));
	const radii = Array.from({ length: 50 }, (_, i) => draw(i).objects.map(({ radius }) => radius)).flat();
	expect(Math.min(...radii)).toBeGreaterThanOrEqual(0.07);
	expect(Math.max(...radii)).toBeLessThanOrEqual(0.12);
	expect(new Set(radii).size).toBeGreaterThan(20);
});

it('refuses what cannot be', () => {
	expect(() => randomKinds(rng(1), 9)).toThrow('expected at most 8 objects, got 9');
	expect(() => randomScene(rng(1), randomKinds(rng(1), 8), { radius: 0.2 })).toThrow(
		'no room for 8 objects of radius 0.2 of the side; make them fewer or smaller',
	);
});

it('writes the exact form as SVG', () => {
	const at = { x: 0.25, y: 0.5, radius: RADIUS };
	expect(sceneToSvg({ objects: [{ color: 'cyan', shape: 'diamond', ...at }] }, { size: 64 })).toBe(
		`<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="0 0 1 1">
<rect width="1" height="1" fill="#ffffff"/>
<polygon transform="translate(0.25 0.5) scale(0.09)" fill="#28d2dc" points="0,-1.1 1.1,0 0,1.1 -1.1,0"/>
</svg>
`,
	);
	expect(sceneToSvg({ objects: [{ color: 'red', shape: 'ring', ...at }] })).toContain(
		'fill="none" stroke="#dc1e1e" stroke-width="0.5" r="0.75"',
	);
});

const object = (x: number, y: number): SceneObject => ({ color: 'red', shape: 'circle', x, y, radius: RADIUS });

it('tells directions and sides with y downwards', () => {
	const centre = object(0.5, 0.5);
	expect(relation(object(0.5, 0.2), centre)).toEqual({ direction: 'above', margin: 0.3, ratio: Infinity });
	expect(relation(object(0.9, 0.7), centre)).toMatchObject({ direction: 'right', ratio: expect.closeTo(2, 9) });
	expect(relation(object(0.4, 0.75), centre)).toMatchObject({ direction: 'below', ratio: expect.closeTo(2.5, 9) });
	expect(relation(object(0.1, 0.5), centre).direction).toBe('left');
	expect(relation(centre, centre)).toEqual({ direction: 'above', margin: 0, ratio: 1 });

	const corners = { objects: [object(0.1, 0.3), object(0.4, 0.1), object(0.8, 0.5), object(0.5, 0.9)] };
	const leaders = SIDES.map((side) => extreme(corners, side));
	expect(leaders.map(({ object: leader }) => corners.objects.indexOf(leader))).toEqual([1, 2, 3, 0]);
	expect(leaders.map(({ lead }) => lead)).toBeAllclose([0.2, 0.3, 0.4, 0.3], { atol: 1e-12 });
	expect(extreme({ objects: [centre] }, 'top').lead).toBe(Infinity);
	expect(() => extreme({ objects: [] }, 'top')).toThrow('at least one object');
});

it('calls a relation clear only beyond the ratio and the margin', () => {
	expect(isClear(relation(object(0.63, 0.5), object(0.5, 0.4)))).toBe(false); // 0.13 and 0.1: exactly 1.3
	expect(isClear(relation(object(0.64, 0.5), object(0.5, 0.4)))).toBe(true);
	expect(isClear(relation(object(0.56, 0.5), object(0.5, 0.5)))).toBe(true);
	expect(isClear(relation(object(0.559, 0.5), object(0.5, 0.5)))).toBe(false);
});

it('has shapes of so similar a size that a clear lead of centres is a lead of edges', () => {
	const halves = SHAPES.map((shape) => HALF_SIDE[shape]);
	expect((Math.max(...halves) - 0.866) * RADIUS).toBeLessThan(0.06); // 0.866: the triangle's half height, the least
});
