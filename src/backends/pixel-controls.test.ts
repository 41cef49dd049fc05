import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../base/errors.ts';
import type { RgbImage } from '../image/image.ts';
import { controlPixels } from './pixel-controls.ts';

/** An image from one letter a pixel, so that a result can be read. */
const drawn = (rows: string[]): RgbImage => ({
	width: rows[0]!.length,
	height: rows.length,
	data: Uint8Array.from(rows.join('').split(''), (c) => c.charCodeAt(0)).reduce(
		(data, value, i) => {
			data.fill(value, i * 3, i * 3 + 3);
			return data;
		},
		new Uint8Array(rows.join('').length * 3),
	),
});

function letters({ width, height, data }: RgbImage): string[] {
	const text = Array.from({ length: width * height }, (_, i) => String.fromCharCode(data[i * 3]!)).join('');
	return Array.from({ length: height }, (_, y) => text.slice(y * width, (y + 1) * width));
}

const anyImage = fc
	.record({ width: fc.integer({ min: 1, max: 20 }), height: fc.integer({ min: 1, max: 20 }) })
	.chain(({ width, height }) =>
		fc
			.uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 })
			.map((data): RgbImage => ({ width, height, data })),
	);

/** The colours of all pixels, in order of their value. */
const colours = ({ data }: RgbImage) =>
	Array.from({ length: data.length / 3 }, (_, i) => data.slice(i * 3, i * 3 + 3).join()).sort();

describe('controlPixels', () => {
	it('mirrors and turns', () => {
		expect(letters(controlPixels(drawn(['abc', 'def']), { kind: 'mirror' }))).toEqual(['cba', 'fed']);
		expect(letters(controlPixels(drawn(['abc', 'def']), { kind: 'rotate' }))).toEqual(['fed', 'cba']);
	});

	it('mirroring or turning twice changes nothing; shuffling keeps every pixel', () => {
		fc.assert(
			fc.property(anyImage, fc.integer(), (image, seed) => {
				for (const kind of ['mirror', 'rotate'] as const) {
					expect(controlPixels(controlPixels(image, { kind }), { kind })).toEqual(image);
				}
				const grid = 2;
				if (Math.min(image.width, image.height) < grid) return;
				const shuffled = controlPixels(image, { kind: 'shuffle', grid, seed });
				expect(colours(shuffled)).toEqual(colours(image));
			}),
		);
	});

	it('moves whole patches, in an order that the seed alone decides, and leaves what is over', () => {
		const image = drawn(['aabbx', 'aabbx', 'ccddy', 'ccddy']);
		const shuffled = letters(controlPixels(image, { kind: 'shuffle', grid: 2, seed: 3 }));
		const patches = [
			shuffled[0]!.slice(0, 2),
			shuffled[0]!.slice(2, 4),
			shuffled[2]!.slice(0, 2),
			shuffled[2]!.slice(2, 4),
		];
		expect([...patches].sort()).toEqual(['aa', 'bb', 'cc', 'dd']);
		expect(shuffled.map((row) => row[4])).toEqual(['x', 'x', 'y', 'y']);
		expect([shuffled[1], shuffled[3]]).toEqual([shuffled[0], shuffled[2]]);
		const orders = Array.from({ length: 20 }, (_, seed) =>
			letters(controlPixels(image, { kind: 'shuffle', grid: 2, seed })).join(),
		);
		expect(new Set(orders).size).toBeGreaterThan(5);
		const big = (size: number): RgbImage => ({ width: size, height: size, data: new Uint8Array(size * size * 3) });
		expect(() => controlPixels(big(4), { kind: 'shuffle', grid: 8, seed: 0 })).toThrow(InputError);
		expect(() => controlPixels(big(4), { kind: 'shuffle', grid: 8, seed: 0 })).toThrow(
			'an image of 4 × 4 pixels cannot be cut into 8 × 8 patches; take fewer',
		);
	});

	it('blurs as a Gaussian does: an impulse becomes its density, flat areas and the border stay', () => {
		const side = 31;
		const impulse: RgbImage = { width: side, height: side, data: new Uint8Array(side * side * 3) };
		impulse.data.fill(255, (15 * side + 15) * 3, (15 * side + 15) * 3 + 3);
		const { data } = controlPixels(impulse, { kind: 'blur', sigma: 1.5 });
		const density = (dx: number, dy: number) =>
			Math.exp(-(dx * dx + dy * dy) / (2 * 1.5 ** 2)) / (2 * Math.PI * 1.5 ** 2);
		for (const [dx, dy] of [
			[0, 0],
			[1, 0],
			[0, 2],
			[3, 3],
		] as const) {
			expect(Math.abs(data[((15 + dy) * side + 15 + dx) * 3]! - 255 * density(dx, dy))).toBeLessThan(1.2);
		}
		const flat: RgbImage = { width: 5, height: 7, data: new Uint8Array(5 * 7 * 3).fill(201) };
		expect(controlPixels(flat, { kind: 'blur', sigma: 3 })).toEqual(flat);
	});

	it('blanks', () => {
		const { data, ...size } = controlPixels(drawn(['abc', 'def']), { kind: 'blank' });
		expect([size, new Set(data)]).toEqual([{ width: 3, height: 2 }, new Set([128])]);
	});

	it('crops around a box, within the image', () => {
		const image = drawn(['abcd', 'efgh', 'ijkl', 'mnop']);
		const crop = (margin: number, box: [number, number, number, number]) =>
			letters(controlPixels(image, { kind: 'crop', margin }, box));
		expect(crop(0, [1, 1, 2, 1])).toEqual(['fg']);
		expect(crop(0.5, [1, 1, 2, 1])).toEqual(['abcd', 'efgh', 'ijkl']);
		expect(crop(9, [0.4, 0.4, 1, 1])).toEqual(['abcd', 'efgh', 'ijkl', 'mnop']);
		expect(() => crop(0, [9, 9, 2, 2])).toThrow('the box 9, 9, 2 × 2 lies outside of an image of 4 × 4 pixels');
		expect(() => crop(0, [0, 0, Number.NaN, 2])).toThrow(InputError);
	});
});
