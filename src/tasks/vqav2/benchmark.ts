import { benchmark } from '../score-benchmark.ts';
import { pairById } from '../score-pairing.ts';
import { readAnnotations, readTexts } from './data.ts';
import { vqaScorers } from './score.ts';
import { vqaTask } from './task.ts';

export const vqav2 = benchmark({
	name: 'vqav2',
	aliases: ['vqa'],
	title: 'VQA v2: open questions, ten human answers each',
	isData: /(annotations|questions)[^/]*\.jsonl?$/,
	async *questions(files, given) {
		const repeated = given.flatMap(({ id, asked }) => (asked === null ? [] : [id]));
		yield* readAnnotations(files, await readTexts(files, new Set(repeated)));
	},
	scorers: () => vqaScorers,
	pairing: ({ given }) => pairById(given),
	task: vqaTask,
});
