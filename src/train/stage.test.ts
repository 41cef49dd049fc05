import { beforeAll, describe, expect, test } from 'vitest';
import { float32, type Tensor } from '../base/tensor.ts';
import { folderStore } from '../checkpoint/files.node.ts';
import { nodeRuntime } from '../runtime/node.node.ts';
import { workerRuntime } from '../runtime/worker-runtime.node.ts';
import { captionShapes } from './contrastive.ts';
import type { Sample } from './data/sample.ts';
import { openSource, type SampleSource } from './data/source.ts';
import { initialTensor } from './initial.ts';
import { type ContrastiveStage, type DialogueStage, type Recipe, recipeSchema } from './recipe.ts';
import type { StageContext, StageRunner, StepGradients } from './stage.ts';
import { openContrastiveStage } from './stage-contrastive.ts';
import { openDialogueStage } from './stage-dialogue.ts';
import { type Start, startingPoint } from './start.ts';

const questions = { locate_color: 1, color_rel: 1, shape_where: 1, count: 1 };
const dialogue = {
	name: 'instructions',
	kind: 'dialogue',
	steps: 10,
	batch: 7,
	microBatch: 16,
	learningRate: { encoder: 1e-3, projector: 1e-3, decoder: 1e-3 },
	data: { source: 'scenes', phases: [{ objects: [2, 4], turns: 3, questions }] },
};
const contrastive = {
	name: 'contrastive',
	kind: 'contrastive',
	steps: 10,
	batch: 5,
	learningRate: { encoder: 1e-3, captions: 1e-3 },
	captions: { hiddenSize: 16, intermediateSize: 16, layers: 1, heads: 2, projection: 8 },
	data: { source: 'scenes' },
};
const model = {
	vision: { hiddenSize: 16, intermediateSize: 16, layers: 2, heads: 2, patchSize: 16 },
	text: { hiddenSize: 32, intermediateSize: 32, layers: 2, heads: 2 },
};

let recipe: Recipe;
let start: Start;
let context: StageContext;
beforeAll(async () => {
	const normalize = { mode: 'paper', targetMean: 0.8, maxNorm: 1.2 } as const;
	recipe = recipeSchema.parse({ model, visionPath: { normalize }, stages: [dialogue, contrastive] });
	const assets = folderStore('test/fixtures/models/tiny-llava');
	start = await startingPoint(recipe, assets, null);
	await assets.close();
	context = {
		runtime: nodeRuntime({ threads: 1 }),
		config: start.config,
		text: start.text,
		preprocess: start.preprocess,
		features: start.visionPath,
		tail: { normalize, pool: 2, permute: false, scale: 1 },
		seed: 0,
		weights: start.weights,
	};
});

const noFiles = async () => Promise.reject(new Error('no file is read here'));

async function gradientsOf(
	change: Partial<DialogueStage>,
	source: Partial<SampleSource> = {},
	own: StageContext = context,
): Promise<StepGradients> {
	const stage = { ...(recipe.stages[0] as DialogueStage), ...change };
	const drawn = await openSource(stage, own, noFiles);
	const runner = openDialogueStage(stage, own, { ...drawn, ...source });
	const found = await runner.gradients(1);
	await runner.release();
	return found;
}

function expectSame(a: StepGradients, b: StepGradients): void {
	expect([a.loss, a.accuracy]).toBeAllclose([b.loss, b.accuracy], { atol: 1e-6 });
	expect([...a.gradients.keys()].sort()).toEqual([...b.gradients.keys()].sort());
	for (const [name, { data }] of a.gradients) {
		expect(data).toBeAllclose(b.gradients.get(name)!.data, { atol: 1e-6, rtol: 1e-4 });
	}
}

describe('gradients of a step', () => {
	test('are the same however many samples are taken at a time', async () => {
		const whole = await gradientsOf({});
		expect(whole.loss).toBeGreaterThan(3);
		expectSame(await gradientsOf({ microBatch: 3 }), whole);
		expectSame(await gradientsOf({ microBatch: 1 }), whole);
	});

	test('are the same where layers are computed anew', async () => {
		expectSame(await gradientsOf({ recompute: true }), await gradientsOf({}));
	});

	test('are the same whether questions share an image or each has it to itself', async () => {
		const stage = recipe.stages[0] as DialogueStage;
		const samples = await (await openSource(stage, context, noFiles)).samples(1);
		const alone: Sample[] = samples.flatMap((sample) =>
			sample.branches.map((branch) => ({ ...sample, branches: [branch] })),
		);
		expect(alone).toHaveLength(21);
		expectSame(await gradientsOf({}, { samples: async () => alone }), await gradientsOf({}));
	});
});

test('questions about one image may together be longer than what the decoder reads', async () => {
	const stage = recipe.stages[0] as DialogueStage;
	const { samples } = await openSource(stage, context, noFiles);
	const lengths = (await samples(1)).flatMap(({ prefix, branches }) =>
		branches.map(({ ids }) => prefix.length + 3 + ids.length),
	);
	const reading = (maxPositions: number) => ({
		...context,
		config: { ...context.config, text: { ...context.config.text, maxPositions } },
	});
	const longest = Math.max(...lengths);
	expectSame(await gradientsOf({}, { samples }, reading(longest)), await gradientsOf({}));
	await expect(gradientsOf({}, { samples }, reading(longest - 1))).rejects.toThrow(
		new RegExp(`a conversation of ${longest} tokens is longer than the model can read`),
	);
	await expect(gradientsOf({}, { samples }, reading(4))).rejects.toThrow(
		/questions about one image take \d+ tokens, and/,
	);
});

