import type { Scene, SceneObject } from './scene.ts';

/** Sides of the image, clockwise; `DIRECTIONS` goes the same way round. */
export const SIDES = ['top', 'right', 'bottom', 'left'] as const;
export type Side = (typeof SIDES)[number];

export const DIRECTIONS = ['above', 'right', 'below', 'left'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export const OPPOSITE: Readonly<Record<Direction, Direction>> = {
	above: 'below',
	right: 'left',
	below: 'above',
	left: 'right',
};

/**
 * Least distance, in sides of the image, by which the object that an absolute question is about leads the next one,
 * and by which the two of a relative question are apart along its axis. 20.16 pixels at 336.
 */
export const MARGIN = 0.06;

/** The larger of |dx| and |dy| is more than this many times the smaller in every relative question. */
export const RATIO = 1.3;

/** Rounding of sums of thousandths; far below the grid that places lie on. */
const EPSILON = 1e-9;

/** How far towards a side an object's centre lies; only differences mean anything. */
function towards(side: Side, { x, y }: SceneObject): number {
	switch (side) {
		case 'top':
			return -y;
		case 'right':
			return x;
		case 'bottom':
			return y;
		case 'left':
			return -x;
	}
}

/** The object whose centre is nearest to a side, and by how much it leads the next one (in sides of the image). */
export function extreme(scene: Scene, side: Side): { object: SceneObject; lead: number } {
	const [first, second] = [...scene.objects].sort((a, b) => towards(side, b) - towards(side, a));
	if (first === undefined) throw new RangeError('expected a scene with at least one object, got none');
	const lead = second === undefined ? Number.POSITIVE_INFINITY : towards(side, first) - towards(side, second);
	return { object: first, lead };
}

export interface Relation {
	/** Where the first object is as seen from the second. */
	direction: Direction;
	/** Distance of the centres along the direction's axis, in sides of the image. */
	margin: number;
	/** The larger of |dx| and |dy| over the smaller; infinite where that is 0. */
	ratio: number;
}

/** How `a` lies from `b` by the larger of |dx| and |dy| of their centres (the vertical one where they are equal). */
export function relation(a: SceneObject, b: SceneObject): Relation {
	const dx = a.x - b.x;
	const dy = a.y - b.y;
	const across = Math.abs(dx);
	const along = Math.abs(dy);
	if (across > along) return { direction: dx > 0 ? 'right' : 'left', margin: across, ratio: across / along };
	return { direction: dy > 0 ? 'below' : 'above', margin: along, ratio: along === 0 ? 1 : along / across };
}

/** Whether a lead is at least the margin. */
export const isClearLead = (lead: number) => lead > MARGIN - EPSILON;

/** Whether the benchmark may ask an absolute question: the object leads by the margin and lies in the side's half of the image. */
export function isClearPlace(side: Side, { object, lead }: { object: SceneObject; lead: number }): boolean {
	const middle = side === 'top' || side === 'left' ? -0.5 : 0.5;
	return isClearLead(lead) && towards(side, object) > middle + EPSILON;
}

/** Whether a relative question may be asked of two objects. */
export const isClear = ({ margin, ratio }: Relation) => margin > MARGIN - EPSILON && ratio > RATIO + EPSILON;
