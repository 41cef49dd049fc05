import { expect, test } from 'vitest';
import { float32 } from '../base/tensor.ts';
import {
	add,
	concat,
	constant,
	createGraph,
	encodeGraph,
	gather,
	gemm,
	input,
	matmul,
	output,
	product,
	reduceSum,
	reshape,
	slice,
	softmax,
	split,
	transpose,
	weight,
} from './index.ts';

const graph = () => createGraph('test');

test('shapes follow from the operators, named sizes included', () => {
	const g = graph();
	const x = input(g, 'x', 'float32', ['batch', 'sequence', 192]);
	const flat = reshape(x, [product('batch', 'sequence'), 192]);
	expect(flat.shape).toEqual(['batch*sequence', 192]);
	const projected = gemm(flat, weight(g, 'w', [96, 192]), null, { transposeB: true });
	const heads = transpose(reshape(projected, ['batch', 'sequence', 4, 24]), [0, 2, 1, 3]);
	expect(heads.shape).toEqual(['batch', 4, 'sequence', 24]);
	const logits = matmul(heads, transpose(heads, [0, 1, 3, 2]));
	expect(logits.shape).toEqual(['batch', 4, 'sequence', 'sequence']);
	expect(reduceSum(softmax(logits), [1]).shape).toEqual(['batch', 'sequence', 'sequence']);
	expect(concat([x, x], 1, { dim: 'twice' }).shape).toEqual(['batch', 'twice', 192]);
	expect(split(x, 2, [64, 128]).map(({ shape }) => shape[2])).toEqual([64, 128]);
	expect(slice(x, 2, -10, 192).shape).toEqual(['batch', 'sequence', 10]);
	expect(gather(x, input(g, 'i', 'int64', ['rows']), 1).shape).toEqual(['batch', 'rows', 192]);
});

test('errors name the operator, the types and the reason', () => {
	const g = graph();
	const a = input(g, 'a', 'float32', ['batch', 3, 4]);
	const b = input(g, 'b', 'float32', [5, 6]);
	expect(() => matmul(a, b)).toThrow('MatMul(float32[batch,3,4], float32[5,6]): the inner sizes 4 and 5 differ');
	expect(() => add(a, b)).toThrow('Add(float32[batch,3,4], float32[5,6]): the shapes do not broadcast');
	expect(() => reshape(a, ['batch', 11])).toThrow('holds another number of values');
	expect(() => transpose(b, [0, 0])).toThrow('[0,0] is not an order of its axes');
	expect(() => softmax(b, 2)).toThrow('there is no axis 2');
	expect(() => split(b, 0, [2, 2])).toThrow('the parts [2,2] do not make up axis 0');
	expect(() => add(b, input(g, 'c', 'int64', [5, 6]))).toThrow('the dtypes differ');
	expect(() => add(b, input(graph(), 'd', 'float32', [5, 6]))).toThrow('belongs to graph test');
});

test('a name is taken once, a weight keeps its shape, a constant is stored once', () => {
	const g = graph();
	input(g, 'x', 'float32', [1]);
	expect(() => input(g, 'x', 'float32', [1])).toThrow('the name x is taken');
	expect(weight(g, 'w', [2])).toBe(weight(g, 'w', [2]));
	expect(() => weight(g, 'w', [3])).toThrow('weight w is used as [2] and as [3]');
	expect(constant(g, float32([2], [1, 2]))).toBe(constant(g, float32([2], [1, 2])));
});

test('equal graphs give equal bytes, and weights stay outside', () => {
	const make = (scale: number) => {
		const g = graph();
		output('y', add(gemm(input(g, 'x', 'float32', ['n', 500]), weight(g, 'w', [500, 500])), scale));
		return encodeGraph(g);
	};
	expect(make(2)).toEqual(make(2));
	expect(make(2)).not.toEqual(make(3));
	expect(make(2).length).toBeLessThan(1000);
});
