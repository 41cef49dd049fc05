import { describe, it } from 'vitest';
import { rasterize } from '../../src/bench2ds/raster.ts';
import { drawingPixels, drawingSvg } from '../../src/probes/drawing.ts';
import { mapDrawing, mapGridDrawing } from '../../src/probes/overlay.ts';
import type { AttentionMap } from '../../src/probes/results.ts';
import { expectSnapshot } from './snapshot.ts';

const image = rasterize(
	{
		objects: [
			{ color: 'red', shape: 'circle', x: 0.3, y: 0.3, radius: 0.15 },
			{ color: 'blue', shape: 'star', x: 0.7, y: 0.65, radius: 0.18 },
		],
	},
	72,
);

const map = (source: AttentionMap['source'], x: number, y: number): AttentionMap => ({
	image: 'scene',
	question: 'What is left of the star?',
	answer: 'a red circle',
	token: { index: 2, id: 9, text: 'circle' },
	source,
	layers: [0, 1, 2, 7],
	heads: [3],
	rows: 4,
	columns: 4,
	weights: Array.from({ length: 16 }, (_, i) => 0.1 / (1 + ((i % 4) - x) ** 2 + (Math.floor(i / 4) - y) ** 2)),
	entropy: 0.875,
	visionShare: 0.5,
});

const FIGURES: Record<string, () => string> = {
	'attention-map': () => drawingSvg(mapDrawing(image, map('llm', 1, 1)), { label: 'A map' }),
	'attention-map-rainbow': () =>
		drawingSvg(mapDrawing(image, map('composed', 3, 2), { colours: 'rainbow', blend: [0.4, 0.7] }), { label: 'A map' }),
	'attention-grid': () => {
		const maps = [map('llm', 1, 1), map('llm', 3, 2)];
		const drawing = mapGridDrawing(
			['one', 'two'],
			[
				{ image, question: 'What is left of the star?', maps },
				{ image, question: 'What is red?', maps: [...maps].reverse() },
			],
		);
		return drawingSvg(drawing, { label: 'Maps' });
	},
	// The pixels of the same drawing, as one picture.
	'attention-map-pixels': () => {
		const pixels = drawingPixels(mapDrawing(image, map('vit', 0, 3)));
		return drawingSvg({ ...pixels, marks: [{ kind: 'image', x: 0, y: 0, image: pixels }] }, { label: 'A map' });
	},
};

describe('attention maps are drawn as they were', () => {
	it.each(Object.entries(FIGURES))('%s', (name, draw) => {
		expectSnapshot(name, draw());
	});
});
