import { table } from '../base/columns.ts';
import type { PowerPlan } from '../eval/power.ts';
import { count, percent } from '../report/format.ts';

/** A power plan for a terminal: questions by difference (rows) and discordance (columns). */
export function planText(task: string, { questions, power, needed, detectable }: PowerPlan): string {
	const discordances = detectable.map(({ discordance }) => discordance);
	const differences = [...new Set(needed.map(({ difference }) => difference))];
	const cell = (difference: number, discordance: number) => {
		const found = needed.find((one) => one.difference === difference && one.discordance === discordance);
		return found?.questions == null ? '' : count(found.questions);
	};
	return [
		`Questions needed to see a difference between two conditions or models at ${percent(power)} % power (p < 0.05, paired),\n` +
			'by the share of questions that only one of the two has right:',
		table([
			['difference', ...discordances.map((discordance) => `${percent(discordance)} % differ`)],
			...differences.map((difference) => [
				`${percent(difference)} points`,
				...discordances.map((discordance) => cell(difference, discordance)),
			]),
			[
				`${count(questions)} questions show`,
				...detectable.map(({ difference }) => (difference === null ? 'nothing' : `${percent(difference)} points`)),
			],
		]),
		`${task} has ${count(questions)} questions a condition. Questions about one image are not independent; where an image has\n` +
			'several, count on more. Formula: Connor (1987), corrected for the exact McNemar test.',
	].join('\n\n');
}
