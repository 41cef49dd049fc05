import { UsageError } from '../base/errors.ts';
import { blankImage, type RgbImage } from '../image/image.ts';

export type Rgb = readonly [red: number, green: number, blue: number];

/** Colours of the weights 0 … 1. */
export type ColourScale = 'cividis' | 'rainbow';

const poly = (t: number, coefficients: readonly number[]) => coefficients.reduceRight((sum, c) => sum * t + c, 0);
const byte = (value: number) => Math.max(0, Math.min(255, Math.round(value)));

/** How far along the way from 1 to 0 a colour of the hue circle is at an angle in sixths of a turn. */
const hue = (h: number): Rgb => {
	const part = (shift: number) => byte(255 * Math.max(0, Math.min(1, Math.abs(((h + shift) % 6) - 3) - 1)));
	return [part(0), part(4), part(2)];
};

const SCALES: Record<ColourScale, (t: number) => Rgb> = {
	/** Nuñez et al. 2018, dark blue to yellow, seen alike with and without red-green blindness; Jamie Perkins's polynomial. */
	cividis: (t) => [
		byte(poly(t, [-4.54, -35.34, 2381.73, -6402.7, 7024.72, -2710.57])),
		byte(poly(t, [32.49, 170.73, 52.82, -131.46, 176.58, -67.37])),
		byte(poly(t, [81.24, 442.36, -2482.43, 6167.24, -6614.94, 2475.67])),
	],
	/** Blue over green to red. */
	rainbow: (t) => hue(4 * (1 - t)),
};

export const colourOf = (scale: ColourScale, t: number): Rgb => SCALES[scale](t);

/** Values moved to 0 … 1, least to greatest; all 0 where they are equal. */
export function minMax(values: readonly number[]): number[] {
	const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
	const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
	return values.map((value) => (high > low ? (value - low) / (high - low) : 0));
}

/** A grid of values enlarged to width × height pixels, bilinearly, as OpenCV does it: centres on centres, edges repeated. */
export function enlarge(
	values: readonly number[],
	[rows, columns]: readonly [number, number],
	[height, width]: readonly [number, number],
): Float64Array {
	const taps = (n: number, size: number) =>
		Array.from({ length: size }, (_, i) => {
			const at = Math.max(0, Math.min(n - 1, ((i + 0.5) * n) / size - 0.5));
			const low = Math.floor(at);
			return { low, high: Math.min(n - 1, low + 1), part: at - low };
		});
	const across = taps(columns, width);
	const out = new Float64Array(width * height);
	taps(rows, height).forEach((down, y) => {
		across.forEach(({ low, high, part }, x) => {
			const line = (row: number) => values[row * columns + low]! * (1 - part) + values[row * columns + high]! * part;
			out[y * width + x] = line(down.low) * (1 - down.part) + line(down.high) * down.part;
		});
	});
	return out;
}

export interface HeatOptions {
	/** Default `cividis`. `rainbow` is more like the paper's figures, and hard to read for some. */
	colours?: ColourScale;
	/** Shares of the picture and of the colours in what is seen. Default 0.4 and 0.6; the paper's code has 0.4 and 0.7. */
	blend?: readonly [image: number, heat: number];
}

/** A grid of weights, least to greatest, as colours over a picture: `rows` × `columns` values, row by row. */
export function heatOver(
	image: RgbImage,
	{ rows, columns, weights }: { rows: number; columns: number; weights: readonly number[] },
	{ colours = 'cividis', blend = [0.4, 0.6] }: HeatOptions = {},
): RgbImage {
	const { width, height } = image;
	if (weights.length !== rows * columns || weights.length === 0) {
		throw new UsageError(`a map of ${rows} × ${columns} places needs as many weights, got ${weights.length}`, {
			code: 'map-size',
		});
	}
	const heat = enlarge(minMax(weights), [rows, columns], [height, width]);
	const table = Array.from({ length: 256 }, (_, i) => colourOf(colours, i / 255));
	const out = blankImage(width, height);
	for (let i = 0; i < heat.length; i++) {
		const colour = table[byte(255 * heat[i]!)]!;
		for (let c = 0; c < 3; c++) out.data[i * 3 + c] = byte(blend[0] * image.data[i * 3 + c]! + blend[1] * colour[c]!);
	}
	return out;
}
