import { expect, test } from 'vitest';
import { folderStore } from '../checkpoint/files.node.ts';
import { nodeRuntime } from '../runtime/node.node.ts';
import { evaluateStage, evaluationSet } from './evaluation.ts';
import { recipeSchema } from './recipe.ts';
import type { StageContext } from './stage.ts';
import { startingPoint } from './start.ts';

const phases = [{ questions: { count: 1 } }];
const stage = {
	name: 'a',
	kind: 'dialogue',
	steps: 1,
	batch: 1,
	learningRate: { decoder: 1 },
	data: { source: 'scenes', phases },
};

async function contextOf(): Promise<StageContext> {
	const assets = folderStore('test/fixtures/models/tiny-llava');
	const start = await startingPoint(recipeSchema.parse({ stages: [stage] }), assets, null);
	await assets.close();
	const tail = { normalize: null, pool: null, permute: false, scale: 1 };
	return { ...start, runtime: nodeRuntime(), features: start.visionPath, tail, seed: 0 };
}

test('every question of a small 2DS and its ventral twin is asked of its own image, or of its scene in words', async () => {
	const context = await contextOf();
	for (const as of ['image', 'map', 'list'] as const) {
		const { samples, types } = evaluationSet({ every: 1, images: 2, seed: 1 }, { as, cells: 8 }, context);
		expect(samples).toHaveLength(10);
		for (const [i, { branches, pixels }] of samples.entries()) {
			expect(branches).toHaveLength(13);
			expect(new Set(types[i]).size).toBe(13);
			expect(pixels?.length).toBe(as === 'image' ? 3 * 64 * 64 : undefined);
		}
	}
});

test('the summary is the mean over question types, of each form its own', async () => {
	const set = evaluationSet({ every: 1, images: 2, seed: 1 }, { as: 'map', cells: 8 }, await contextOf());
	const rightWhere = (right: (type: string) => boolean) => async () => set.types.map((types) => types.map(right));
	const all = await evaluateStage(
		set,
		rightWhere(() => true),
	);
	expect(all).toMatchObject({ yesNo: 1, direction: 1, ventral: 1 });
	expect(Object.keys(all.byType)).toHaveLength(13);
	const absolute = await evaluateStage(
		set,
		rightWhere((type) => type.endsWith('_abs')),
	);
	expect(absolute).toMatchObject({ yesNo: 0.5, direction: 0.5, ventral: 0 });
	const color = await evaluateStage(
		set,
		rightWhere((type) => ['color', 'color_where'].includes(type)),
	);
	expect([color.yesNo, color.direction, color.ventral]).toBeAllclose([0, 1 / 6, 1 / 4], { atol: 1e-12 });
});
