import { expect, test } from 'vitest';
import type { Tensor } from '../../base/tensor.ts';
import { packBatch } from './batch.ts';
import type { Sample } from './sample.ts';

const layout = { visionTokens: 4, imageSize: 2, maxPositions: 20 };
const pixels = (value: number) => new Float32Array(12).fill(value);
const image = (value: number, branches: Sample['branches']): Sample => ({
	pixels: pixels(value),
	prefix: [1, 9],
	branches,
});

const short = image(1, [{ ids: [5, 6], targets: [1] }]);
const long = image(2, [
	{ ids: [5, 6, 7], targets: [1, 2] },
	{ ids: [8, 3], targets: [0, 1] },
]);
const numbers = (tensor: Tensor | undefined) => Array.from(tensor!.data as ArrayLike<number>, Number);

test('lays out prefix, image and branches; branches see the prefix and themselves', () => {
	const [{ feeds, samples, imageAt }] = packBatch([long, short], 8, layout) as [ReturnType<typeof packBatch>[0]];
	expect(imageAt).toBe(1);
	expect(samples).toEqual([short, long]);
	const shapes = Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape]));
	expect(shapes).toEqual({
		pixel_values: [2, 3, 2, 2],
		input_ids: [2, 7],
		position_ids: [2, 10],
		attention_bias: [2, 1, 10, 10],
		asked_positions: [2, 4],
		asked_rows: [8],
		target_ids: [8],
		target_weights: [8],
	});
	expect(numbers(feeds.pixel_values)).toEqual([...pixels(1), ...pixels(2)]);
	expect(numbers(feeds.input_ids)).toEqual([1, 9, 5, 6, 0, 0, 0, 1, 9, 5, 6, 7, 8, 3]);
	// Prefix 0 … 4 (<s> and four vision tokens); both branches go on from 5.
	expect(numbers(feeds.position_ids).slice(10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 5, 6]);
	const visible = numbers(feeds.attention_bias).map((value) => (value === 0 ? 1 : 0));
	const row = (b: number, i: number) => visible.slice((b * 10 + i) * 10, (b * 10 + i + 1) * 10).join('');
	expect(row(1, 2)).toBe('1110000000');
	expect(row(1, 6)).toBe('1111111000');
	expect(row(1, 8)).toBe('1111100010');
	expect(row(1, 9)).toBe('1111100011');
	expect(row(0, 9)).toBe('0000000001'); // padding
});

test('a target is asked for where it is predicted', () => {
	const [{ feeds }] = packBatch([long, short], 8, layout) as [ReturnType<typeof packBatch>[0]];
	expect(numbers(feeds.target_ids).slice(4)).toEqual([6, 7, 8, 3]);
	expect(numbers(feeds.asked_rows).slice(4)).toEqual([15, 16, 14, 18]);
	expect(numbers(feeds.asked_positions).slice(4)).toEqual([5, 6, 4, 5]);
	// Of five targets in all each weighs a fifth; what only fills up weighs nothing.
	expect(numbers(feeds.target_weights)).toBeAllclose([0.2, 0, 0, 0, 0.2, 0.2, 0.2, 0.2], { atol: 1e-7 });
});

test('micro-batches hold like lengths, text apart from images, and their weights add up to one', () => {
	const text: Sample = { pixels: null, prefix: [1], branches: [{ ids: [4, 4], targets: [1] }] };
	const parts = packBatch([long, text, short, long, text], 2, layout);
	expect(parts.map(({ samples }) => samples)).toEqual([[short, long], [long], [text, text]]);
	expect(parts.map(({ imageAt }) => imageAt)).toEqual([1, 1, null]);
	expect(parts[2]!.feeds.pixel_values).toBeUndefined();
	const weights = parts.flatMap(({ feeds }) => numbers(feeds.target_weights));
	expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
});

test('a conversation that is too long is refused', () => {
	const far = image(1, [{ ids: new Array(16).fill(5), targets: [1] }]);
	expect(() => packBatch([far], 1, layout)).toThrow(
		/a conversation of 21 tokens is longer .* \(max_position_embeddings 20\)/,
	);
});
