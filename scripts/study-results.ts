import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ConditionResult, Paired, Results } from '../src/eval/run.ts';
import { interval, percent, points } from '../src/report/format.ts';
import { drawsRange } from '../src/report/words.ts';
import { layout } from '../src/study/layout.node.ts';

/** The model that the others are variants of. */
export const BASE = 'base';

/** What a study asks a model, by folder. */
export const TASKS: readonly (readonly [folder: string, title: string])[] = [
	['2ds', '2DS, yes-no form'],
	['2ds-direction', 'its relations, direction form'],
	['2ds-ventral', 'ventral twin ("what")'],
];

export const readJson = async <T>(file: string): Promise<T> => JSON.parse(await readFile(file, 'utf8')) as T;

/** Results of one task in a study. */
export const resultsOf = (study: string, model: string, task: string): Promise<Results> =>
	readJson(path.join(layout.run(study, model, task), 'results.json'));

/** A table in Markdown; the first row is its head, the first column is words, all others are numbers. */
export const markdown = (rows: readonly (readonly string[])[]): string =>
	rows
		.flatMap((row, i) => [
			`| ${row.join(' | ')} |`,
			...(i === 0 ? [`|${row.map((_, k) => (k === 0 ? '---|' : '---:|')).join('')}`] : []),
		])
		.join('\n');

/** A paired difference in points, with its interval. */
export const signed = ({ difference, interval: range }: Paired) => `${points(difference)} ${interval(range, points)}`;

/** Accuracy over several draws, and the least and the greatest among them: intervals are for these orders alone. */
export const overDraws = ({ accuracy, draws }: ConditionResult) => `${percent(accuracy)} (${drawsRange(draws)})`;

/** What the shuffle costs over all questions. */
export const lostIn = ({ paired }: Results) =>
	paired.find(({ a, b, category }) => a === 'intact' && b === 'permuted' && category === null)!;
