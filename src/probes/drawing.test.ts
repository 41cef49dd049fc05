import { expect, test } from 'vitest';
import { blankImage } from '../image/image.ts';
import { CHARACTER, type Drawing, drawingPixels, drawingSvg, wrap } from './drawing.ts';

test('pixels: pictures in their place, the scale from greatest down, ink where there is text', () => {
	const drawing: Drawing = {
		width: 60,
		height: 40,
		marks: [
			{ kind: 'image', x: 2, y: 3, image: blankImage(4, 4, [9, 8, 7]) },
			{ kind: 'scale', x: 10, y: 0, width: 2, height: 11, colours: 'rainbow' },
			{ kind: 'text', x: 20, y: 10, text: 'I', strong: true },
		],
	};
	const { data } = drawingPixels(drawing);
	const at = (x: number, y: number) => [...data.subarray((y * 60 + x) * 3, (y * 60 + x) * 3 + 3)];
	expect(at(2, 3)).toEqual([9, 8, 7]);
	expect(at(6, 3)).toEqual([255, 255, 255]);
	expect([at(10, 0), at(11, 10)]).toEqual([
		[255, 0, 0],
		[0, 0, 255],
	]);
	// The stem of an I is the third of its five columns, two pixels wide, seven font pixels high.
	expect([at(24, 10), at(25, 23), at(24, 24), at(20, 14)]).toEqual([
		[31, 35, 40],
		[31, 35, 40],
		[255, 255, 255],
		[255, 255, 255],
	]);
});

test('what falls outside is cut off', () => {
	const outside: Drawing = { width: 8, height: 8, marks: [{ kind: 'text', x: -20, y: -3, text: 'WWWW' }] };
	expect(drawingPixels(outside).data.length).toBe(8 * 8 * 3);
});

test('SVG escapes text and label and keeps other scripts', () => {
	const text = '<b> & "“x” 猫\u0007\ud800';
	const drawing: Drawing = { width: 9, height: 9, marks: [{ kind: 'text', x: 0, y: 0, text, anchor: 'end' }] };
	const svg = drawingSvg(drawing, { label: '"><script>' });
	expect(svg).toContain('&lt;b&gt; &amp; &quot;“x” 猫??</text>');
	expect(svg).toContain('aria-label="&quot;&gt;&lt;script&gt;"');
	expect(svg).not.toContain('<script>');
});

test('lines break between words, long words within', () => {
	expect(wrap('one two  three', 7 * CHARACTER)).toEqual(['one two', 'three']);
	expect(wrap('abcdefghij k', 4 * CHARACTER)).toEqual(['abcd', 'efgh', 'ij k']);
	expect(wrap('', 100)).toEqual(['']);
});
