import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { UsageError } from '../base/errors.ts';
import { twoDsTask, ventralTask } from '../tasks/2ds.ts';
import type { Task } from '../tasks/task.ts';

/** The plain run and every control that the paper's claim rests on. */
export const CONDITIONS = 'intact,permuted,pool:4,pool:1,text-only,wrong-image';

/** Of a model that stands beside another: whether the order of its tokens bears "where", and whether it bears "what". */
export const BESIDE_TASKS = ['2ds', '2ds-ventral'];
export const BESIDE_CONDITIONS = 'intact,permuted';

export interface StudyTask {
	/** Name of its folder in a study. */
	folder: string;
	task: Task;
}

/** What a study asks, each under the name of its folder: 2DS, its relations in the direction form, and "what" on the same images. */
export function studyTasks(seed: number): StudyTask[] {
	return [
		{ folder: '2ds', task: twoDsTask({ seed }) },
		{ folder: '2ds-direction', task: relationsOf(twoDsTask({ seed, form: 'direction' })) },
		{ folder: '2ds-ventral', task: ventralTask({ seed }) },
	];
}

/** Refuses a limit that leaves one image of a task, where there is no other image to show. */
export function checkLimit(limit: number | undefined, tasks: readonly StudyTask[]): void {
	// A limit takes whole images, the first one first.
	const least = Math.max(
		...tasks.map(
			({ task: { questions } }) => 1 + questions.filter(({ image }) => image === questions[0]!.image).length,
		),
	);
	if (limit === undefined || limit >= least) return;
	throw new UsageError(
		`study: --limit ${limit} leaves one image, and a study also asks about another image than the right one; give --limit ${least} or more`,
		{ code: 'limit' },
	);
}

/** The relative questions of a task alone: the absolute ones are the same in both forms, and are asked once. */
function relationsOf(task: Task): Task {
	return {
		...task,
		facts: { ...task.facts, only: 'relative' },
		dataHash: bytesToHex(sha256(utf8ToBytes(`${task.dataHash} relative`))),
		questions: task.questions.filter(({ groups }) => groups.type === 'relative'),
	};
}
