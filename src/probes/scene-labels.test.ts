import { expect, test } from 'vitest';
import { COLORS, PALETTE, SHAPES } from '../bench2ds/shapes.ts';
import { objectTokens, probeImage, probeScene } from './scene-labels.ts';

test('the token under a centre shows the object that it is labelled with', () => {
	const [side, size] = [8, 256];
	let seen = 0;
	for (let image = 0; image < 30; image++) {
		const scene = probeScene(0, image);
		const { data } = probeImage(0, image, size);
		for (const { token, color, shape } of objectTokens(scene, side)) {
			// Rings and stars need not cover their centre.
			if (SHAPES[shape] === 'ring') continue;
			const colors = new Set<string>();
			const patch = size / side;
			const [top, left] = [Math.floor(token / side) * patch, (token % side) * patch];
			for (let y = top; y < top + patch; y++) {
				for (let x = left; x < left + patch; x++) {
					const at = (y * size + x) * 3;
					colors.add(`${data.subarray(at, at + 3)}`);
				}
			}
			expect(colors).toContain(`${PALETTE[COLORS[color]!]}`);
			seen++;
		}
	}
	expect(seen).toBeGreaterThan(90);
});

test('two to six objects take turns, the same at every call, others for another seed', () => {
	expect([0, 1, 2, 3, 4, 5].map((image) => probeScene(0, image).objects.length)).toEqual([2, 3, 4, 5, 6, 2]);
	expect(probeScene(0, 3)).toEqual(probeScene(0, 3));
	expect(probeScene(1, 3)).not.toEqual(probeScene(0, 3));
});

test('objects that share a token have none', () => {
	const object = { color: 'red', shape: 'circle', radius: 0.05 } as const;
	const scene = {
		objects: [
			{ ...object, x: 0.1, y: 0.1 },
			{ ...object, x: 0.2, y: 0.2 },
			{ ...object, x: 0.9, y: 1 },
		],
	};
	expect(objectTokens(scene, 2)).toEqual([{ token: 3, color: 0, shape: 0 }]);
	expect(objectTokens(scene, 1)).toEqual([]);
});
