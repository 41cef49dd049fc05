import { describe, expect, it } from 'vitest';
import { clock, pace, startProgress } from './progress.ts';

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
		expect(pace(600, 1000, 500, 10)).toEqual({ rate: '10/s', left: '0:40' });
		expect(pace(500, 1000, 500, 10)).toEqual({ rate: '…/s', left: '…' });
	});
});

describe('startProgress without a terminal', () => {
	async function lines(updates: [time: number, done: number][]): Promise<string[]> {
		let time = 0;
		const written: string[] = [];
		const stream = { isTTY: false, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
		const progress = await startProgress('answers', 100, { stream, every: 5000, now: () => time });
		for (const [at, done] of updates) {
			time = at;
			progress.update(done);
		}
		progress.stop();
		return written;
	}

	it('writes one line at once, one every five seconds, and one at the end', async () => {
		const written = await lines([
			[0, 0],
			[1000, 10],
			[5000, 50],
			[6000, 60],
			[10000, 100],
		]);
		expect(written).toEqual([
			'answers: 0/100\n',
			'answers: 50/100, 10/s, 0:05 left\n',
			'answers: 100/100, 10/s, 0:00 left\n',
		]);
	});

	it('closes with a line where the last update was not printed', async () => {
		const written = await lines([
			[0, 40],
			[2000, 100],
		]);
		expect(written).toEqual(['answers: 40/100\n', 'answers: 100/100, 0:02 in all\n']);
	});
});
