import fc from 'fast-check';
import { expect, test } from 'vitest';
import { permutationOrder } from './permutation.ts';

const sorted = (order: readonly number[]) => [...order].sort((a, b) => a - b);
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

test('every kind is a permutation, the same for the same seed', () => {
	const kinds = fc.constantFrom('grid' as const, 'rows' as const, 'columns' as const, 'blocks' as const);
	fc.assert(
		fc.property(kinds, fc.integer(), fc.integer({ min: 1, max: 6 }), (within, seed, half) => {
			const tokens = (2 * half) ** 2;
			const permute = { kind: 'random' as const, seed, within, ...(within === 'blocks' && { block: 2 }) };
			const order = permutationOrder(permute, tokens);
			expect(sorted(order)).toEqual(range(tokens));
			expect(order).not.toEqual(range(tokens));
			expect(permutationOrder(permute, tokens)).toEqual(order);
		}),
	);
});

test('a single token, and blocks of one, have nothing to shuffle', () => {
	for (const within of ['grid', 'rows', 'columns'] as const) {
		expect(permutationOrder({ kind: 'random', seed: 0, within }, 1)).toEqual([0]);
	}
	expect(permutationOrder({ kind: 'random', seed: 0, within: 'blocks', block: 1 }, 4)).toEqual([0, 1, 2, 3]);
});

test('rows, columns and blocks keep each token in its own', () => {
	const side = 8;
	const place: Record<string, (i: number) => unknown> = {
		rows: (i) => Math.floor(i / side),
		columns: (i) => i % side,
		blocks: (i) => `${Math.floor(i / side / 4)},${Math.floor((i % side) / 4)}`,
	};
	for (const within of ['rows', 'columns', 'blocks'] as const) {
		const order = permutationOrder({ kind: 'random', seed: 7, within, block: 4 }, side * side);
		expect(order).not.toEqual(range(side * side));
		order.forEach((from, to) => {
			expect(place[within]!(from)).toEqual(place[within]!(to));
		});
	}
});

test('reverse, lists and what is refused', () => {
	expect(permutationOrder({ kind: 'reverse' }, 4)).toEqual([3, 2, 1, 0]);
	expect(permutationOrder({ kind: 'list', order: [2, 0, 1] }, 3)).toEqual([2, 0, 1]);
	for (const order of [
		[0, 1],
		[0, 0, 1],
		[0, 1, 3],
	]) {
		expect(() => permutationOrder({ kind: 'list', order }, 3)).toThrow('a permutation of 3 vision tokens');
	}
	expect(() => permutationOrder({ kind: 'random', seed: 0, within: 'blocks', block: 3 }, 64)).toThrow(
		'blocks of 3 × 3 do not fill a grid of 8 × 8',
	);
});
