import { benchmark } from '../score-benchmark.ts';
import { readVsr } from './data.ts';
import { vsrScorers } from './score.ts';
import { vsrTask } from './task.ts';

export const vsr = benchmark({
	name: 'vsr',
	title: 'VSR: is the statement about the image true?',
	isData: /(dev|test|train)[^/]*\.jsonl$/,
	questions: readVsr,
	answer: ({ label }) => String(label),
	scorers: () => vsrScorers,
	task: vsrTask,
});
