import { expect } from 'vitest';

export interface Tolerance {
	atol?: number;
	rtol?: number;
}

/** numpy's rule: |actual − expected| ≤ atol + rtol · |expected| for every element; prints the worst one. */
function toBeAllclose(
	actual: ArrayLike<number>,
	expected: ArrayLike<number>,
	{ atol = 1e-6, rtol = 0 }: Tolerance = {},
) {
	if (actual.length !== expected.length) {
		return { pass: false, message: () => `expected ${expected.length} values, got ${actual.length}` };
	}
	let worst = { excess: Number.NEGATIVE_INFINITY, index: -1 };
	for (let i = 0; i < actual.length; i++) {
		const excess = Math.abs(actual[i]! - expected[i]!) - atol - rtol * Math.abs(expected[i]!);
		if (!(excess <= worst.excess)) worst = { excess, index: i };
		if (Number.isNaN(excess)) break;
	}
	const i = worst.index;
	return {
		pass: actual.length === 0 || worst.excess <= 0,
		message: () =>
			`worst of ${actual.length} values at ${i}: got ${actual[i]}, expected ${expected[i]}, ` +
			`difference ${Math.abs(actual[i]! - expected[i]!)} (atol ${atol}, rtol ${rtol})`,
	};
}

expect.extend({ toBeAllclose });

declare module 'vitest' {
	// biome-ignore lint/suspicious/noExplicitAny: vitest's own signature
	interface Matchers<T = any> {
		toBeAllclose(expected: ArrayLike<number>, tolerance?: Tolerance): T;
	}
}
