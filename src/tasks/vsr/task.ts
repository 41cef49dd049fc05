import { buildTask, type TaskInput } from '../score-task.ts';
import type { Task } from '../task.ts';
import { kindOfRelation } from './categories.ts';
import { readVsr } from './data.ts';
import { anyTruth, wholeTruth } from './rule.ts';

/** VSR to be asked. Wordings: `adaptvis` (that of the AdaptVis code; VSR itself has no prompt), `question`. */
export function vsrTask(input: TaskInput): Promise<Task> {
	return buildTask(input, {
		name: 'vsr',
		title: 'VSR: is the statement about the image true?',
		questions: readVsr(input.files),
		wordings: {
			adaptvis: ({ text }) =>
				`Determine whether the description about the spatial relationship is correct or not. Answer with yes or no: ${text}`,
			question: ({ text }) => `Is the following statement about the image true? ${text}\nAnswer with yes or no.`,
		},
		describe: ({ image, label, relation }) => ({
			image,
			answer: String(label),
			category: kindOfRelation.get(relation) ?? 'Uncategorized',
			chance: 0.5,
			groups: { relation, label: String(label) },
		}),
		answers: ['true', 'false'],
		strict: (_, raw) => wholeTruth(raw),
		lenient: (_, raw) => anyTruth(raw),
	});
}
