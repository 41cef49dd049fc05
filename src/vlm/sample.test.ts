import { expect, test } from 'vitest';
import { rng } from '../base/random.ts';
import { argMax, sampleToken } from './sample.ts';

test('greedy takes the first of the largest', () => {
	expect(argMax(Float32Array.of(1, 3, 3, 2))).toBe(1);
	expect(sampleToken(Float32Array.of(0, 5, 1), 0, rng(0))).toBe(1);
});

test('sampling follows softmax(logits / temperature)', () => {
	const logits = Float32Array.from([0.1, 0.2, 0.7], Math.log);
	const random = rng(3);
	const counts = [0, 0, 0];
	for (let i = 0; i < 20_000; i++) counts[sampleToken(logits, 1, random)]!++;
	// Three standard errors of a share of 0.7 over 20,000 draws are 0.0097.
	expect(counts.map((n) => n / 20_000)).toBeAllclose([0.1, 0.2, 0.7], { atol: 0.01 });
	const sharp = Array.from({ length: 200 }, () => sampleToken(logits, 0.05, random));
	expect(sharp.filter((token) => token === 2).length).toBe(200);
});
