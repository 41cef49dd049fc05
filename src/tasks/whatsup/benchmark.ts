import { benchmark } from '../score-benchmark.ts';
import { readWhatsUp } from './data.ts';
import { whatsUpScorers } from './score.ts';
import { whatsUpTask } from './task.ts';

export const whatsup = benchmark({
	name: 'whatsup',
	title: "What'sUp: where is the one object in relation to the other?",
	isData: /(controlled|(coco|vg)_qa)[^/]*\.json$/,
	questions: readWhatsUp,
	answer: ({ relation }) => relation,
	scorers: () => whatsUpScorers,
	task: whatsUpTask,
});
