import { describe, expect, it } from 'vitest';
import { counts } from './counts.ts';
import { CATEGORIES, objectSets, topShare, wishes } from './plan.ts';
import { quadWishes } from './quads.ts';

const within = (values: Iterable<number>, share: number, slack = 1) =>
	[...values].every((value) => Math.abs(value - share) <= slack);

describe('the objects of a category', () => {
	// The weights are of 72: what holds for 1 … 72 images holds for any number.
	it.each([0, 1, 99])(
		'are the answer equally often over the categories, for any number of images (seed %i)',
		(seed) => {
			for (let images = 1; images <= 144; images++) {
				const sets = objectSets(seed, images);
				const colors = CATEGORIES.flatMap((category) =>
					sets[category].flatMap(({ color, count }) => Array<string>(count).fill(color)),
				);
				const shapes = CATEGORIES.flatMap((category) =>
					sets[category].flatMap(({ shape, count }) => Array<string>(count).fill(shape)),
				);
				expect(colors).toHaveLength(5 * images);
				for (const values of [colors, shapes]) {
					const found = counts(values);
					const all = [...found.values(), ...Array<number>(8 - found.size).fill(0)];
					expect(within(all, (5 * images) / 8), `${images} images: ${all}`).toBe(true);
				}
			}
		},
	);

	it('are as many as the category says, without a colour or a shape twice', () => {
		for (let seed = 0; seed < 20; seed++) {
			const sets = objectSets(seed, 100);
			for (const category of CATEGORIES) {
				expect(new Set(sets[category].map(({ color }) => color)).size).toBe(category);
				expect(new Set(sets[category].map(({ shape }) => shape)).size).toBe(category);
				expect(sets[category].every(({ count }) => count > 0)).toBe(true);
			}
		}
	});

	it('are others for another seed', () => {
		expect(objectSets(1, 100)).toEqual(objectSets(1, 100));
		expect(objectSets(1, 100)).not.toEqual(objectSets(2, 100));
	});

	it('give chance: at least one in their number', () => {
		expect(CATEGORIES.map(topShare)).toBeAllclose([1 / 2, 1 / 3, 5 / 18, 7 / 24, 5 / 24], { atol: 1e-12 });
	});
});

describe('what is dealt out', () => {
	it('is within one of its share over the whole set, and within two in each category, for any number of images', () => {
		for (let images = 1; images <= 40; images++) {
			const dealt = wishes(5, objectSets(5, images));
			const lists = [
				CATEGORIES.flatMap((category) => dealt[category]),
				...CATEGORIES.map((category) => dealt[category]),
			];
			for (const [i, list] of lists.entries()) {
				const n = list.length;
				const slack = i === 0 ? 1 : 2;
				const share = (key: (wish: (typeof list)[number]) => string, values: number) => {
					const found = [...counts(list.map(key)).values()];
					const all = [...found, ...Array<number>(values - found.length).fill(0)];
					expect(within(all, n / values, slack), `${images}: ${all}`).toBe(true);
				};
				share(({ side }) => side, 4);
				share(({ direction }) => direction, 4);
				share(({ asked }) => asked, 4);
				share(({ asked, direction }) => String(asked === direction), 2);
				share(({ asked, direction }) => `${asked} ${direction}`, 8);
			}
		}
	});

	it('is balanced over quads', () => {
		for (let quads = 1; quads <= 20; quads++) {
			const dealt = quadWishes(5, objectSets(5, quads));
			const asked = CATEGORIES.flatMap((category) => dealt[category].flatMap((wish) => wish.asked));
			const found = [...counts(asked).values()];
			const all = [...found, ...Array<number>(4 - found.length).fill(0)];
			expect(within(all, (5 * quads) / 2), `${quads}: ${all}`).toBe(true);
		}
	});
});
