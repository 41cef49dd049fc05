import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeImage } from './decode.node.ts';
import { blankImage } from './image.ts';
import { type Resample, resizeImage } from './resize.ts';

const fixtures = new URL('../../test/fixtures/image/', import.meta.url);

interface Case {
	resample: Resample;
	width: number;
	height: number;
	rgb: string;
}
const cases: Case[] = JSON.parse(readFileSync(new URL('formats/resize.json', fixtures), 'utf8'));

describe('against Pillow', async () => {
	const source = await decodeImage(readFileSync(new URL('formats/rgb.png', fixtures)));
	test.each(cases)('$resample to $width × $height is bit-identical', ({ rgb, ...options }) => {
		expect(resizeImage(source, options).data).toBeAllclose(Buffer.from(rgb, 'base64'), { atol: 0 });
	});
});

test('a window is that part of the whole', async () => {
	const source = await decodeImage(readFileSync(new URL('formats/rgb.png', fixtures)));
	const whole = resizeImage(source, { width: 50, height: 37 });
	const window = { left: 31, top: 9, width: 11, height: 20 };
	const part = resizeImage(source, { width: 50, height: 37, window });
	for (let y = 0; y < window.height; y++) {
		const at = ((y + window.top) * 50 + window.left) * 3;
		expect(part.data.subarray(y * 33, (y + 1) * 33)).toEqual(whole.data.subarray(at, at + 33));
	}
});

test('a window of an image a million times as wide as high is cheap', () => {
	const strip = blankImage(1_000_000, 1, [9, 8, 7]);
	const window = { left: 167_999_832, top: 0, width: 336, height: 336 };
	const { data } = resizeImage(strip, { width: 336_000_000, height: 336, window });
	expect(data).toBeAllclose(blankImage(336, 336, [9, 8, 7]).data, { atol: 0 });
});
