import { type DrawnTask, twoDsTask, ventralTask } from '../tasks/2ds.ts';
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
	const pictures = new Map<string, Promise<Uint8Array>>();
	/** All three have the same images: each is drawn and encoded once. */
	const sharing = (task: DrawnTask): Task => ({
		...task,
		image(key) {
			const picture = pictures.get(key) ?? task.image(key);
			pictures.set(key, picture);
			return picture;
		},
	});
	return [
		{ folder: '2ds', task: sharing(twoDsTask({ seed })) },
		{ folder: '2ds-direction', task: sharing(twoDsTask({ seed, form: 'direction' })) },
		{ folder: '2ds-ventral', task: sharing(ventralTask({ seed })) },
	];
}
