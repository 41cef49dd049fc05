import fc from 'fast-check';
import { expect, test } from 'vitest';
import { float32, type Tensor } from '../base/tensor.ts';
import { createGraph, input, output } from '../graph/index.ts';
import { nodeRuntime } from '../runtime/node.node.ts';
import { attend } from './attention.ts';
import { attentionScale, confidence, scalingFactor } from './attention-scaling.ts';

const softmax = (logits: readonly number[]) => {
	const weights = logits.map(Math.exp);
	const total = weights.reduce((a, b) => a + b);
	return weights.map((weight) => weight / total);
};

test('confidence is the largest probability', () => {
	expect(confidence([Math.log(1), Math.log(2), Math.log(5)])).toBeCloseTo(5 / 8, 12);
	expect(confidence([1000, 1000])).toBe(0.5);
	fc.assert(
		fc.property(fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 20 }), (logits) => {
			expect(confidence(logits)).toBeCloseTo(Math.max(...softmax(logits)), 10);
		}),
	);
});

test('AdaptVis takes the first weight below the threshold, the second from it on', () => {
	const adaptive = { kind: 'adaptive', threshold: 0.35, unsure: 0.5, sure: 1.5 } as const;
	expect([0.2, 0.349, 0.35, 0.9].map((p) => scalingFactor(adaptive, p))).toEqual([0.5, 0.5, 1.5, 1.5]);
	expect(scalingFactor({ kind: 'fixed', factor: 2 }, 0.1)).toBe(2);
});

test('factors stand in their rows and columns, ones elsewhere', () => {
	const scale = attentionScale([2, 2, 4], [1, 3], [1, 2], [3, 0.5]);
	expect(scale.shape).toEqual([2, 1, 2, 4]);
	expect([...scale.data]).toEqual([1, 1, 1, 1, 1, 3, 3, 1, 1, 0.5, 0.5, 1, 1, 1, 1, 1]);
});

test('attention with scaled logits, worked out by hand', async () => {
	const graph = createGraph('scaled');
	const [q, k, v] = ['q', 'k', 'v'].map((name) => input(graph, name, 'float32', [1, 1, 2, 4]));
	const bias = input(graph, 'bias', 'float32', [1, 1, 2, 2]);
	const scale = input(graph, 'scale', 'float32', [1, 1, 2, 2]);
	const { context, weights } = attend(q!, k!, v!, { bias, scale });
	output('context', context);
	output('weights', weights);
	const session = await nodeRuntime().createSession(graph, async () => float32([0], []));

	// Queries and keys of size 4: logits are q·k / 2, so [[1, 2], [3, −1]]; the first row may not see the second key.
	const feeds: Record<string, Tensor> = {
		q: float32([1, 1, 2, 4], [2, 0, 0, 0, 0, 2, 0, 0]),
		k: float32([1, 1, 2, 4], [1, 3, 0, 0, 2, -1, 0, 0]),
		v: float32([1, 1, 2, 4], [1, 0, 0, 0, 0, 1, 0, 0]),
		bias: float32([1, 1, 2, 2], [0, Number.NEGATIVE_INFINITY, 0, 0]),
		scale: float32([1, 1, 2, 2], [1, 1, 0.5, 1]),
	};
	const { weights: found, context: mixed } = await session.run(feeds);
	const last = softmax([3 * 0.5, -1]);
	expect(found!.data as Float32Array).toBeAllclose([1, 0, ...last], { atol: 1e-6 });
	expect(mixed!.data as Float32Array).toBeAllclose([1, 0, 0, 0, ...last, 0, 0], { atol: 1e-6 });
	await session.release();
});
