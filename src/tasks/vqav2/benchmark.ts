import { benchmark } from '../score-benchmark.ts';
import { pairById } from '../score-engine.ts';
import { readAnnotations } from './data.ts';
import { vqaScorers } from './score.ts';
import { vqaTask } from './task.ts';

export const vqav2 = benchmark({
	name: 'vqav2',
	aliases: ['vqa'],
	title: 'VQA v2: open questions, ten human answers each',
	isData: /(annotations|questions)[^/]*\.jsonl?$/,
	questions: readAnnotations,
	scorers: () => vqaScorers,
	pairing: ({ given }) => pairById(given),
	task: vqaTask,
});
