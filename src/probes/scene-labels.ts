import { rng } from '../base/random.ts';
import { rasterize } from '../bench2ds/raster.ts';
import { randomKinds, randomScene, type Scene } from '../bench2ds/scene.ts';
import { COLORS, SHAPES } from '../bench2ds/shapes.ts';
import type { RgbImage } from '../image/image.ts';

const COUNTS = [2, 3, 4, 5, 6];

/**
 * A scene of the kind that 2DS is made of: two to six objects, taking turns, near the middles of a grid. Colours and shapes are drawn anew in every
 * scene, unlike in the benchmark, whose categories have fixed objects: there a colour would give away the shape.
 */
export function probeScene(seed: number, image: number): Scene {
	const random = rng(seed, 'linear', image);
	return randomScene(random, randomKinds(random, COUNTS[image % COUNTS.length]!), { placement: 'grid' });
}

/** A probe scene's pixels. */
export const probeImage = (seed: number, image: number, size: number): RgbImage =>
	rasterize(probeScene(seed, image), size);

/** The token under an object's centre and what the object is, as numbers in `COLORS` and `SHAPES`. */
export interface ObjectToken {
	/** Row-major number in the grid. */
	token: number;
	color: number;
	shape: number;
}

/** The objects of a scene on a grid of side × side tokens; where two share a token, neither is given. */
export function objectTokens({ objects }: Scene, side: number): ObjectToken[] {
	const cell = (at: number) => Math.min(side - 1, Math.floor(at * side));
	const found = objects.map(({ x, y, color, shape }) => ({
		token: cell(y) * side + cell(x),
		color: COLORS.indexOf(color),
		shape: SHAPES.indexOf(shape),
	}));
	return found.filter(({ token }) => found.filter((other) => other.token === token).length === 1);
}
