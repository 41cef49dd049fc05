import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { clock, createProgress, pace } from './progress.ts';

describe('clock', () => {
	it.each([
		[0, '0:00'],
		[65, '1:05'],
		[7400, '2:03:20'],
		[36000, '10:00:00'],
	])('%i seconds', (seconds, text) => {
		expect(clock(seconds)).toBe(text);
	});
});

describe('pace', () => {
	it('leaves work that was there already out of the rate', () => {
		expect(pace({ start: 0, before: 500, done: 600, total: 1000 }, 10_000)).toEqual({ rate: '10/s', left: '0:40' });
		expect(pace({ start: 0, before: 500, done: 500, total: 1000 }, 10_000)).toEqual({ rate: '…/s', left: '…' });
		expect(pace({ start: 0, before: 0, done: 5, total: 10 }, 0)).toEqual({ rate: '…/s', left: '…' });
	});
});

/** What is written for updates at given times. */
async function written(isTTY: boolean, updates: [time: number, label: string, done: number][]): Promise<string> {
	let time = 0;
	const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), {
		isTTY,
		columns: 120,
		cursorTo: () => true,
		moveCursor: () => true,
		clearLine: () => true,
	}) as unknown as NodeJS.WriteStream & PassThrough;
	const progress = await createProgress({ stream, every: 5000, now: () => time });
	for (const [at, label, done] of updates) {
		time = at;
		progress.update(label, done, 100);
	}
	progress.stop();
	return stream.read() ?? '';
}

describe('createProgress without a terminal', () => {
	it('writes one line at once, one every five seconds, and one at the end', async () => {
		expect(
			await written(false, [
				[0, 'answers', 0],
				[1000, 'answers', 10],
				[5000, 'answers', 50],
				[6000, 'answers', 60],
				[10000, 'answers', 100],
			]),
		).toBe('answers: 0/100\nanswers: 50/100, 10/s, 0:05 left\nanswers: 100/100, 10/s, 0:00 left\n');
	});

	it('closes a part whose last update was not printed when the next begins', async () => {
		expect(
			await written(false, [
				[0, 'first', 40],
				[2000, 'first', 100],
				[2000, 'second', 0],
			]),
		).toBe('first: 40/100\nfirst: 100/100, 0:02 in all\nsecond: 0/100\n');
	});

	it('writes nothing where nothing has begun', async () => {
		expect(await written(false, [])).toBe('');
	});
});

describe('createProgress on a terminal', () => {
	it('draws a bar with label, count, rate and time left', async () => {
		const text = await written(true, [
			[0, 'answers', 0],
			[5000, 'answers', 50],
		]);
		expect(text).toContain('answers');
		expect(text).toContain('50/100 | 10/s | 0:05 left');
	});
});
