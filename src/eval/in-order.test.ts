import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inOrder } from './in-order.ts';

const size = () => 1;

describe('inOrder', () => {
	it('works on one item at a time unless told otherwise, and starts the next when the result has been taken', async () => {
		const log: string[] = [];
		const work = async (item: number) => {
			log.push(`start ${item}`);
			await Promise.resolve();
			log.push(`end ${item}`);
		};
		for await (const [item] of inOrder([0, 1], work, { size, ahead: 0 })) log.push(`take ${item}`);
		expect(log).toEqual(['start 0', 'end 0', 'take 0', 'start 1', 'end 1', 'take 1']);
	});

	it('hands results on in order, however long each takes, and keeps to its limits', async () => {
		const scenario = fc.record({
			sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 40 }),
			ahead: fc.integer({ min: 0, max: 12 }),
			order: fc.infiniteStream(fc.nat(100)),
		});
		await fc.assert(
			fc.asyncProperty(scenario, async ({ sizes, ahead, order }) => {
				const open: { end: () => void; item: number }[] = [];
				let taken = 0;
				const work = (item: number) =>
					new Promise<number>((resolve) => {
						open.push({ item, end: () => resolve(item * 10) });
						const held = sizes.slice(taken, item).reduce((a, b) => a + b, 0);
						expect(held).toBeLessThanOrEqual(4 * ahead);
						const waiting = open.slice(1).filter((one) => one.item !== item);
						expect(waiting.reduce((sum, one) => sum + sizes[one.item]!, 0)).toBeLessThan(Math.max(1, ahead));
						setImmediate(endOne);
					});
				const endOne = () => {
					open.sort((a, b) => a.item - b.item);
					open.splice(order.next().value! % open.length, 1)[0]!.end();
				};
				const results: number[] = [];
				const items = sizes.keys();
				for await (const [item, result] of inOrder(items, work, { size: (i) => sizes[i]!, ahead })) {
					expect(item).toBe(taken++);
					results.push(result);
				}
				expect(results).toEqual(sizes.map((_, i) => i * 10));
			}),
			{ numRuns: 50 },
		);
	});

	it('goes on with the next items while the oldest is slow', async () => {
		let end = () => {};
		const slow = new Promise<void>((resolve) => {
			end = resolve;
		});
		const started: number[] = [];
		const work = async (item: number) => {
			started.push(item);
			if (item === 0) await slow;
		};
		const all = (async () => {
			for await (const _ of inOrder(Array.from({ length: 100 }).keys(), work, { size, ahead: 3 }));
		})();
		await new Promise((resolve) => setImmediate(resolve));
		expect(started).toHaveLength(4 * 3 + 1);
		end();
		await all;
		expect(started).toHaveLength(100);
	});

	it('throws the first error in order, with nothing left under way', async () => {
		let busy = 0;
		const work = async (item: number) => {
			busy++;
			await new Promise((resolve) => setTimeout(resolve, item === 1 ? 1 : 5));
			busy--;
			if (item === 1 || item === 3) throw new Error(`item ${item}`);
			return item;
		};
		const taken: number[] = [];
		const all = (async () => {
			for await (const [item] of inOrder([0, 1, 2, 3, 4], work, { size, ahead: 10 })) taken.push(item);
		})();
		await expect(all).rejects.toThrow('item 1');
		expect({ taken, busy }).toEqual({ taken: [0], busy: 0 });
	});

	it('starts nothing after a signal, hands on what has been started, and throws the reason if anything is left', async () => {
		const run = async (items: number[]) => {
			const controller = new AbortController();
			const taken: number[] = [];
			const work = async (item: number) => {
				if (item === 2) controller.abort(new Error('stop'));
			};
			const { signal } = controller;
			try {
				for await (const [item] of inOrder(items, work, { size, ahead: 0, signal })) taken.push(item);
			} catch (error) {
				return [taken, (error as Error).message];
			}
			return [taken, null];
		};
		expect(await run([0, 1, 2, 3])).toEqual([[0, 1, 2], 'stop']);
		expect(await run([0, 1, 2])).toEqual([[0, 1, 2], null]);
	});
});
