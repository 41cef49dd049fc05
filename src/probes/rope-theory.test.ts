import { expect, test } from 'vitest';
import { ropeTheory } from './rope-theory.ts';

const points = ropeTheory({ visionTokens: 64, textTokens: 16, headDim: 32, queries: 4 });

test('closed forms agree with central differences over four decades', () => {
	expect(points.length).toBe(25);
	expect([points[0]!.scale, points.at(-1)!.scale]).toBeAllclose([0.1, 1000], { rtol: 1e-12 });
	for (const { error, residual } of points) {
		expect(error).toBeLessThan(1e-6);
		expect(residual.finite / residual.closed).toBeCloseTo(1, 5);
	}
});

test('logits grow in proportion to the vision norm, text stays', () => {
	const [first, last] = [points[0]!, points.at(-1)!];
	expect(last.visionLogit.max / first.visionLogit.max).toBeCloseTo(1e4, 6);
	expect(last.textLogit).toEqual(first.textLogit);
});

test('vision takes all weight and its sensitivity to position dies; the residual loses it as one over the norm', () => {
	const at = (scale: number) =>
		points.reduce((a, b) => (Math.abs(b.scale - scale) < Math.abs(a.scale - scale) ? b : a));
	expect(at(1000).alphaV).toBeGreaterThan(0.999);
	expect(at(1000).sensitivity.closed).toBeLessThan(1e-9);
	expect(at(1).sensitivity.closed).toBeGreaterThan(1e-3);
	expect(at(1000).residual.closed / at(100).residual.closed).toBeCloseTo(0.1, 2);
});
