import { z } from 'zod';
import { InputError } from '../base/errors.ts';
import { rng } from '../base/random.ts';
import { blankImage, pasteImage, type RgbImage } from '../image/image.ts';

/** Left, top, width and height in pixels of the stored image. */
export type Box = readonly [left: number, top: number, width: number, height: number];

/**
 * A change to the pixels themselves, before a model sees them: the controls that need no access to its tokens.
 *
 * - `shuffle`: the image cut into `grid` × `grid` patches, in random order; one draw has one order for all images.
 * - `mirror`: left and right exchanged. `rotate`: turned by 180°, so that above and below are exchanged too.
 * - `blank`: nothing but mid grey. `blur`: a Gaussian of `sigma` pixels.
 * - `crop`: what is around the box that a question gives, with `margin` times its longer side on each side.
 */
export const pixelControlSchema = z.discriminatedUnion('kind', [
	z.strictObject({ kind: z.literal('shuffle'), grid: z.int().min(2).max(1024), seed: z.int() }),
	z.strictObject({ kind: z.literal('mirror') }),
	z.strictObject({ kind: z.literal('rotate') }),
	z.strictObject({ kind: z.literal('blank') }),
	z.strictObject({ kind: z.literal('blur'), sigma: z.number().positive().max(1000) }),
	z.strictObject({ kind: z.literal('crop'), margin: z.number().min(0).max(100) }),
]);
export type PixelControl = z.infer<typeof pixelControlSchema>;

/** Grey of the blank image: the middle of the range, close to the mean of most photos. */
const GREY = 128;

/** The image under a control. `box` is that of the question; only `crop` looks at it, and throws where it is missing. */
export function controlPixels(image: RgbImage, control: PixelControl, box?: Box): RgbImage {
	switch (control.kind) {
		case 'shuffle':
			return shufflePatches(image, control);
		case 'mirror':
			return mirrored(image);
		case 'rotate':
			return rotated(image);
		case 'blank':
			return blankImage(image.width, image.height, [GREY, GREY, GREY]);
		case 'blur':
			return blurred(image, control.sigma);
		case 'crop':
			if (box === undefined) throw new RangeError('crop: the question has no box');
			return cropped(image, box, control.margin);
	}
}

/** Image of `width` × `height` whose pixel (x, y) is pixel `from(x, y)` of the source, counted in rows. */
function rearranged(image: RgbImage, from: (x: number, y: number) => number): RgbImage {
	const { width, height } = image;
	const data = new Uint8Array(image.data.length);
	for (let y = 0, o = 0; y < height; y++) {
		for (let x = 0; x < width; x++, o += 3) {
			const at = from(x, y) * 3;
			data[o] = image.data[at]!;
			data[o + 1] = image.data[at + 1]!;
			data[o + 2] = image.data[at + 2]!;
		}
	}
	return { width, height, data };
}

const mirrored = (image: RgbImage) => rearranged(image, (x, y) => y * image.width + image.width - 1 - x);

const rotated = (image: RgbImage) =>
	rearranged(image, (x, y) => (image.height - 1 - y) * image.width + image.width - 1 - x);

/** Patches are of one size; the rest of a division, less than a patch at the right and bottom, stays where it is. */
function shufflePatches(image: RgbImage, { grid, seed }: { grid: number; seed: number }): RgbImage {
	const width = Math.floor(image.width / grid);
	const height = Math.floor(image.height / grid);
	if (width === 0 || height === 0) {
		throw new InputError(
			`an image of ${image.width} × ${image.height} pixels cannot be cut into ${grid} × ${grid} patches; take fewer`,
			{ code: 'pixels-grid' },
		);
	}
	const order = rng(seed, 'pixels', grid).permutation(grid * grid);
	return rearranged(image, (x, y) => {
		const [column, row] = [Math.floor(x / width), Math.floor(y / height)];
		if (column >= grid || row >= grid) return y * image.width + x;
		const source = order[row * grid + column]!;
		const fromX = (source % grid) * width + (x % width);
		const fromY = Math.floor(source / grid) * height + (y % height);
		return fromY * image.width + fromX;
	});
}

/** Weights of a Gaussian out to three sigma, as whole numbers that add up to about 2¹⁶, so that sums are exact. */
function gaussian(sigma: number): { weights: number[]; radius: number; total: number } {
	const radius = Math.ceil(3 * sigma);
	const raw = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)));
	const sum = raw.reduce((a, b) => a + b);
	const weights = raw.map((weight) => Math.round((weight / sum) * 2 ** 16));
	return { weights, radius, total: weights.reduce((a, b) => a + b) };
}

/** Convolves lines of `length` samples, `step` apart, with the kernel; the outermost sample goes on beyond the border. */
function convolve(
	source: Uint8Array,
	{ starts, length, step }: { starts: Iterable<number>; length: number; step: number },
	{ weights, radius, total }: ReturnType<typeof gaussian>,
): Uint8Array {
	const out = new Uint8Array(source.length);
	for (const start of starts) {
		for (let i = 0; i < length; i++) {
			let sum = 0;
			for (let k = -radius; k <= radius; k++) {
				const at = Math.min(length - 1, Math.max(0, i + k));
				sum += weights[k + radius]! * source[start + at * step]!;
			}
			out[start + i * step] = Math.round(sum / total);
		}
	}
	return out;
}

function blurred({ width, height, data }: RgbImage, sigma: number): RgbImage {
	const kernel = gaussian(sigma);
	const rows = Array.from({ length: height * 3 }, (_, i) => Math.floor(i / 3) * width * 3 + (i % 3));
	const columns = Array.from({ length: width * 3 }, (_, i) => i);
	const wide = convolve(data, { starts: rows, length: width, step: 3 }, kernel);
	return { width, height, data: convolve(wide, { starts: columns, length: height, step: width * 3 }, kernel) };
}

function cropped(image: RgbImage, [left, top, width, height]: Box, margin: number): RgbImage {
	const around = margin * Math.max(width, height);
	const x0 = Math.max(0, Math.floor(left - around));
	const y0 = Math.max(0, Math.floor(top - around));
	const x1 = Math.min(image.width, Math.ceil(left + width + around));
	const y1 = Math.min(image.height, Math.ceil(top + height + around));
	if (!(x1 > x0 && y1 > y0)) {
		throw new InputError(
			`the box ${left}, ${top}, ${width} × ${height} lies outside of an image of ${image.width} × ${image.height} pixels`,
			{ code: 'pixels-box' },
		);
	}
	const part = blankImage(x1 - x0, y1 - y0);
	pasteImage(part, image, -x0, -y0);
	return part;
}
