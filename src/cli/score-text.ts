import { table } from '../base/columns.ts';
import type { ScoreResult } from '../tasks/score.ts';
import type { Metrics } from '../tasks/score-engine.ts';

/** Groups with more members than this stand in the JSON only. */
const MOST = 12;

/** Figures that are no share of anything. */
const PLAIN = new Set(['distribution']);

type Value = Metrics[string] | undefined;

const isGroup = (value: Value): value is Metrics => typeof value === 'object' && value !== null;

/**
 * A percentage as the official scripts print it: a tie, which is an odd multiple of 1/8, goes to the even digit in
 * Python 3, and away from zero (as `toFixed` has it) in the Python 2 of VQA v2.
 */
export function percent(value: number, task: string): string {
	const text = value.toFixed(2);
	const isTie = Math.abs(value * 8) % 2 === 1;
	return isTie && task !== 'vqav2' && Number(text.at(-1)) % 2 === 1
		? (value - Math.sign(value) * 1e-3).toFixed(2)
		: text;
}

function cell(name: string, value: Value, task: string): string {
	if (typeof value !== 'number') return '–';
	return PLAIN.has(name) ? value.toFixed(4) : percent(100 * value, task);
}

/** Tasks whose raw answers LLaVA converts before it hands them to the official scorer. */
const CONVERTING = new Set(['gqa', 'vqav2']);

const answersText = ({ task, answers }: ScoreResult): string => {
	const counts = [
		[answers.missing, 'questions without an answer'],
		[answers.unknown, 'answers to no question'],
		[answers.duplicates, 'double answers'],
		[answers.broken, 'broken records'],
		[answers.leftOut, 'answers to other splits'],
		[answers.otherConditions, 'records of other conditions'],
	] as const;
	const left = counts.filter(([count]) => count > 0).map(([count, what]) => `${what} ${count}`);
	const converted = answers.llava > 0 && CONVERTING.has(task) ? ['raw output, converted as LLaVA does'] : [];
	const alone = answers.pairedBy === 'id' && answers.checked === 0 ? ' alone: no answer repeats its question' : '';
	const other = answers.mismatched > 0 ? [`${answers.mismatched} of them repeat another question`] : [];
	return [
		`paired by ${answers.pairedBy}${alone}`,
		...other,
		...converted,
		...(left.length > 0 ? [`left out: ${left.join(', ')}`] : []),
	].join('; ');
};

/** The figures of a score as a table, in percent: one column a protocol. */
export function scoreText(result: ScoreResult): string {
	const protocols = Object.entries({ official: result.official, lenient: result.lenient, ...result.protocols });
	const rows: string[][] = [[`${result.task}, %`, ...protocols.map(([name]) => name)]];
	const hidden: string[] = [];
	const add = (label: string, name: string, pick: (metrics: Metrics) => Value) =>
		rows.push([label, ...protocols.map(([, metrics]) => cell(name, pick(metrics), result.task))]);
	const figures = [...new Set(protocols.flatMap(([, metrics]) => Object.keys(metrics)))];
	for (const name of figures.filter((figure) => figure !== 'counts')) {
		const groups = protocols.map(([, metrics]) => metrics[name]).filter(isGroup);
		if (groups.length === 0) {
			add(name, name, (metrics) => metrics[name]);
			continue;
		}
		const members = [...new Set(groups.flatMap((group) => Object.keys(group)))].filter((member) => member !== 'counts');
		if (members.length > MOST) {
			hidden.push(`${name} (${members.length})`);
			continue;
		}
		for (const member of members) {
			const inner = groups.map((group) => group[member]).filter(isGroup);
			const leaves = inner.length === 0 ? [null] : Object.keys(inner[0]!).filter((leaf) => leaf !== 'counts');
			for (const leaf of leaves) {
				add([name, member, leaf].filter((part) => part !== null).join(' '), leaf ?? member, (metrics) => {
					const group = metrics[name];
					const value = isGroup(group) ? group[member] : undefined;
					return leaf === null ? value : isGroup(value) ? value[leaf] : undefined;
				});
			}
		}
	}
	const unparsed = `${result.unparsed} without an answer that the lenient protocol could read`;
	const lines = [`${result.questions} questions, ${unparsed}; ${answersText(result)}`];
	if (result.balance) {
		const counts = Object.entries(result.balance).map(([answer, count]) => `${answer} ${count}`);
		lines.push(`right answers in the data: ${counts.join(', ')}`);
	}
	lines.push('', table(rows));
	if (hidden.length > 0) lines.push('', `in --json: ${hidden.join(', ')}`);
	return lines.join('\n');
}
