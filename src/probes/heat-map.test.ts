import { expect, test } from 'vitest';
import { blankImage } from '../image/image.ts';
import { colourOf, enlarge, heatOver, minMax } from './heat-map.ts';

test('bilinear enlargement as OpenCV has it', () => {
	// By hand, after cv2.INTER_LINEAR's rule: pixel i stands at (i + 0.5) · 2 / 4 − 0.5, edges repeated.
	const expected = [0, 0.25, 0.75, 1, 0.5, 0.8125, 1.4375, 1.75, 1.5, 1.9375, 2.8125, 3.25, 2, 2.5, 3.5, 4];
	expect(enlarge([0, 1, 2, 4], [2, 2], [4, 4])).toBeAllclose(expected);
	expect(enlarge([7], [1, 1], [2, 3])).toBeAllclose(Array(6).fill(7));
	expect(enlarge([1, 2, 3, 4, 5, 6], [2, 3], [2, 3])).toBeAllclose([1, 2, 3, 4, 5, 6]);
});

test('cividis grows lighter all the way; its ends are those of matplotlib within rounding', () => {
	expect(colourOf('cividis', 0)).toBeAllclose([0, 34, 78], { atol: 6 });
	expect(colourOf('cividis', 1)).toBeAllclose([254, 232, 56], { atol: 14 });
	const light = Array.from({ length: 33 }, (_, i) => {
		const [r, g, b] = colourOf('cividis', i / 32);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	});
	for (let i = 1; i < light.length; i++) expect(light[i]).toBeGreaterThan(light[i - 1]!);
});

test('rainbow goes from blue over green to red', () => {
	expect([0, 0.5, 1].map((t) => colourOf('rainbow', t))).toEqual([
		[0, 0, 255],
		[0, 255, 0],
		[255, 0, 0],
	]);
});

test('weights are stretched from least to greatest; equal ones are all least', () => {
	expect(minMax([2, 4, 3])).toEqual([0, 1, 0.5]);
	expect(minMax([3, 3])).toEqual([0, 0]);
});

test("the paper's blend, and a picture that the colours leave its own size", () => {
	const image = blankImage(3, 2, [100, 50, 0]);
	const map = { rows: 1, columns: 1, weights: [0.5] };
	const out = heatOver(image, map, { colours: 'rainbow', blend: [0.4, 0.7] });
	expect([out.width, out.height]).toEqual([3, 2]);
	expect([...out.data.subarray(0, 3)]).toEqual([40, 20, 179]);
	expect(() => heatOver(image, { rows: 2, columns: 2, weights: [1] })).toThrow('a map of 2 × 2 places needs as many');
});
