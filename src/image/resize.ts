import type { RgbImage } from './image.ts';

/** Filters that resizing may use, by Pillow's names. */
export type Resample = 'bilinear' | 'bicubic' | 'lanczos' | 'box';

interface Kernel {
	/** The filter is zero beyond this distance, in output pixels (input pixels when enlarging). */
	support: number;
	weight(x: number): number;
}

function sinc(x: number): number {
	return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

const kernels: Record<Resample, Kernel> = {
	box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
	bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
	// Keys' cubic with a = −0.5
	bicubic: {
		support: 2,
		weight(x) {
			const d = Math.abs(x);
			if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
			if (d < 2) return (((d - 5) * d + 8) * d - 4) * -0.5;
			return 0;
		},
	},
	lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Weights are in units of 2^-22: 8 bits of sample and 2 of overshoot fit beside them in 32. */
const PRECISION_BITS = 32 - 8 - 2;

interface Taps {
	/** First input sample of output i. */
	start: Int32Array; // [outputs]
	/** Number of input samples of output i. */
	count: Int32Array; // [outputs]
	weights: Int32Array; // [outputs, stride]
	stride: number;
}

/** Weights of the input samples for the outputs [from, to) of a line that goes from `inSize` to `outSize` samples. */
function taps(inSize: number, outSize: number, from: number, to: number, { support, weight }: Kernel): Taps {
	const scale = inSize / outSize;
	// Making smaller widens the filter, so that every input sample counts (antialiasing).
	const filterScale = Math.max(scale, 1);
	const radius = support * filterScale;
	const stride = Math.ceil(radius) * 2 + 1;
	const start = new Int32Array(to - from);
	const count = new Int32Array(to - from);
	const weights = new Int32Array((to - from) * stride);
	const line = new Float64Array(stride);
	for (let i = 0; i < to - from; i++) {
		const center = (from + i + 0.5) * scale;
		const first = Math.max(0, Math.trunc(center - radius + 0.5));
		const n = Math.min(inSize, Math.trunc(center + radius + 0.5)) - first;
		let sum = 0;
		for (let k = 0; k < n; k++) {
			line[k] = weight((k + first - center + 0.5) * (1 / filterScale));
			sum += line[k]!;
		}
		for (let k = 0; k < n; k++) {
			const fixed = (sum === 0 ? line[k]! : line[k]! / sum) * 2 ** PRECISION_BITS;
			weights[i * stride + k] = Math.trunc(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
		}
		start[i] = first;
		count[i] = n;
	}
	return { start, count, weights, stride };
}

/** Resamples along the width: [height, width, 3] → [height, outputs, 3]. */
function horizontal(source: Uint8Array, width: number, height: number, { start, count, weights, stride }: Taps) {
	const outputs = start.length;
	const out = new Uint8ClampedArray(height * outputs * 3);
	for (let y = 0, o = 0; y < height; y++) {
		for (let x = 0; x < outputs; x++) {
			let at = (y * width + start[x]!) * 3;
			let r = 1 << (PRECISION_BITS - 1);
			let g = r;
			let b = r;
			const end = x * stride + count[x]!;
			for (let k = x * stride; k < end; k++) {
				const weight = weights[k]!;
				r += source[at]! * weight;
				g += source[at + 1]! * weight;
				b += source[at + 2]! * weight;
				at += 3;
			}
			out[o++] = r >> PRECISION_BITS;
			out[o++] = g >> PRECISION_BITS;
			out[o++] = b >> PRECISION_BITS;
		}
	}
	return new Uint8Array(out.buffer);
}

/** Resamples along the height: [height, rowSize] → [outputs, rowSize]; `top` is the row of the image that row 0 is. */
function vertical(source: Uint8Array, rowSize: number, top: number, { start, count, weights, stride }: Taps) {
	const outputs = start.length;
	const out = new Uint8ClampedArray(outputs * rowSize);
	const sums = new Int32Array(rowSize);
	for (let y = 0; y < outputs; y++) {
		sums.fill(1 << (PRECISION_BITS - 1));
		for (let k = 0; k < count[y]!; k++) {
			const weight = weights[y * stride + k]!;
			const at = (start[y]! - top + k) * rowSize;
			for (let x = 0; x < rowSize; x++) sums[x] = sums[x]! + source[at + x]! * weight;
		}
		for (let x = 0, o = y * rowSize; x < rowSize; x++) out[o++] = sums[x]! >> PRECISION_BITS;
	}
	return new Uint8Array(out.buffer);
}

/** A part of the resized image, in its pixels. */
export interface Window {
	left: number;
	top: number;
	width: number;
	height: number;
}

/**
 * Resizes to `width` × `height` with antialiasing, in Pillow's arithmetic: weights in fixed point, along the width
 * first, rounded to 8 bits, then along the height; bit-identical to `Image.resize`. `window` computes only that part
 * of the result, so that a crop of a very long image costs no more than what is kept. Default: the whole.
 *
 * Reference: Pillow, src/libImaging/Resample.c.
 */
export function resizeImage(
	image: RgbImage,
	{
		width,
		height,
		resample = 'bicubic',
		window = { left: 0, top: 0, width, height },
	}: { width: number; height: number; resample?: Resample; window?: Window },
): RgbImage {
	const kernel = kernels[resample];
	const columns = taps(image.width, width, window.left, window.left + window.width, kernel);
	const rows = taps(image.height, height, window.top, window.top + window.height, kernel);

	// Only the input rows that some output row needs go through the first pass.
	const last = window.height - 1;
	const top = rows.start[0]!;
	const bottom = rows.start[last]! + rows.count[last]!;
	const needed = image.data.subarray(top * image.width * 3, bottom * image.width * 3);

	const narrowed = horizontal(needed, image.width, bottom - top, columns); // [bottom − top, window.width, 3]
	const data = vertical(narrowed, window.width * 3, top, rows); // [window.height, window.width, 3]
	return { width: window.width, height: window.height, data };
}
