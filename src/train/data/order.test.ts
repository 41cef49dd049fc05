import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { conversationOrder, stepsOf } from './order.ts';

const sorted = (list: readonly number[]) => [...list].sort((a, b) => a - b);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

test('every pass takes each conversation once, in an order of its own', () => {
	const options = { seed: 1, stage: 's', batch: 4, grouped: false };
	const at = conversationOrder(Array(10).fill(true), options);
	const twoPasses = [1, 2, 3, 4, 5].flatMap(at);
	expect(sorted(twoPasses.slice(0, 10))).toEqual(upTo(10));
	expect(sorted(twoPasses.slice(10))).toEqual(upTo(10));
	expect(twoPasses.slice(0, 10)).not.toEqual(twoPasses.slice(10));
	// No step depends on the ones before.
	expect(conversationOrder(Array(10).fill(true), options)(3)).toEqual(twoPasses.slice(8, 12));
	expect(stepsOf(10, 2, 4)).toBe(5);
});

test('grouped, whole steps are of one modality in every pass, and of both in turn', () => {
	const hasImage = upTo(26).map((i) => i % 3 > 0);
	const at = conversationOrder(hasImage, { seed: 1, stage: 's', batch: 4, grouped: true });
	const kinds = upTo(13).map((i) => new Set(at(i + 1).map((number) => hasImage[number]!)));
	// 17 images make 4 steps and 9 texts 2; a pass has room for 6, one that begins in the middle of a step for 5 or 6.
	for (const steps of [kinds.slice(0, 6), kinds.slice(7, 13)]) {
		expect(steps.filter(({ size }) => size === 1).length).toBeGreaterThanOrEqual(5);
		expect(new Set(steps.flatMap((kind) => [...kind]))).toEqual(new Set([true, false]));
	}
	expect(kinds[0]!.size).toBe(1);
});

test('whatever the sizes, each pass is a permutation', () => {
	const passes = fc.record({
		hasImage: fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
		batch: fc.integer({ min: 1, max: 12 }),
		grouped: fc.boolean(),
	});
	fc.assert(
		fc.property(passes, ({ hasImage, batch, grouped }) => {
			const at = conversationOrder(hasImage, { seed: 3, stage: 's', batch, grouped });
			const count = hasImage.length;
			const all = upTo(Math.ceil((3 * count) / batch)).flatMap((i) => at(i + 1));
			for (const pass of [0, 1, 2]) {
				expect(sorted(all.slice(pass * count, (pass + 1) * count))).toEqual(upTo(count));
			}
		}),
	);
});
