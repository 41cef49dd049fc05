import { rng } from '../base/random.ts';
import { byCategory, type Category, type PlannedObject } from './plan.ts';
import type { Direction, Side } from './relations.ts';
import { onGrid, type Scene } from './scene.ts';

/**
 * Mirrored quads, after What'sUp: four images of one scene in which the same two objects stand in all four relations.
 * The first object is above the second; the picture mirrored top to bottom has it below; mirrored along the diagonal,
 * to the left; and that mirrored left to right, to the right. Shapes stay upright, only places move.
 *
 * The two images of a mirrored pair are asked the same yes-no question, so the answer is yes in one and no in the
 * other, and a model that always says yes has no pair right. A pair counts where both answers are right, a quad (the
 * set) where all four are. The object that the absolute questions are about visits all four sides.
 */
export interface Quad {
	/** Name of the four: `3-q007`. */
	name: string;
	/** Which pair of the four the image belongs to. */
	axis: 'vertical' | 'horizontal';
}

/** Direction of the pair, side of the leading object, and where a place (x, y) of the first image goes. */
const MIRRORS: readonly {
	direction: Direction;
	side: Side;
	axis: Quad['axis'];
	move: (x: number, y: number) => readonly [number, number];
}[] = [
	{ direction: 'above', side: 'top', axis: 'vertical', move: (x, y) => [x, y] },
	{ direction: 'below', side: 'bottom', axis: 'vertical', move: (x, y) => [x, 1 - y] },
	{ direction: 'left', side: 'left', axis: 'horizontal', move: (x, y) => [y, x] },
	{ direction: 'right', side: 'right', axis: 'horizontal', move: (x, y) => [1 - y, x] },
];

/** The four images of a quad from its first. */
export function mirrored(scene: Scene, name: string) {
	return MIRRORS.map(({ direction, side, axis, move }) => ({
		direction,
		side,
		quad: { name, axis } satisfies Quad,
		scene: {
			objects: scene.objects.map((object) => {
				const [x, y] = move(object.x, object.y);
				return { ...object, x: onGrid(x), y: onGrid(y) };
			}),
		} satisfies Scene,
	}));
}

/** What the yes-no questions of the vertical and of the horizontal pair ask, in the order in which they are dealt out. */
const ASKED: readonly (readonly [Direction, Direction])[] = [
	['above', 'right'],
	['below', 'left'],
	['above', 'left'],
	['below', 'right'],
];

/** For each quad of each category: the object of the absolute questions, and what the two pairs are asked. */
export function quadWishes(seed: number, sets: Record<Category, readonly PlannedObject[]>) {
	const quads = sets[2].reduce((sum, { count }) => sum + count, 0);
	return byCategory((category, c) => {
		const objects = sets[category].flatMap(({ count }, object) => Array.from({ length: count }, () => object));
		const asked = objects.map((_, i) => ASKED[(c * quads + i) % ASKED.length]!);
		const shuffled = rng(seed, '2ds', 'quads', category).shuffle(asked);
		return rng(seed, '2ds', 'places', category)
			.shuffle(objects)
			.map((object, i) => ({ object, asked: shuffled[i]! }));
	});
}
