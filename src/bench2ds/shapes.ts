/** The benchmark's vocabulary: eight colours, eight shapes, and what each looks like. */

export const COLORS = ['red', 'green', 'blue', 'yellow', 'purple', 'orange', 'cyan', 'brown'] as const;
export type Color = (typeof COLORS)[number];

export const SHAPES = ['circle', 'square', 'triangle', 'star', 'cross', 'diamond', 'heart', 'ring'] as const;
export type Shape = (typeof SHAPES)[number];

export type Rgb = readonly [number, number, number];

/** 8-bit RGB of each colour: those that the shipped tiny model was trained on. */
export const PALETTE: Readonly<Record<Color, Rgb>> = {
	red: [220, 30, 30],
	green: [30, 160, 50],
	blue: [40, 70, 220],
	yellow: [240, 220, 30],
	purple: [140, 40, 160],
	orange: [245, 140, 20],
	cyan: [40, 210, 220],
	brown: [120, 75, 40],
};

export const WHITE: Rgb = [255, 255, 255];

type Point = readonly [number, number];

/** A polygon by its corners, or a disc of radius 1 with a hole of radius `hole` (0: none). */
export type Outline = { points: readonly Point[] } | { hole: number };

/** The right half from the notch to the tip; the left half mirrors it. */
const HALF_HEART: readonly Point[] = [
	[0, -0.735],
	[0.031, -0.783],
	[0.1, -0.837],
	[0.278, -0.913],
	[0.457, -0.932],
	[0.625, -0.896],
	[0.76, -0.814],
	[0.863, -0.692],
	[0.928, -0.536],
	[0.95, -0.357],
	[0.934, -0.194],
	[0.888, -0.027],
	[0.813, 0.139],
	[0.71, 0.3],
	[0.479, 0.552],
	[0.062, 0.86],
	[0, 0.932],
];

/**
 * Outlines in units of an object's radius, y downwards, centred on the bounding box. Literal numbers, because sines
 * and powers differ in the last bit between platforms. The heart is (x² + y² − 1)³ = x²y³ as a polygon, within 0.012.
 */
export const OUTLINES: Readonly<Record<Shape, Outline>> = {
	circle: { hole: 0 },
	ring: { hole: 0.5 },
	square: {
		points: [
			[-0.88, -0.88],
			[0.88, -0.88],
			[0.88, 0.88],
			[-0.88, 0.88],
		],
	},
	triangle: {
		points: [
			[0, -0.866],
			[1, 0.866],
			[-1, 0.866],
		],
	},
	star: {
		points: [
			[0, -0.9045],
			[0.2469, -0.2443],
			[0.9511, -0.2135],
			[0.3994, 0.2253],
			[0.5878, 0.9045],
			[0, 0.5155],
			[-0.5878, 0.9045],
			[-0.3994, 0.2253],
			[-0.9511, -0.2135],
			[-0.2469, -0.2443],
		],
	},
	cross: {
		points: [
			[-0.33, -1],
			[0.33, -1],
			[0.33, -0.33],
			[1, -0.33],
			[1, 0.33],
			[0.33, 0.33],
			[0.33, 1],
			[-0.33, 1],
			[-0.33, 0.33],
			[-1, 0.33],
			[-1, -0.33],
			[-0.33, -0.33],
		],
	},
	diamond: {
		points: [
			[0, -1.1],
			[1.1, 0],
			[0, 1.1],
			[-1.1, 0],
		],
	},
	heart: {
		points: [
			...HALF_HEART,
			...HALF_HEART.slice(1, -1)
				.reverse()
				.map(([x, y]): Point => [-x, y]),
		],
	},
};

function extent(outline: Outline, measure: (point: Point) => number): number {
	return 'hole' in outline ? 1 : Math.max(...outline.points.map(measure));
}

const byShape = (measure: (point: Point) => number) =>
	Object.fromEntries(SHAPES.map((shape) => [shape, extent(OUTLINES[shape], measure)])) as Record<Shape, number>;

/** Farthest point of each outline from its centre, in radii: what keeps objects apart. */
export const REACH: Readonly<Record<Shape, number>> = byShape(([x, y]) => Math.sqrt(x * x + y * y));

/** Half the larger side of each outline's bounding box, in radii: what keeps objects inside. */
export const HALF_SIDE: Readonly<Record<Shape, number>> = byShape(([x, y]) => Math.max(Math.abs(x), Math.abs(y)));