test('any number of worker threads gives the same gradients and answers, bit for bit', async () => {
	const stage = { ...(recipe.stages[0] as DialogueStage), microBatch: 2 };
	const bits = ({ loss, accuracy, gradients }: StepGradients) =>
		Buffer.concat([Float64Array.of(loss, accuracy), ...[...gradients.values()].map(({ data }) => data)].map(bytesOf));
	const results = [];
	for (const workers of [0, 1, 2, 3]) {
		const own = workers === 0 ? context : { ...context, runtime: workerRuntime({ workers, threads: 1 }) };
		const source = await openSource(stage, own, noFiles);
		const runner = openDialogueStage(stage, own, source);
		// The second step's samples have been drawn ahead; the fourth's have not.
		const steps = [await runner.gradients(1), await runner.gradients(2), await runner.gradients(4)];
		results.push({ steps: steps.map(bits), answers: await runner.answers!(await source.samples(3)) });
		await runner.release();
	}
	const [here, ...apart] = results;
	expect(here!.steps[0]!.length).toBeGreaterThan(100_000);
	expect(here!.steps[0]!.equals(here!.steps[1]!)).toBe(false);
	for (const one of apart) {
		expect(one.steps.map((step, i) => step.equals(here!.steps[i]!))).toEqual([true, true, true]);
		expect(one.answers).toEqual(here!.answers);
	}
});

test('samples of another wording than the stage are asked with the image in their own place', async () => {
	const stage = recipe.stages[0] as DialogueStage;
	const source = await openSource(stage, context, noFiles);
	const samples = await source.samples(1);
	const answersOf = async (imageAt: number) => {
		const runner = openDialogueStage(stage, context, { ...source, imageAt });
		const answers = await runner.answers!(samples);
		await runner.release();
		return answers;
	};
	expect(source.imageAt).toBe(3);
	expect(await answersOf(1)).toEqual(await answersOf(3));
});

test.each([
	[{ as: 'map' as const }, { imageSize: 16 }, /a map needs a grid of at least 2 × 2 patches/],
	[
		{ phases: [{ objects: [1, 1], questions: { color_rel: 1 } }] },
		{},
		/none of color_rel can be asked of scenes of 1 to 1/,
	],
	[
		{ phases: [{ objects: [2, 8], radius: [0.1, 0.4], questions: { count: 1 } }] },
		{},
		/phases\[0\]: no room for 8 objects/,
	],
])('scenes that cannot be drawn are told before the first step: %j', async (data, vision, message) => {
	const { stages } = recipeSchema.parse({
		stages: [{ ...dialogue, learningRate: { decoder: 1e-3 }, data: { ...dialogue.data, ...data } }],
	});
	const config = { ...context.config, vision: { ...context.config.vision, ...vision } };
	await expect(openSource(stages[0] as DialogueStage, { ...context, config }, noFiles)).rejects.toThrow(message);
});

test('an answer is right exactly if greedy generation would give it', async () => {
	const stage = recipe.stages[0] as DialogueStage;
	const source = await openSource(stage, context, noFiles);
	const samples = await source.samples(2);
	const runner = openDialogueStage({ ...stage, microBatch: 4 }, context, source);
	// Whatever token is put in the answer's place: one of them, the likeliest, is right, and no other.
	const first = samples.map((sample) => ({ ...sample, branches: sample.branches.slice(0, 1) }));
	const guesses = await Promise.all(
		Array.from({ length: start.config.text.vocabSize }, (_, id) => id).map(async (id) => {
			const forced = first.map((sample) => ({
				...sample,
				branches: sample.branches.map((branch) => answered(branch, id)),
			}));
			return (await runner.answers!(forced)).map(([right]) => right);
		}),
	);
	await runner.release();
	for (const i of samples.keys()) expect(guesses.filter((right) => right[i]).length).toBe(1);
});

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Float64Array) =>
	new Uint8Array(buffer, byteOffset, byteLength);

/** A branch whose answer is one token. */
const answered = ({ ids, targets }: Sample['branches'][0], id: number) => {
	const at = targets[0]!;
	return { ids: [...ids.slice(0, at), id], targets: [at] };
};

test("the contrastive loss's gradients agree with finite differences", async () => {
	const stage = recipe.stages[1] as ContrastiveStage;
	for (const [name, shape] of captionShapes(context.config, stage)) {
		context.weights.set(name, initialTensor(name, shape, { seed: 1, config: context.config }));
	}
	const runner: StageRunner = await openContrastiveStage(stage, context);
	const { gradients, loss } = await runner.gradients(3);
	expect(Math.abs(loss - Math.log(5))).toBeLessThan(1.5);
	const at = async (name: string, i: number, by: number): Promise<number> => {
		const kept = context.weights.get(name)!;
		const data = kept.data.slice();
		data[i]! += by;
		context.weights.set(name, float32(kept.shape, data));
		const found = (await runner.gradients(3)).loss;
		context.weights.set(name, kept as Tensor<'float32'>);
		return found;
	};
	const [step, checked] = [1e-2, [...gradients.keys()].filter((_, i) => i % 4 === 0)];
	for (const name of checked) {
		const { data } = gradients.get(name)!;
		const i = data.reduce((best, value, k) => (Math.abs(value) > Math.abs(data[best]!) ? k : best), 0);
		const slope = ((await at(name, i, step)) - (await at(name, i, -step))) / (2 * step);
		expect([data[i]!]).toBeAllclose([slope], { atol: 2e-3, rtol: 3e-2 });
	}
	await runner.release();
});
