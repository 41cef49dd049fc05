import { describe, expect, it } from 'vitest';
import { FORMS } from '../bench2ds/bench.ts';
import { solve } from '../bench2ds/solver.ts';
import { encodePng } from '../image/png.ts';
import { type DrawnTask, twoDsTask, ventralTask } from './2ds.ts';

const SMALL = { images: 8, size: 64 };

const sceneOf = ({ bench }: DrawnTask, key: string) => bench.entries.find((entry) => entry.key === key)!.scene;

describe.each([
	...FORMS.map((form) => ({ name: `2ds, ${form}`, task: twoDsTask({ ...SMALL, form }) })),
	{ name: '2ds with quads', task: twoDsTask({ ...SMALL, quads: true, form: 'both' }) },
	{ name: 'the twin', task: ventralTask(SMALL) },
])('$name', ({ task }) => {
	it('counts the solver’s answers as right, strictly and leniently, and others as wrong', () => {
		for (const question of task.questions) {
			const answer = solve(sceneOf(task, question.image), question.prompt)!;
			expect(task.strict(question, answer)).toEqual({ value: question.answer, status: 'ok', correct: true });
			expect(task.strict(question, `${answer.toUpperCase()}.`).correct).toBe(true);
			expect(task.lenient(question, `I would say ${answer}.`).correct).toBe(true);
			expect(task.strict(question, 'banana')).toEqual({ value: null, status: 'none', correct: false });
			expect(task.lenient(question, '').correct).toBe(false);
		}
	});

	it('has distinct ids, chances of a guess, and an image for every question', async () => {
		expect(new Set(task.questions.map(({ id }) => id)).size).toBe(task.questions.length);
		for (const { chance, groups } of task.questions) {
			expect(chance).toBeGreaterThanOrEqual(1 / 6);
			expect(chance).toBeLessThanOrEqual(0.5);
			expect(groups.objects).toMatch(/^[2-6]$/);
		}
		const { image } = task.questions.at(-1)!;
		expect(await task.image(image)).toEqual(encodePng(task.bench.image(image)));
	});
});

it('describes a question', () => {
	const { questions } = twoDsTask({ ...SMALL, form: 'both' });
	const [, , both, yesNo, , , direction] = questions;
	expect(both).toMatchObject({ id: '2-000/shape_color_abs', image: '2-000', category: 'shape_color_abs', chance: 0.5 });
	expect(both!.groups).toMatchObject({ objects: '2', form: 'open', type: 'absolute', names: 'shape_color' });
	expect(both!.groups.relation).toMatch(/^(top|bottom|left|right)$/);
	expect(yesNo).toMatchObject({ id: '2-000/color_rel/yes-no', chance: 0.5 });
	expect(direction).toMatchObject({ id: '2-000/color_rel/direction', chance: 0.25 });
	expect(direction!.groups).toMatchObject({ form: 'direction', type: 'relative', relation: direction!.answer });
	expect(
		ventralTask(SMALL)
			.questions.slice(0, 4)
			.map(({ category }) => category),
	).toEqual(['color', 'shape', 'exists', 'count']);
});

it('gives a model that always says yes no pair and no quad', () => {
	const task = twoDsTask({ ...SMALL, quads: true });
	const sets = new Map<string, boolean[]>();
	for (const question of task.questions.filter(({ groups }) => groups.form === 'yes-no')) {
		const { correct } = task.strict(question, 'yes');
		for (const set of ['set:pair', 'set:quad']) {
			const name = `${set} ${question.groups[set]}`;
			sets.set(name, [...(sets.get(name) ?? []), correct]);
		}
	}
	expect(sets.size).toBe(30 * 2 + 30); // ten quads of three types, each of two pairs
	for (const [name, members] of sets) {
		expect(members).toHaveLength(name.startsWith('set:pair') ? 2 : 4);
		expect(members.filter((correct) => correct).length).toBe(members.length / 2);
	}
});

it('has a hash and facts that tell everything which determines it', () => {
	const base = { images: 2, size: 32, seed: 1 };
	const hash = (task: DrawnTask) => task.dataHash;
	const same = hash(twoDsTask(base));
	expect(hash(twoDsTask(base))).toBe(same);
	const others = [
		ventralTask(base),
		twoDsTask({ ...base, size: 33 }),
		twoDsTask({ ...base, seed: 2 }),
		twoDsTask({ ...base, images: 3 }),
		twoDsTask({ ...base, form: 'both' }),
	].map(hash);
	expect(new Set([same, ...others]).size).toBe(6);
	expect(twoDsTask(base).facts).toEqual({ ...base, quads: false, placement: 'grid', form: 'yes-no', raster: 1 });
	expect(ventralTask(base).facts).toEqual({ ...base, quads: false, placement: 'grid', raster: 1 });
	expect(twoDsTask({ ...base, form: 'direction' }).title).toBe('2DS: where things are (direction form)');
});

it('refuses images and questions that it does not have', async () => {
	const task = twoDsTask(SMALL);
	await expect(task.image('7-000')).rejects.toThrow('2ds has no image "7-000"');
	expect(() => task.strict({ ...task.questions[0]!, id: 'x' }, 'red')).toThrow('2ds has no question x');
});
