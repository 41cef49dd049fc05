import { expect, test } from 'vitest';
import { ahead, runParts } from './overlap.ts';

const later = (milliseconds = 5) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('parts are begun at once and taken in their order, whichever is done first', async () => {
	const log: string[] = [];
	const run = async (part: number) => {
		log.push(`begin ${part}`);
		await later(part === 1 ? 10 : 1);
		return part * part;
	};
	const take = (square: number, part: number) => log.push(`${part}: ${square}`);
	await runParts([1, 2, 3], { workers: 2 }, run, take);
	expect(log.splice(0)).toEqual(['begin 1', 'begin 2', 'begin 3', '1: 1', '2: 4', '3: 9']);
	await runParts([1, 2], {}, run, take);
	expect(log).toEqual(['begin 1', '1: 1', 'begin 2', '2: 4']);
});

test('the first part that fails is told, and the others are let go', async () => {
	const run = async (part: number) => Promise.reject(new Error(`part ${part}`));
	await expect(runParts([1, 2], { workers: 2 }, run, () => {})).rejects.toThrow('part 1');
	await later();
});

test('with worker threads the next step is made during the present one, and fails in its own', async () => {
	const made: number[] = [];
	const make = async (step: number) => {
		made.push(step);
		if (step === 3) throw new Error('no third');
		return step * 10;
	};
	const steps = ahead(make, { workers: 1 }, 4);
	expect(await steps(1)).toBe(10);
	expect(made).toEqual([1]);
	await later();
	expect(made).toEqual([1, 2]);
	expect(await steps(2)).toBe(20);
	await later();
	await expect(steps(3)).rejects.toThrow('no third');
	expect(await steps(4)).toBe(40);
	await later();
	expect(made).toEqual([1, 2, 3, 4]);

	const plain = ahead(make, {}, 4);
	await plain(1);
	await later();
	expect(made).toEqual([1, 2, 3, 4, 1]);
});
