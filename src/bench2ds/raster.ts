import type { RgbImage } from '../image/image.ts';
import type { Scene, SceneObject } from './scene.ts';
import { HALF_SIDE, OUTLINES, PALETTE, type Rgb, SHAPES, type Shape, WHITE } from './shapes.ts';

/** Goes up when the same scene is drawn with other pixels; part of every data hash. */
export const RASTER_VERSION = 1;

/** Larger pictures are refused, so that a slip of the hand does not ask for gigabytes. */
const MAX_SIZE = 4096;

export interface RasterOptions {
	/** Default white. */
	background?: Rgb;
	/** Memory of size × size × 3 bytes to draw into, so that training need not allocate; default new. */
	into?: Uint8Array;
}

/** Signed distance from a point to an outline: negative inside. In the unit of the arguments. */
type Distance = (x: number, y: number) => number;

function discDistance(hole: number): Distance {
	if (hole === 0) return (x, y) => Math.sqrt(x * x + y * y) - 1;
	return (x, y) => {
		const distance = Math.sqrt(x * x + y * y);
		return Math.max(distance - 1, hole - distance);
	};
}

function polygonDistance(points: readonly (readonly [number, number])[]): Distance {
	const n = points.length;
	// One edge after the other: start x, y; vector x, y; one over its squared length; end y.
	const edges = new Float64Array(n * 6);
	points.forEach(([x, y], i) => {
		const [toX, toY] = points[(i + 1) % n]!;
		const ex = toX - x;
		const ey = toY - y;
		edges.set([x, y, ex, ey, 1 / (ex * ex + ey * ey), toY], i * 6);
	});
	return (x, y) => {
		let nearest = Number.POSITIVE_INFINITY;
		let inside = false;
		for (let e = 0; e < edges.length; e += 6) {
			const ex = edges[e + 2]!;
			const ey = edges[e + 3]!;
			const dx = x - edges[e]!;
			const dy = y - edges[e + 1]!;
			const t = (dx * ex + dy * ey) * edges[e + 4]!;
			const along = t < 0 ? 0 : t > 1 ? 1 : t;
			const restX = dx - ex * along;
			const restY = dy - ey * along;
			const squared = restX * restX + restY * restY;
			if (squared < nearest) nearest = squared;
			// A ray to the left crosses this edge: the edge spans y, and the point lies to the right of it.
			if (y >= edges[e + 1]! !== y >= edges[e + 5]! && dx * ey > dy * ex === ey > 0) inside = !inside;
		}
		const distance = Math.sqrt(nearest);
		return inside ? -distance : distance;
	};
}

const DISTANCES = Object.fromEntries(
	SHAPES.map((shape) => {
		const outline = OUTLINES[shape];
		return [shape, 'points' in outline ? polygonDistance(outline.points) : discDistance(outline.hole)];
	}),
) as Record<Shape, Distance>;

function drawObject(data: Uint8Array, size: number, { color, shape, x, y, radius }: SceneObject): void {
	const distance = DISTANCES[shape];
	const [red, green, blue] = PALETTE[color];
	const scale = radius * size;
	const centreX = x * size;
	const centreY = y * size;
	const half = HALF_SIDE[shape] * scale + 1;
	const left = Math.max(0, Math.floor(centreX - half));
	const right = Math.min(size, Math.ceil(centreX + half));
	const bottom = Math.min(size, Math.ceil(centreY + half));
	for (let row = Math.max(0, Math.floor(centreY - half)); row < bottom; row++) {
		const v = (row + 0.5 - centreY) / scale;
		for (let column = left; column < right; column++) {
			const cover = 0.5 - distance((column + 0.5 - centreX) / scale, v) * scale;
			if (cover <= 0) continue;
			const share = cover < 1 ? cover : 1;
			const at = (row * size + column) * 3;
			data[at] = Math.floor(data[at]! + (red - data[at]!) * share + 0.5);
			data[at + 1] = Math.floor(data[at + 1]! + (green - data[at + 1]!) * share + 0.5);
			data[at + 2] = Math.floor(data[at + 2]! + (blue - data[at + 2]!) * share + 0.5);
		}
	}
}

/**
 * A scene as pixels [size, size, 3]. A pixel's share of an object is 0.5 − d, clipped to 0 … 1, where d is the signed
 * distance in pixels from its centre to the outline. Only + − × ÷ and square roots, which IEEE 754 defines to the last
 * bit, so the bytes are the same on every platform.
 */
export function rasterize(scene: Scene, size: number, { background = WHITE, into }: RasterOptions = {}): RgbImage {
	if (!Number.isInteger(size) || size < 1 || size > MAX_SIZE) {
		throw new RangeError(`expected an image size of 1 to ${MAX_SIZE} pixels, got ${size}`);
	}
	const length = size * size * 3;
	if (into !== undefined && into.length !== length) {
		throw new RangeError(`expected ${length} bytes to draw ${size} × ${size} pixels into, got ${into.length}`);
	}
	const data = into ?? new Uint8Array(length);
	const [red, green, blue] = background;
	if (red === green && green === blue) data.fill(red);
	else for (let i = 0; i < length; i += 3) data.set(background, i);
	for (const object of scene.objects) drawObject(data, size, object);
	return { width: size, height: size, data };
}
