import { UsageError } from '../base/errors.ts';

/** Two-sided 5 %. */
const Z_ALPHA = 1.959963984540054;
/** Quantiles of the standard normal at the powers that can be asked for. */
const Z_POWER: Readonly<Record<string, number>> = {
	'0.8': 0.8416212335729143,
	'0.9': 1.2815515655446004,
	'0.95': 1.6448536269514722,
};

export interface PowerOptions {
	/** Share of the questions that exactly one side has right: at least the difference, at most 1. */
	discordance: number;
	/** Chance of seeing the difference where there is one: 0.8, 0.9 or 0.95. Default 0.8. */
	power?: number;
}

function zOf(power: number): number {
	const z = Z_POWER[String(power)];
	if (z === undefined) throw new UsageError(`--power ${power}: expected 0.8, 0.9 or 0.95`, { code: 'power' });
	return z;
}

/**
 * Paired questions for which McNemar's test at 5 % (two-sided) sees a difference δ of two accuracies with this power,
 * ψ being the discordance: n = (z₀.₉₇₅ √ψ + z_power √(ψ − δ²))² / δ². Not rounded.
 *
 * Reference: Connor (1987), Biometrics 43:207.
 */
export function connorQuestions(difference: number, { discordance, power = 0.8 }: PowerOptions): number {
	const delta = Math.abs(difference);
	if (!(delta > 0 && delta <= discordance && discordance <= 1)) {
		throw new UsageError(
			`a difference of ${difference} with a discordance of ${discordance}: expected 0 < difference ≤ discordance ≤ 1`,
			{ code: 'power' },
		);
	}
	const root = Z_ALPHA * Math.sqrt(discordance) + zOf(power) * Math.sqrt(discordance - delta * delta);
	return (root / delta) ** 2;
}

/**
 * Questions for which the exact test that runs are compared with sees a difference: Connor's n, corrected for continuity
 * as n/4 · (1 + √(1 + 4 / (n δ)))² (Casagrande, Pike & Smith 1978), which is about 2/δ more. Questions about one image
 * are not independent; where several are asked of each, more are needed.
 */
export function questionsNeeded(difference: number, options: PowerOptions): number {
	const n = connorQuestions(difference, options);
	return Math.ceil((n / 4) * (1 + Math.sqrt(1 + 4 / (n * Math.abs(difference)))) ** 2);
}

/** The smallest difference, to a thousandth, that this many questions can show; undefined where they show none. */
export function detectableDifference(questions: number, options: PowerOptions): number | undefined {
	for (let thousandths = 1; thousandths / 1000 <= options.discordance; thousandths++) {
		if (questionsNeeded(thousandths / 1000, options) <= questions) return thousandths / 1000;
	}
	return undefined;
}

/** What a user sees before a run: how many questions show which difference, and what the task's own can show. */
export interface PowerPlan {
	/** Of the task, after `--limit`. */
	questions: number;
	power: number;
	/** Null where a difference is larger than the discordance, which cannot be. */
	needed: { difference: number; discordance: number; questions: number | null }[];
	detectable: { discordance: number; difference: number | null }[];
}

export interface PowerPlanOptions {
	/** Default 1, 2, 3, 5 and 10 points. */
	differences?: readonly number[];
	/** Default 5, 10, 20, 30 and 50 %. */
	discordances?: readonly number[];
	/** Default 0.8. */
	power?: number;
}

export function powerPlan(
	questions: number,
	{
		differences = [0.01, 0.02, 0.03, 0.05, 0.1],
		discordances = [0.05, 0.1, 0.2, 0.3, 0.5],
		power = 0.8,
	}: PowerPlanOptions = {},
): PowerPlan {
	const needed = (difference: number, discordance: number) =>
		difference > discordance ? null : questionsNeeded(difference, { discordance, power });
	return {
		questions,
		power,
		needed: differences.flatMap((difference) =>
			discordances.map((discordance) => ({
				difference,
				discordance,
				questions: needed(difference, discordance),
			})),
		),
		detectable: discordances.map((discordance) => ({
			discordance,
			difference: detectableDifference(questions, { discordance, power }) ?? null,
		})),
	};
}
