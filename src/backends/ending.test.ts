import { expect, it } from 'vitest';
import { Ending, endOf, sleep } from './ending.ts';

const never = new Promise<never>(() => {});

it('ends every wait with the reason of the first end, and later ones at once', async () => {
	const controller = new AbortController();
	const ending = new Ending();
	ending.endWith(controller.signal);
	const waits = [ending.race(never), ending.race(sleep(1e6, ending).then(() => never)), sleep(1e6, ending)];
	controller.abort(new Error('stop'));
	ending.end(new Error('later'));
	const reasons = (await Promise.allSettled(waits)).map((one) => (one.status === 'rejected' ? one.reason.message : ''));
	expect(reasons).toEqual(['stop', 'stop', '']);
	await expect(ending.race(never)).rejects.toThrow('stop');
	await sleep(1e6, ending);
	expect(() => ending.throwIfEnded()).toThrow('stop');
});

it('gives what comes before the end', async () => {
	expect(await new Ending().race(Promise.resolve(7))).toBe(7);
	await expect(new Ending().race(Promise.reject(new Error('bad')))).rejects.toThrow('bad');
});

it('waits for the end of work no longer than told', async () => {
	await endOf(never, 1);
	await endOf(Promise.reject(new Error('bad')), 1e6);
});
