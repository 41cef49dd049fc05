import { table } from '../base/columns.ts';
import type { Paired, Results, Score, SetScore } from '../eval/run.ts';
import { count, interval, percent, points, pValue } from '../report/format.ts';
import { differenceBounds, drawsRange } from '../report/words.ts';

/**
 * Statistics of a run for a terminal: one row a condition, then the categories, then sets of questions that count as
 * right where all are (with the versions that `--variants` asks in). Figures in percent.
 */
export function resultsText({ task, model, conditions, paired }: Results): string {
	const names = Object.keys(conditions);
	const versus = (name: string) =>
		paired.find(({ a, b, category }) => a === 'intact' && b === name && category === null);
	const overview = [
		['', 'right', '95 %', 'chance', 'lenient', 'unparsed', 'against intact', 'p', 'PSI'],
		...names.map((name) => {
			const result = conditions[name]!;
			const draws = result.draws.length > 1 ? ` (${result.draws.length} draws: ${drawsRange(result.draws)})` : '';
			return [
				name + draws,
				percent(result.accuracy),
				interval(result.interval),
				percent(result.chance),
				percent(result.lenient),
				percent(result.unparsed),
				...comparison(versus(name)),
			];
		}),
	];
	const categories = Object.keys(conditions[names[0]!]?.byCategory ?? {});
	const byCategory = [
		['', 'chance', ...names],
		...categories.map((category) => {
			const scores = names.map((name) => conditions[name]!.byCategory[category]);
			const cells = scores.map((score) => (score ? percent(score.accuracy) : ''));
			return [category, percent(scores[0]!.chance), ...cells];
		}),
	];
	const sets = Object.keys(conditions[names[0]!]?.sets ?? {});
	const bySet = [
		['', 'chance', ...names],
		...sets.flatMap((set) => [
			setRow(`all right in ${set}`, names, (name) => conditions[name]!.sets?.[set]),
			...Object.keys(conditions[names[0]!]!.byGroup[set] ?? {}).map((version) =>
				setRow(`${set} ${version}`, names, (name) => conditions[name]!.byGroup[set]?.[version]),
			),
		]),
	];
	const questions = conditions[names[0]!]?.questions ?? 0;
	const several = names.some((name) => conditions[name]!.draws.length > 1);
	return [
		`${task}, ${model}: ${count(questions)} questions a condition; percent`,
		table(overview),
		...(several ? ['Intervals are over images for these draws, not over all that could be drawn.'] : []),
		...(categories.length > 1 ? [table(byCategory)] : []),
		...(sets.length > 0 ? [table(bySet)] : []),
	].join('\n\n');
}

/** Accuracy of sets, or of one version of every question, under each condition. */
function setRow(label: string, names: readonly string[], of: (name: string) => SetScore | Score | undefined): string[] {
	const scores = names.map(of);
	const cells = scores.map((score) => (score ? percent(score.accuracy) : ''));
	return [label, scores[0] ? percent(scores[0].chance) : '', ...cells];
}

function comparison(paired: Paired | undefined): string[] {
	if (!paired) return ['', '', ''];
	const psi = paired.psi === null ? '' : percent(paired.psi);
	return [`${points(paired.difference)} ${differenceBounds(paired)}`, pValue(paired.p), psi];
}
