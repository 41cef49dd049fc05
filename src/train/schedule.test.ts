import { expect, test } from 'vitest';
import { scheduleAt } from './schedule.ts';

const rates = (warmup: number, final: number, steps: number) =>
	Array.from({ length: steps }, (_, i) => scheduleAt({ warmup, final }, i + 1, steps));

test('rises linearly to the peak, then falls along a cosine', () => {
	// transformers' get_cosine_schedule_with_warmup(2, 10) at its steps 1 … 10, where our step n is its n.
	expect(rates(0.2, 0, 10).slice(0, 3)).toEqual([0.5, 1, 1]);
	const falling = Array.from({ length: 8 }, (_, i) => (1 + Math.cos((Math.PI * i) / 8)) / 2);
	expect(rates(0.2, 0, 10).slice(2)).toBeAllclose(falling, { atol: 1e-12 });
});

test('without warm-up begins at the peak; ends at the share that is asked for', () => {
	expect(rates(0, 1, 5)).toEqual([1, 1, 1, 1, 1]);
	const all = rates(0, 0.1, 1000);
	expect(all[0]).toBe(1);
	expect(all.at(-1)).toBeGreaterThan(0.1);
	expect(all.at(-1)).toBeLessThan(0.1001);
	expect(scheduleAt({ warmup: 1, final: 0 }, 3, 3)).toBe(1);
});
