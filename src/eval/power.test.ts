import { describe, expect, it } from 'vitest';
import { UsageError } from '../base/errors.ts';
import { connorQuestions, detectableDifference, powerPlan, questionsNeeded } from './power.ts';
import { mcnemarExact } from './statistics.ts';

/** P(X = k) for X ~ Binomial(n, p), for all k. */
function binomial(n: number, p: number): number[] {
	let log = n * Math.log1p(-p);
	return Array.from({ length: n + 1 }, (_, k) => {
		if (k > 0) log += Math.log((n - k + 1) / k) + Math.log(p / (1 - p));
		return Math.exp(log);
	});
}

/** Exact power of the exact two-sided test at 5 %, by going through every outcome. */
function exactPower(n: number, { difference, discordance }: { difference: number; discordance: number }): number {
	const share = (1 + difference / discordance) / 2;
	let power = 0;
	binomial(n, discordance).forEach((weight, discordant) => {
		if (weight < 1e-9) return;
		binomial(discordant, share).forEach((chance, onlyB) => {
			if (mcnemarExact(discordant - onlyB, onlyB) <= 0.05) power += weight * chance;
		});
	});
	return power;
}

describe('connorQuestions', () => {
	// The R package MESS: power_mcnemar_test(paid = 0.05, psi = 45 / 5, power = 0.8) gives n = 22.
	it('gives the published n for discordant shares of 0.05 and 0.45', () => {
		expect(Math.round(connorQuestions(0.4, { discordance: 0.5 }))).toBe(22);
	});

	it('rises with the power and falls with the square of the difference', () => {
		const at = (difference: number, power?: number) =>
			connorQuestions(difference, { discordance: 0.2, ...(power && { power }) });
		expect(at(0.05, 0.9)).toBeGreaterThan(at(0.05));
		expect(at(-0.05)).toBe(at(0.05));
		expect(at(0.01) / at(0.02)).toBeGreaterThan(3.9);
	});

	it.each([
		[0, 0.2],
		[0.3, 0.2],
		[0.1, 1.5],
		[Number.NaN, 0.2],
	])('refuses a difference of %d with a discordance of %d', (difference, discordance) => {
		expect(() => connorQuestions(difference, { discordance })).toThrow(UsageError);
	});

	it('knows three powers', () => {
		expect(() => connorQuestions(0.1, { discordance: 0.2, power: 0.85 })).toThrow('--power 0.85: expected 0.8, 0.9');
	});
});

describe('questionsNeeded', () => {
	// The R package MESS: power_mcnemar_test(144, paid = 0.25, psi = 45 / 25, method = "exact", one-sided at 0.025) has
	// power 0.80.
	it('gives the published n of the exact test for discordant shares of 0.25 and 0.45', () => {
		expect(Math.abs(questionsNeeded(0.2, { discordance: 0.7 }) - 144)).toBeLessThanOrEqual(1);
	});

	it.each([
		{ difference: 0.05, discordance: 0.1 },
		{ difference: 0.05, discordance: 0.3 },
		{ difference: 0.1, discordance: 0.2 },
		{ difference: 0.2, discordance: 0.25 },
	])('gives the exact test the power that was asked for: %j', ({ difference, discordance }) => {
		for (const power of [0.8, 0.9]) {
			const reached = exactPower(questionsNeeded(difference, { discordance, power }), { difference, discordance });
			expect(reached).toBeGreaterThan(power - 0.02);
			// A test on few discordant questions has few p values, and may have to give more than was asked for.
			expect(reached).toBeLessThan(power + 0.08);
		}
	});
});

describe('powerPlan', () => {
	it('finds the difference that a number of questions can show', () => {
		const difference = detectableDifference(3000, { discordance: 0.2 })!;
		expect(questionsNeeded(difference, { discordance: 0.2 })).toBeLessThanOrEqual(3000);
		expect(questionsNeeded(difference - 0.001, { discordance: 0.2 })).toBeGreaterThan(3000);
		expect(detectableDifference(3, { discordance: 0.2 })).toBeUndefined();
	});

	it('leaves out what cannot be', () => {
		const { needed, detectable } = powerPlan(100);
		expect(needed).toHaveLength(25);
		for (const { difference, discordance, questions } of needed) {
			expect(questions === null).toBe(difference > discordance);
		}
		expect(detectable.map(({ difference }) => difference)).toContainEqual(null);
	});
});
