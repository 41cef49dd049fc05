import { expect, it } from 'vitest';
import { twoDsTask, ventralTask } from '../tasks/2ds.ts';
import { studyTasks } from './tasks.ts';

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
