import { twoDsTask, ventralTask } from '../tasks/2ds.ts';
import type { Task } from '../tasks/task.ts';

/** The plain run and every control that the paper's claim rests on. */
export const CONDITIONS = 'intact,permuted,pool:4,pool:1,text-only,wrong-image';

export interface StudyTask {
	/** Name of its folder in a study. */
	folder: string;
	task: Task;
}

/** What a study asks, each under the name of its folder: 2DS in both forms, and "what" on the same images. */
export function studyTasks(seed: number): StudyTask[] {
	return [
		{ folder: '2ds', task: twoDsTask({ seed }) },
		{ folder: '2ds-direction', task: twoDsTask({ seed, form: 'direction' }) },
		{ folder: '2ds-ventral', task: ventralTask({ seed }) },
	];
}
