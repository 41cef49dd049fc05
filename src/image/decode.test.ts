import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../base/errors.ts';
import { decodeImage } from './decode.node.ts';
import { MAX_IMAGE_BYTES, readImageHeader } from './header.ts';
import { encodePng } from './png.ts';

const formats = new URL('../../test/fixtures/image/formats/', import.meta.url);
const files = readdirSync(formats).filter((file) => /\.(png|jpg|webp)$/.test(file));
const read = (file: string) => new Uint8Array(readFileSync(new URL(file, formats)));

async function refusal(bytes: Uint8Array): Promise<string> {
	const error = await decodeImage(bytes, 'x.png').then(
		() => undefined,
		(e: unknown) => e,
	);
	expect(error).toBeInstanceOf(InputError);
	const { message } = error as InputError;
	expect(message).toMatch(/^x\.png: \P{Cc}+$/u);
	return message;
}

/** A PNG of one grey row, whose header says what it likes. */
function pngThatSays(width: number, height: number): Uint8Array {
	const bytes = encodePng({ width: 4, height: 1, data: new Uint8Array(12) });
	const view = new DataView(bytes.buffer);
	view.setUint32(16, width);
	view.setUint32(20, height);
	return bytes;
}

test.each(files)('%s gives the pixels that Pillow gives', async (file) => {
	const image = await decodeImage(read(file));
	expect([image.width, image.height]).toEqual([25, 18]);
	expect(image.data).toEqual(read(`${file}.rgb`));
});

test.each(files)('the header of %s', (file) => {
	const format = file.endsWith('.png') ? 'png' : file.endsWith('.jpg') ? 'jpeg' : 'webp';
	expect(readImageHeader(read(file), file)).toEqual({ format, width: 25, height: 18, cmyk: file === 'cmyk.jpg' });
});

describe('refuses in one line', () => {
	test('what is not an image', async () => {
		expect(await refusal(new Uint8Array(0))).toContain('it is empty');
		expect(await refusal(new TextEncoder().encode('<svg width="9"></svg>'))).toContain('it starts with 3c 73 76 67');
	});

	test('30,000 × 30,000 pixels, before decoding', async () => {
		expect(await refusal(pngThatSays(30_000, 30_000))).toBe(
			'x.png: 30000 × 30000 pixels; an image may have at most 89478485, scale it down first',
		);
	});

	test('more bytes than any photo has', () => {
		expect(() => readImageHeader(new Uint8Array(MAX_IMAGE_BYTES + 1), 'x')).toThrow(
			/^x: 268435457 bytes; an image may/,
		);
	});

	test('no pixels, and more pixels than there are', async () => {
		expect(await refusal(pngThatSays(0, 7))).toContain('0 × 7 pixels');
		expect(await refusal(pngThatSays(4, 5))).toContain('damaged PNG');
	});

	test.each(['rgb.png', 'ycc420.jpg', 'progressive.jpg', 'lossy.webp', 'lossless.webp'])(
		'%s cut short',
		async (file) => {
			const whole = read(file);
			for (const keep of [4, 13, 29, 40, Math.floor(whole.length / 2), whole.length - 40]) {
				expect(await refusal(whole.slice(0, keep))).toContain('x.png: ');
			}
		},
	);

	test('anything else that fails', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.constantFrom(...files),
				fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
				async (file, changes) => {
					const bytes = read(file);
					for (const [at, value] of changes) bytes[at % bytes.length] = value;
					const image = await decodeImage(bytes, 'x.png').catch((error: unknown) => {
						expect(error).toBeInstanceOf(InputError);
						expect((error as InputError).message).toMatch(/^x\.png: \P{Cc}+$/u);
					});
					if (image) expect(image.data.length).toBe(image.width * image.height * 3);
				},
			),
			{ numRuns: 300 },
		);
	});

	test('random bytes behind a right signature', async () => {
		const starts = ['rgb.png', 'ycc420.jpg', 'lossy.webp'].map((file) => read(file).slice(0, 12));
		await fc.assert(
			fc.asyncProperty(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 60 }), async (start, rest) => {
				await refusal(new Uint8Array([...start, ...rest]));
			}),
		);
	});
});

const photos = new URL('../../../shared/golden/image/', import.meta.url);
const coco = new URL('../../../shared/data/coco/images/', import.meta.url);
test.skipIf(!existsSync(photos) || !existsSync(coco))(
	'real JPEG photos decode to the pixels of Pillow (needs ../shared/golden and ../shared/data)',
	async () => {
		const { cases } = JSON.parse(readFileSync(new URL('cases.json', photos), 'utf8'));
		for (const { photo, source } of cases) {
			const jpeg = await decodeImage(readFileSync(new URL(photo, coco)));
			const expected = await decodeImage(readFileSync(new URL(source, photos)));
			expect(jpeg.data).toBeAllclose(expected.data, { atol: 0 });
		}
	},
);
