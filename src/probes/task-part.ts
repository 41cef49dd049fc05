import type { Task } from '../tasks/task.ts';
import { spread } from './data.ts';

/** The task with all questions of at most `images` of its images, the same ones that `taskData` takes. */
export function taskPart<T extends Task>(task: T, images: number): T {
	const chosen = new Set(spread([...new Set(task.questions.map(({ image }) => image))], images));
	return { ...task, questions: task.questions.filter(({ image }) => chosen.has(image)) };
}
