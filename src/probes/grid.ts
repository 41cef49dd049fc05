import type { VisionPath } from '../checkpoint/vision-path.ts';
import { gridSide } from '../vlm/clip.ts';
import type { Model } from '../vlm/model.ts';
import { permutationOrder } from '../vlm/permutation.ts';
import { visionTokenCount } from '../vlm/vision.ts';

/** Where on the image the vision tokens of a path stand. */
export interface TokenGrid {
	/** Rows and columns of the grid. */
	side: number;
	/** Place of the token at each position, row by row from the top left; null for the class token. [V′] */
	places: (number | null)[];
}

/** The grid of the tokens that the decoder reads: after pooling, and through a permutation back to where each came from. */
export function tokenGrid(model: Model, path: VisionPath): TokenGrid {
	const side = path.pool ?? gridSide(model.config.vision);
	const count = path.pool === null ? visionTokenCount(model) : side * side;
	const classTokens = count - side * side;
	const order = path.permute ? permutationOrder(path.permute, count) : Array.from({ length: count }, (_, i) => i);
	return { side, places: order.map((token) => (token < classTokens ? null : token - classTokens)) };
}

/** Values by position → values by place: [V′] → [side²] */
export function onGrid(values: ArrayLike<number>, { side, places }: TokenGrid): number[] {
	const grid = new Array<number>(side * side).fill(0);
	for (const [position, place] of places.entries()) if (place !== null) grid[place] = values[position]!;
	return grid;
}
