import { benchmark } from '../score-benchmark.ts';
import { readTable } from './data.ts';
import { tableScorers } from './score.ts';
import { tableTask } from './task.ts';

export const table = benchmark({
	name: 'table',
	title: 'Any table of image, question and answer',
	isData: /\.(csv|tsv|jsonl|parquet)$/,
	questions: readTable,
	scorers: () => tableScorers,
	task: tableTask,
});
