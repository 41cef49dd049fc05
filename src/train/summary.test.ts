import { expect, test } from 'vitest';
import type { Metric } from './metrics.ts';
import { summary } from './summary.ts';

const line = (stage: string, step: number, loss: number): Metric => ({
	...{ stage, step, loss, accuracy: 0.5, learningRate: {}, gradientNorm: 1, imagesPerSecond: 50 },
});

test('the end of a stage is its last 50 steps, however many a line stands for and however long it was', () => {
	const steps = 200_000;
	const long = Array.from({ length: steps }, (_, i) => line('long', i + 1, i < steps - 50 ? 9 : 1));
	const thin = [25, 50, 75, 100].map((step) => line('thin', step, step > 50 ? 2 : 9));
	const { steps: all, loss, stages } = summary(['long', 'none', 'thin'], [...long, ...thin]);
	expect(stages.map(({ name, steps, loss }) => [name, steps, loss])).toEqual([
		['long', steps, 1],
		['thin', 100, 2],
	]);
	expect([all, loss]).toEqual([steps + 100, 2]);
});
