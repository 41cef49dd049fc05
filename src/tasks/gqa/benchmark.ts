import { benchmark } from '../score-benchmark.ts';
import { pairById } from '../score-pairing.ts';
import { isChoices, readGqa } from './data.ts';
import { gqaScorers } from './score.ts';
import { gqaTask } from './task.ts';

/** Questions, and beside them, where validity and plausibility are wanted, the file of choices. */
export const gqa = benchmark({
	name: 'gqa',
	title: 'GQA: compositional questions over scene graphs',
	isData: /(questions|choices)[^/]*\.jsonl?$/,
	questions: (files) => readGqa(files.filter((file) => !isChoices(file))),
	scorers: (files) => gqaScorers(files.find(isChoices) ?? null),
	pairing: ({ given }) => pairById(given),
	task: gqaTask,
});
