import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { hideExif } from './exif.ts';

const formats = new URL('../../test/fixtures/image/formats/', import.meta.url);
const cases = [
	['exif.jpg', 'jpeg'],
	['exif.png', 'png'],
	['exif.webp', 'webp'],
] as const;

test.each(cases)('%s loses its orientation and keeps its pixels', async (file, format) => {
	const bytes = new Uint8Array(readFileSync(new URL(file, formats)));
	expect((await sharp(bytes).metadata()).orientation).toBe(6);
	const hidden = hideExif(bytes, format);
	expect((await sharp(hidden).metadata()).orientation).toBeUndefined();
	expect(await sharp(hidden).raw().toBuffer()).toEqual(await sharp(bytes).raw().toBuffer());
});

test.each(cases)('%s, damaged, comes to an end', (file, format) => {
	const bytes = new Uint8Array(readFileSync(new URL(file, formats)));
	fc.assert(
		fc.property(fc.nat(bytes.length - 1), fc.uint8Array({ minLength: 1, maxLength: 9 }), (at, change) => {
			const damaged = bytes.slice();
			damaged.set(change.slice(0, bytes.length - at), at);
			expect(hideExif(damaged, format).length).toBeLessThanOrEqual(bytes.length);
		}),
	);
});
