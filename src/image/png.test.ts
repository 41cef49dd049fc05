import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rng } from '../base/random.ts';
import { decodeImage } from './decode.node.ts';
import { encodePng } from './png.ts';

test('what is written is read back', async () => {
	await fc.assert(
		fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.nat(), async (w, h, seed) => {
			const draw = rng(seed);
			const colours = 1 + draw.int(256); // few give long runs, many give none
			const data = Uint8Array.from({ length: w * h * 3 }, () => draw.int(colours));
			expect(await decodeImage(encodePng({ width: w, height: h, data }))).toEqual({ width: w, height: h, data });
		}),
		{ numRuns: 60 },
	);
});

test('equal pixels give equal bytes, on this platform as on others', () => {
	const draw = rng(1, 'png');
	const data = Uint8Array.from({ length: 96 * 80 * 3 }, (_, i) => (i % 960 < 500 ? 250 : draw.int(256)));
	const digest = createHash('sha256')
		.update(encodePng({ width: 96, height: 80, data }))
		.digest('hex');
	expect(digest).toBe('eac159bbf2040d11d2c6e4749908e04bf0edf4e004665633136c0e8ba5202b20');
});
