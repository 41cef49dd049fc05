import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeImage } from './decode.node.ts';
import { blankImage } from './image.ts';
import { fitImage, preprocess } from './preprocess.ts';
import { parsePreprocessConfig } from './preprocess-config.ts';

const fixtures = new URL('../../test/fixtures/image/', import.meta.url);
const golden = new URL('../../../shared/golden/image/', import.meta.url);
const coco = new URL('../../../shared/data/coco/images/', import.meta.url);

/** The keys that transformers writes for LLaVA-1.5, at another size. */
const clip = (size: number) => ({
	crop_size: { height: size, width: size },
	do_center_crop: true,
	do_convert_rgb: true,
	do_normalize: true,
	do_rescale: true,
	do_resize: true,
	image_mean: [0.48145466, 0.4578275, 0.40821073],
	image_processor_type: 'CLIPImageProcessor',
	image_std: [0.26862954, 0.26130258, 0.27577711],
	resample: 3,
	rescale_factor: 0.00392156862745098,
	size: { shortest_edge: size },
});
const config = (size: number) => parsePreprocessConfig(clip(size), { imageSize: size });
const parse = (json: unknown) => parsePreprocessConfig(json, { imageSize: 64 });

async function expectPillow(folder: URL, photo: string, size: number) {
	const image = await decodeImage(readFileSync(new URL(`${photo}.source.png`, folder)));
	for (const [kind, pad] of [['crop', false] as const, ['pad', true] as const]) {
		const expected = await decodeImage(readFileSync(new URL(`${photo}.${kind}${size}.png`, folder)));
		expect(fitImage(image, config(size), { pad }).data).toBeAllclose(expected.data, { atol: 0 });
	}
}

describe('crop and pad are bit-identical to Pillow', () => {
	test.each(['000000007574', '000000290843'])('photo %s at 64', (photo) => expectPillow(fixtures, photo, 64));

	test.skipIf(!existsSync(golden))('four photos at 64 and 336 (needs ../shared/golden)', async () => {
		for (const photo of ['000000001993', '000000007574', '000000020247', '000000290843']) {
			await expectPillow(golden, photo, 64);
			await expectPillow(golden, photo, 336);
		}
	});
});

test.skipIf(!existsSync(coco))('every photo becomes pixels in range (needs ../shared/data)', async () => {
	const files = readdirSync(coco);
	expect(files.length).toBe(36);
	for (const [i, file] of files.entries()) {
		const image = await decodeImage(readFileSync(new URL(file, coco)), file);
		const { shape, data } = preprocess(image, config(64), { pad: i % 2 === 0 });
		expect(shape).toEqual([3, 64, 64]);
		// 0 and 255 under CLIP's mean and deviation
		for (const value of data) if (!(value > -1.8 && value < 2.2)) expect.fail(`${file}: ${value}`);
	}
});

test('arithmetic in the order and precision of transformers', () => {
	const image = { width: 2, height: 1, data: Uint8Array.of(0, 1, 2, 127, 200, 255) };
	const { shape, data } = preprocess(image, {
		...config(1),
		resize: null,
		crop: null,
	});
	expect(shape).toEqual([3, 1, 2]);
	// computed with numpy: ((v.astype(float64) * 0.00392156862745098).astype(float32) - float32(mean)) / float32(std)
	expect(Array.from(data)).toEqual([
		-1.7922625541687012, 0.061737604439258575, -1.7370892763137817, 1.249456524848938, -1.4517797231674194,
		2.1458969116210938,
	]);
});

test('an image smaller than the crop lies in the middle of black, the odd pixel above and left', () => {
	const small = { ...config(4), resize: null };
	const { data } = fitImage(blankImage(3, 1, [255, 255, 255]), small);
	const grey = Array.from({ length: 16 }, (_, i) => data[i * 3]);
	expect(grey).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 0, 0, 0, 0]);
});

test('an image smaller than the crop on one side only is cut on the other', () => {
	const image = { width: 5, height: 1, data: Uint8Array.from({ length: 15 }, (_, i) => 10 * (1 + Math.floor(i / 3))) };
	const { data } = fitImage(image, { ...config(2), resize: null });
	expect([data[0], data[3], data[6], data[9]]).toEqual([0, 0, 20, 30]);
});

test('the longer edge loses its decimals', () => {
	// 336 · 500 / 375 is 447.99999999999994 in some orders of operations and 448 in that of transformers
	const wide = fitImage(blankImage(500, 375, [1, 2, 3]), { ...config(336), crop: null });
	expect([wide.width, wide.height]).toEqual([448, 336]);
	const tall = fitImage(blankImage(375, 640, [1, 2, 3]), { ...config(64), crop: null });
	expect([tall.width, tall.height]).toEqual([64, 109]);
});

test('a very long image is refused where it would be padded, and cut where not', () => {
	const strip = blankImage(100_000, 1);
	expect(() => preprocess(strip, config(64), { pad: true })).toThrow(/100000 × 1 pixels is too long to pad/);
	expect(preprocess(strip, config(64)).shape).toEqual([3, 64, 64]);
});

describe('preprocessor_config.json', () => {
	test('of LLaVA-1.5', () => {
		expect(parse(clip(64))).toEqual({
			resize: { shortestEdge: 64 },
			resample: 'bicubic',
			crop: { width: 64, height: 64 },
			pad: false,
			padColour: [122, 116, 104],
			rescale: 1 / 255,
			mean: [0.48145466, 0.4578275, 0.40821073],
			std: [0.26862954, 0.26130258, 0.27577711],
		});
	});

	test('absent or empty: CLIP at the size of the encoder', () => {
		expect(parse(null)).toEqual(parse(clip(64)));
		expect(parse({})).toEqual(parse(clip(64)));
	});

	test('older and other forms', () => {
		expect(parse({ size: 64, crop_size: 64 })).toEqual(parse(clip(64)));
		const fixed = parse({ size: { height: 64, width: 64 }, do_center_crop: false, resample: 1, do_pad: true });
		expect(fixed).toMatchObject({ resize: { width: 64, height: 64 }, crop: null, resample: 'lanczos', pad: true });
		expect(parse({ do_rescale: false, do_normalize: false, image_mean: [0.5, 0.5, 0.5] })).toMatchObject({
			rescale: 1,
			mean: [0, 0, 0],
			std: [1, 1, 1],
			padColour: [127, 127, 127],
		});
	});

	test.each([
		[{ crop_size: 32 }, 'crop_size: 32 × 32, but the vision encoder takes 64 × 64'],
		[{ do_center_crop: false }, 'do_center_crop: false with no fixed size'],
		[{ size: { longest_edge: 64 } }, 'size: expected a number of pixels up to 8192'],
		[{ size: 1e9 }, 'size: expected at most 8192, got 1000000000'],
		[{ resample: 0 }, 'resample: expected 1 (lanczos)'],
		[{ image_std: [0.5, 0, 0.5] }, 'image_std[1]: expected more than 0, got 0'],
		[{ image_mean: 0.5 }, 'image_mean: expected a list, got 0.5'],
		[[], 'preprocessor_config.json: expected an object'],
	])('%j is refused', (json, message) => {
		expect(() => parse(json)).toThrow(message);
	});
});
