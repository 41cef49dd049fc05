import type { Rng } from '../../base/random.ts';
import type { Scene, SceneObject } from '../../bench2ds/scene.ts';
import { describePlace } from './dense.ts';

/** An empty cell of a map. */
const EMPTY = '.';

/** First of the two neighbouring cells that are nearest to a coordinate. */
const nearestTwo = (value: number, side: number) => Math.max(0, Math.min(side - 2, Math.round(value * side) - 1));

/**
 * A scene as side × side words, row by row: what vision tokens tell, in words, in the places that vision tokens have. An
 * object takes 2 × 2 cells, its colour on the left and its shape on the right; where two claim a cell, the nearer has it.
 */
export function sceneMap({ objects }: Scene, side: number): string {
	const cells: { word: string; distance: number }[] = Array.from({ length: side * side }, () => ({
		word: EMPTY,
		distance: Number.POSITIVE_INFINITY,
	}));
	for (const object of objects) {
		const [top, left] = [nearestTwo(object.y, side), nearestTwo(object.x, side)];
		[object.color, object.shape, object.color, object.shape].forEach((word, i) => {
			const [row, column] = [top + (i >> 1), left + (i & 1)];
			const distance = distanceTo(object, (column + 0.5) / side, (row + 0.5) / side);
			const cell = cells[row * side + column]!;
			if (distance < cell.distance) cells[row * side + column] = { word, distance };
		});
	}
	return cells.map(({ word }) => word).join(' ');
}

const distanceTo = (object: SceneObject, x: number, y: number) => (object.x - x) ** 2 + (object.y - y) ** 2;

/** A scene as a list in random order: `red circle 2 0, blue square 1 3`. */
export const sceneList = ({ objects }: Scene, cells: number, random: Rng): string =>
	random
		.shuffle(objects)
		.map((object) => describePlace(object, cells))
		.join(', ');

/** What is in the image, in random order: `blue square and red circle`; with `cells`, where as well, as in `sceneList`. */
export const caption = ({ objects }: Scene, random: Rng, cells: number | null): string =>
	random
		.shuffle(objects)
		.map((object) => (cells === null ? `${object.color} ${object.shape}` : describePlace(object, cells)))
		.join(' and ');
