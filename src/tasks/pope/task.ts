import { yesNo } from '../closed.ts';
import { buildTask, SHORT, type TaskInput } from '../score-task.ts';
import type { Task } from '../task.ts';
import { readPope } from './data.ts';
import { lenientReading } from './rule.ts';

/** POPE to be asked. Wordings: `llava` (its short-answer suffix), `paper`, `plain` (the question alone). */
export function popeTask(input: TaskInput): Promise<Task> {
	return buildTask(input, {
		name: 'pope',
		title: 'POPE: is the object in the image?',
		questions: readPope(input.files),
		wordings: {
			llava: ({ text }) => text + SHORT,
			paper: ({ text }) => `${text} \nPlease answer either "yes" or "no". For example, "yes".`,
			plain: ({ text }) => text,
		},
		describe: ({ image, label, category }) => ({ image, answer: label, category, chance: 0.5, groups: { label } }),
		answers: ['yes', 'no'],
		strict: (_, raw) => yesNo.strict(raw),
		lenient: (_, raw) => lenientReading(raw),
	});
}
