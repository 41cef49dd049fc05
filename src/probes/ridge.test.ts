import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rng } from '../base/random.ts';
import { solvePositive } from './cholesky.ts';
import {
	addRow,
	createMoments,
	crossValidated,
	type LinearMap,
	type Moments,
	predict,
	ridge,
	squaredError,
} from './ridge.ts';

/** Rows whose label is a linear function of the features: the largest of `classes` fixed projections. */
function knownMap(rows: number, { features = 6, classes = 3, noise = 0, seed = 1 } = {}) {
	const random = rng(seed, 'known');
	const map = Array.from({ length: classes }, () => Array.from({ length: features }, () => random.normal()));
	return Array.from({ length: rows }, () => {
		const x = Float64Array.from({ length: features }, () => 3 + 10 * random.normal());
		const scores = map.map((w) => w.reduce((sum, v, i) => sum + v * (x[i]! - 3), 0) + noise * random.normal());
		return { x, label: scores.indexOf(Math.max(...scores)) };
	});
}

function momentsOf(rows: ReturnType<typeof knownMap>, classes: number): Moments {
	const moments = createMoments(rows[0]!.x.length, classes);
	for (const { x, label } of rows) addRow(moments, x, [label]);
	return moments;
}

function classify(map: LinearMap, x: Float64Array): number {
	const scores = new Float64Array(map.bias.length);
	predict(map, x, scores);
	return scores.indexOf(Math.max(...scores));
}

test('solves what it multiplied', () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 3 }), fc.nat(), (n, columns, seed) => {
			const random = rng(seed, 'solve');
			const factor = Array.from({ length: n }, () => Array.from({ length: n }, () => random.normal()));
			const a = new Float64Array(n * n);
			for (let i = 0; i < n; i++) {
				for (let j = 0; j < n; j++) {
					a[i * n + j] = factor[i]!.reduce((sum, v, k) => sum + v * factor[j]![k]!, i === j ? 1 : 0);
				}
			}
			const x = Float64Array.from({ length: n * columns }, () => random.normal());
			const b = new Float64Array(n * columns);
			for (let i = 0; i < n; i++) {
				for (let j = 0; j < n; j++) {
					for (let c = 0; c < columns; c++) b[i * columns + c]! += a[i * n + j]! * x[j * columns + c]!;
				}
			}
			expect(solvePositive(a, b, n)).toBe(true);
			expect(b).toBeAllclose(x, { atol: 1e-9, rtol: 1e-9 });
		}),
	);
	expect(solvePositive(Float64Array.of(1, 0, 2, 1), Float64Array.of(1, 1), 2)).toBe(false);
});

describe('ridge', () => {
	test('one feature, worked out by hand', () => {
		// x = 0, 2, 4, 6 with labels 0, 0, 1, 1: mean 3, deviation √5; covariance of x with "is 1" is 1.
		const moments = createMoments(1, 2);
		for (const [x, label] of [
			[0, 0],
			[2, 0],
			[4, 1],
			[6, 1],
		] as const)
			addRow(moments, Float64Array.of(x), [label]);
		const { weights, bias } = ridge(moments, 0.5);
		// On the standardised feature the slope is (1/√5) / (1 + 0.5), so on x itself 1 / 5 / 1.5.
		expect(weights).toBeAllclose([-1 / 7.5, 1 / 7.5], { atol: 1e-12 });
		expect(bias).toBeAllclose([0.5 + 3 / 7.5, 0.5 - 3 / 7.5], { atol: 1e-12 });
	});

	test('finds a known linear map again, and its error from the moments is that of the rows', () => {
		const rows = knownMap(2000);
		const map = ridge(momentsOf(rows, 3), 1e-4);
		const fresh = knownMap(4000).slice(2000);
		expect(fresh.filter(({ x, label }) => classify(map, x) === label).length).toBeGreaterThan(0.9 * 2000);

		const error = fresh.reduce((sum, { x, label }) => {
			const scores = new Float64Array(3);
			predict(map, x, scores);
			return sum + scores.slice(0, 2).reduce((part, score, c) => part + (Number(c === label) - score) ** 2, 0);
		}, 0);
		const two = ridge(momentsOf(rows, 3), 1e-4, 2);
		expect(two.bias).toBeAllclose(map.bias.slice(0, 2), { atol: 1e-12 });
		expect(squaredError(momentsOf(fresh, 3), two)).toBeCloseTo(error, 6);
	});

	test('constant features change nothing', () => {
		const rows = knownMap(200);
		const plain = ridge(momentsOf(rows, 3), 0.01);
		const padded = rows.map(({ x, label }) => ({ x: Float64Array.of(7, ...x, 0), label }));
		const { weights, bias } = ridge(momentsOf(padded, 3), 0.01);
		expect(weights.slice(3, -3)).toBeAllclose(plain.weights, { atol: 1e-12 });
		expect([...weights.slice(0, 3), ...weights.slice(-3)]).toEqual(Array(6).fill(0));
		expect(bias).toBeAllclose(plain.bias, { atol: 1e-12 });
	});

	test('does not depend on the scale of a feature', () => {
		const rows = knownMap(200);
		const plain = ridge(momentsOf(rows, 3), 0.01);
		const scaled = rows.map(({ x, label }) => ({ x: x.map((v, i) => (i === 2 ? v * 1000 : v)), label }));
		const other = ridge(momentsOf(scaled, 3), 0.01);
		for (const [i, { x }] of rows.entries()) expect(classify(other, scaled[i]!.x)).toBe(classify(plain, x));
	});
});

describe('cross-validation', () => {
	const accuracy = (rows: ReturnType<typeof knownMap>, folds: number) => {
		const parts = Array.from({ length: folds }, (_, f) => rows.filter((_, i) => i % folds === f));
		const maps = crossValidated(
			parts.map((part) => momentsOf(part, 3)),
			3,
		);
		const right = parts.map((part, f) => part.filter(({ x, label }) => classify(maps[f]!, x) === label).length);
		return right.reduce((a, b) => a + b) / rows.length;
	};

	test('is right where labels follow from features and at chance where they do not', () => {
		expect(accuracy(knownMap(1000, { noise: 1 }), 5)).toBeGreaterThan(0.85);
		const rows = knownMap(1000);
		const labels = rng(2, 'labels').shuffle(rows.map(({ label }) => label));
		const shares = [0, 1, 2].map((c) => labels.filter((label) => label === c).length / labels.length);
		const shuffled = rows.map(({ x }, i) => ({ x, label: labels[i]! }));
		expect(accuracy(shuffled, 5)).toBeLessThan(Math.max(...shares) + 0.05);
	});

	test('takes a strong ridge where features outnumber rows', () => {
		const rows = knownMap(40, { features: 60, noise: 20 });
		const parts = [0, 1, 2, 3].map((f) =>
			momentsOf(
				rows.filter((_, i) => i % 4 === f),
				3,
			),
		);
		for (const { weights } of crossValidated(parts, 3)) {
			expect(Math.max(...weights.map(Math.abs))).toBeLessThan(0.05);
		}
	});
});
