import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeTask } from '../../test/support/fake-eval.ts';
import type { Question } from '../tasks/task.ts';
import { planQuestions, spreadOrder } from './plan.ts';

const options = { imagesPerBatch: 16, gallery: 24 };
const asked = (plan: ReturnType<typeof planQuestions>) =>
	plan.chunks.flatMap(({ asks }) => asks.map((ask) => ask.question));

describe('spreadOrder', () => {
	it('halves, then quarters', () => {
		expect(spreadOrder(8)).toEqual([0, 4, 2, 6, 1, 5, 3, 7]);
		expect(spreadOrder(0)).toEqual([]);
	});

	it('has every number once', () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 300 }), (n) => {
				expect(spreadOrder(n).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
			}),
		);
	});
});

describe('planQuestions', () => {
	it('asks every question once, in chunks of which none has one image alone', () => {
		const shape = fc.record({
			images: fc.integer({ min: 1, max: 60 }),
			perImage: fc.integer({ min: 1, max: 4 }),
			imagesPerBatch: fc.integer({ min: 2, max: 20 }),
			limit: fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
		});
		fc.assert(
			fc.property(shape, ({ images, perImage, imagesPerBatch, limit }) => {
				const { questions } = fakeTask({ images, perImage });
				const plan = planQuestions(questions, { limit, imagesPerBatch, gallery: 5 });
				const ids = asked(plan).map(({ id }) => id);
				expect(ids).toHaveLength(Math.min(limit ?? Number.POSITIVE_INFINITY, questions.length));
				expect(plan.questions).toBe(ids.length);
				// In the task's own order.
				expect(ids).toEqual(questions.map(({ id }) => id).filter((id) => ids.includes(id)));
				const sizes = plan.chunks.map((chunk) => chunk.images.length);
				if (sizes.reduce((sum, size) => sum + size) > 1) expect(Math.min(...sizes)).toBeGreaterThan(1);
				expect(Math.max(...sizes)).toBeLessThanOrEqual(imagesPerBatch + 1);
				for (const chunk of plan.chunks) {
					for (const { image, question } of chunk.asks) expect(chunk.images[image]).toBe(question.image);
				}
			}),
		);
	});

	it('keeps the parts of the data in balance under a limit, and smaller limits within larger ones', () => {
		// As 2DS lies on disk: 100 images of 2 objects, then 100 of 3, …
		const questions = Array.from({ length: 3000 }, (_, i): Question => {
			const image = Math.floor(i / 6);
			return {
				id: `q${i}`,
				image: `i${image}`,
				prompt: '',
				answer: '',
				category: `type-${i % 6}`,
				chance: 0,
				groups: { objects: String(2 + Math.floor(image / 100)) },
			};
		});
		let smaller = new Set<string>();
		for (const limit of [6, 60, 100, 600, 1500]) {
			const taken = asked(planQuestions(questions, { ...options, limit }));
			const ids = new Set(taken.map(({ id }) => id));
			expect([...smaller].filter((id) => !ids.has(id))).toEqual([]);
			smaller = ids;
			const counts = (of: (question: Question) => string) => {
				const byKey = new Map<string, number>();
				for (const question of taken) byKey.set(of(question), (byKey.get(of(question)) ?? 0) + 1);
				return [...byKey.values()];
			};
			const types = counts(({ category }) => category);
			expect(Math.max(...types) - Math.min(...types)).toBeLessThanOrEqual(1);
			if (limit < 60) continue;
			const objects = counts((question) => question.groups.objects!);
			expect(objects).toHaveLength(5);
			// At most two images off an even share.
			for (const count of objects) expect(Math.abs(count - limit / 5)).toBeLessThanOrEqual(12);
		}
	});

	it('takes questions out of the sets that a limit cuts, and out of no other group', () => {
		const { questions } = fakeTask({ images: 8, perImage: 1 });
		const groups = (limit?: number) =>
			asked(planQuestions(questions, { ...options, limit })).map((question) => question.groups);
		expect(groups().every((group) => 'set:quad' in group)).toBe(true);
		// Seven of the eight images: the second quad has lost one.
		expect(groups(7).map((group) => group['set:quad'])).toEqual(['0', '0', '0', '0', undefined, undefined, undefined]);
		expect(groups(7).every((group) => group.position === '0')).toBe(true);
	});

	it('keeps images of the gallery apart, spread over categories and data', () => {
		const { gallery } = planQuestions(fakeTask({ images: 100, perImage: 2 }).questions, options);
		expect(gallery).toHaveLength(24);
		expect(new Set(gallery.map(({ image }) => image)).size).toBe(24);
		expect(gallery.filter(({ category }) => category === 'odd')).toHaveLength(12);
		const thirds = [0, 0, 0];
		for (const { image } of gallery) thirds[Math.floor(Number(image.slice(6)) / 34)]!++;
		expect(Math.min(...thirds)).toBeGreaterThanOrEqual(6);
		expect(planQuestions(fakeTask({ images: 3, perImage: 2 }).questions, options).gallery).toHaveLength(3);
	});

	it('refuses an id that occurs twice', () => {
		const { questions } = fakeTask({ images: 1, perImage: 1 });
		expect(() => planQuestions([...questions, ...questions], options)).toThrow('questions: id "q0" occurs twice');
	});
});
