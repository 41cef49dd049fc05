import type { Rng } from '../base/random.ts';
import {
	COLORS,
	type Color,
	HALF_SIDE,
	OUTLINES,
	PALETTE,
	REACH,
	type Rgb,
	SHAPES,
	type Shape,
	WHITE,
} from './shapes.ts';

export interface ObjectKind {
	color: Color;
	shape: Shape;
}

/** Lengths and places are in sides of the (square) image; x to the right, y downwards. */
export interface SceneObject extends ObjectKind {
	/** Centre of the outline's bounding box. */
	x: number;
	y: number;
	/** Unit of the outline, see `OUTLINES`. */
	radius: number;
}

/** A picture as data, independent of its size in pixels. */
export interface Scene {
	objects: readonly SceneObject[];
}

/** Radius of every object of the benchmark, in sides of the image. */
export const RADIUS = 0.09;
/** Least distance between the circles around two objects, in sides. */
export const GAP = 0.02;
/** Least distance between a bounding box and the image's edge, in sides. */
export const EDGE = 0.01;

/** Places are whole thousandths of the side, so that they print short and exact. */
export const onGrid = (value: number) => Math.round(value * 1000) / 1000;

export const PLACEMENTS = ['grid', 'free'] as const;
/** `grid`: near the middle of one of sixteen cells. `free`: anywhere. */
export type Placement = (typeof PLACEMENTS)[number];

/** Cells of the grid in a row. */
export const CELLS = 4;
/** Most that a place in the grid is off the middle of its cell, in sides, each way. */
export const JITTER = 0.04;

export interface RandomSceneOptions {
	/** Default `free`. */
	placement?: Placement;
	/** One radius for all, or a range to draw each from; in sides. Default 0.09. */
	radius?: number | readonly [number, number];
	/** Default 0.02 sides. */
	gap?: number;
	/** Default 0.01 sides. */
	edge?: number;
}

/** How often an object is tried in a started scene, and how often a scene is started anew, before it is given up. */
const TRIES = 100;

/** `count` objects of which no two share a colour and no two a shape. At most eight. */
export function randomKinds(rng: Rng, count: number): ObjectKind[] {
	if (!(count <= COLORS.length)) throw new RangeError(`expected at most ${COLORS.length} objects, got ${count}`);
	const shapes = rng.shuffle(SHAPES);
	return rng
		.shuffle(COLORS)
		.slice(0, count)
		.map((color, i) => ({ color, shape: shapes[i]! }));
}

function place(rng: Rng, kind: ObjectKind, others: readonly SceneObject[], options: Required<RandomSceneOptions>) {
	const { placement, gap, edge, radius: range } = options;
	const radius = typeof range === 'number' ? range : onGrid(range[0] + (range[1] - range[0]) * rng.next());
	const border = HALF_SIDE[kind.shape] * radius + edge;
	const coordinate = () =>
		onGrid(
			placement === 'free'
				? border + (1 - 2 * border) * rng.next()
				: (rng.int(CELLS) + 0.5) / CELLS + JITTER * (2 * rng.next() - 1),
		);
	const isInside = (value: number) => value >= border && value <= 1 - border;
	for (let i = 0; i < TRIES; i++) {
		const object: SceneObject = { color: kind.color, shape: kind.shape, x: coordinate(), y: coordinate(), radius };
		if (!isInside(object.x) || !isInside(object.y)) continue;
		if (others.every((other) => clearance(object, other) >= gap)) return object;
	}
	return undefined;
}

/** Distance between the circles around two objects, in sides; negative where they overlap. */
export function clearance(a: SceneObject, b: SceneObject): number {
	const dx = a.x - b.x;
	const dy = a.y - b.y;
	return Math.sqrt(dx * dx + dy * dy) - REACH[a.shape] * a.radius - REACH[b.shape] * b.radius;
}

/** The objects at random places, given that they keep apart and stay inside, in the order of `kinds`. */
export function randomScene(rng: Rng, kinds: readonly ObjectKind[], options: RandomSceneOptions = {}): Scene {
	const { placement = 'free', radius = RADIUS, gap = GAP, edge = EDGE } = options;
	for (let i = 0; i < TRIES; i++) {
		const objects: SceneObject[] = [];
		for (const kind of kinds) {
			const object = place(rng, kind, objects, { placement, radius, gap, edge });
			if (object === undefined) break;
			objects.push(object);
		}
		if (objects.length === kinds.length) return { objects };
	}
	throw new RangeError(
		`no room for ${kinds.length} objects of radius ${radius} of the side; make them fewer or smaller`,
	);
}

/** A colour as `#rrggbb`. */
export const hex = (rgb: Rgb) => `#${rgb.map((value) => value.toString(16).padStart(2, '0')).join('')}`;

function objectToSvg({ color, shape, x, y, radius }: SceneObject): string {
	const outline = OUTLINES[shape];
	const fill = hex(PALETTE[color]);
	const where = `transform="translate(${x} ${y}) scale(${radius})"`;
	if ('points' in outline) return `<polygon ${where} fill="${fill}" points="${outline.points.join(' ')}"/>`;
	if (outline.hole === 0) return `<circle ${where} fill="${fill}" r="1"/>`;
	const middle = (1 + outline.hole) / 2;
	return `<circle ${where} fill="none" stroke="${fill}" stroke-width="${1 - outline.hole}" r="${middle}"/>`;
}

/** The exact form of a scene: a square SVG of `size` pixels a side. Default 336, on white. */
export function sceneToSvg(
	scene: Scene,
	{ size = 336, background = WHITE }: { size?: number; background?: Rgb } = {},
): string {
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 1 1">`,
		`<rect width="1" height="1" fill="${hex(background)}"/>`,
		...scene.objects.map(objectToSvg),
		'</svg>',
		'',
	].join('\n');
}
