import { expect, it } from 'vitest';
import { planQuestions } from '../eval/plan.ts';
import { twoDsTask, ventralTask } from '../tasks/2ds.ts';
import { checkLimit, studyTasks } from './tasks.ts';

it('asks about the same pixels in all its tasks', async () => {
	const seed = 3;
	const own = [twoDsTask({ seed }), twoDsTask({ seed, form: 'direction' }), ventralTask({ seed })];
	const shared = studyTasks(seed);
	expect(shared.map(({ task }) => task.questions.length)).toEqual([3000, 1500, 2000]);
	expect(new Set(shared[1]!.task.questions.map(({ groups }) => groups.form))).toEqual(new Set(['direction']));
	const key = own[0]!.questions[7]!.image;
	const first = await own[0]!.image(key);
	for (const { image } of own) expect(await image(key)).toEqual(first);
	for (const { task } of shared) expect(await task.image(key)).toEqual(first);
});

it('refuses a limit that leaves one image, and says which does not', () => {
	const tasks = studyTasks(0);
	const fewest = (limit: number) =>
		Math.min(
			...tasks.map(({ task: { questions } }) => {
				return planQuestions(questions, { limit, imagesPerBatch: 16, gallery: 0 }).chunks[0]!.images.length;
			}),
		);
	expect([fewest(6), fewest(7)]).toEqual([1, 2]);
	expect(() => checkLimit(6, tasks)).toThrow('study: --limit 6 leaves one image');
	expect(() => checkLimit(6, tasks)).toThrow('give --limit 7 or more');
	expect(() => checkLimit(7, tasks)).not.toThrow();
	expect(() => checkLimit(undefined, tasks)).not.toThrow();
});
