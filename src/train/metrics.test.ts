import { expect, test } from 'vitest';
import { memoryStore } from '../checkpoint/files.memory.ts';
import { METRICS_FILE, type Metric, metricsUntil, readMetrics, writeMetrics } from './metrics.ts';

const metric = (stage: string, step: number): Metric => ({
	stage,
	step,
	loss: 1.5,
	accuracy: 0.25,
	learningRate: { decoder: 1e-3 },
	gradientNorm: 2,
	imagesPerSecond: 80,
});

test('what is written is read back; a broken line is named', async () => {
	const store = memoryStore([], { location: 'run' });
	expect(await readMetrics(store)).toEqual([]);
	const metrics = [
		metric('a', 1),
		{ ...metric('a', 2), evaluation: { yesNo: 0.5, direction: 0.3, ventral: 1, byType: { count: 1 } } },
	];
	await writeMetrics(store, metrics);
	expect(await readMetrics(store)).toEqual(metrics);
	const edited = new TextDecoder().decode(store.files.get(METRICS_FILE)).replace('"step":2', '"step":"2"');
	store.files.set(METRICS_FILE, new TextEncoder().encode(edited));
	await expect(readMetrics(store)).rejects.toThrow('run/metrics.jsonl: line 2: step: expected a number, got "2"');
});

test('a state has seen finished stages and the first steps of the one under way', () => {
	const metrics = [metric('a', 1), metric('a', 2), metric('b', 1), metric('b', 2), metric('c', 1)];
	expect(metricsUntil(metrics, ['a', 'b'], 1)).toEqual(metrics.slice(0, 3));
	expect(metricsUntil(metrics, ['a'], 0)).toEqual([]);
	expect(metricsUntil(metrics, ['a', 'b', 'c'], Number.POSITIVE_INFINITY)).toEqual(metrics);
});
