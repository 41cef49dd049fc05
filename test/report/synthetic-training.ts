import { type TrainingRun, trainingChance } from '../../src/report/training/inputs.ts';
import type { Metric } from '../../src/train/metrics.ts';

const STAGES = [
	{ name: 'contrastive', kind: 'contrastive', steps: 60, batch: 32, parts: ['encoder', 'captions'] },
	{ name: 'words', kind: 'dialogue', steps: 200, batch: 16, parts: ['decoder'] },
	{ name: 'instructions', kind: 'dialogue', steps: 400, batch: 16, parts: ['projector', 'decoder'] },
] as const;

/** A run of three stages that has taken `taken` of their 660 steps; every number follows from the step. */
export function syntheticTraining({ name = 'base', taken = 660, skill = 0.6 } = {}): TrainingRun {
	const chance = trainingChance({ images: 4, seed: 1 });
	const metrics = STAGES.flatMap(({ name: stage, steps, parts, kind }, i): Metric[] =>
		Array.from({ length: steps }, (_, k) => {
			const share = (k + 1) / steps;
			const right = (base: number) => base + skill * share * (1 - base);
			return {
				stage,
				step: k + 1,
				loss: 0.1 + 4 * Math.exp(-3 * share) * (1 + 0.1 * Math.sin(k)),
				accuracy: share * 0.9,
				learningRate: Object.fromEntries(parts.map((part) => [part, 0.001 * (i + 1) * (1 - share)])),
				gradientNorm: 1,
				imagesPerSecond: 50 + 5 * Math.cos(k),
				...(kind === 'dialogue' &&
					(k + 1) % 100 === 0 && {
						evaluation: {
							yesNo: right(chance.yesNo),
							direction: right(chance.direction),
							ventral: right(chance.ventral),
							byType: Object.fromEntries(Object.entries(chance.byType).map(([type, base]) => [type, right(base)])),
						},
					}),
			};
		}),
	).slice(0, taken);
	const stages = STAGES.map(({ parts: _, ...stage }) => stage);
	return { name, title: 'A <small> recipe', stages, metrics, finished: taken === 660, chance };
}
