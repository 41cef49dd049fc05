import { afterAll, beforeAll, expect, test } from 'vitest';
import { float32, int64, sizeOf, type Tensor } from '../src/base/tensor.ts';
import type { Graph } from '../src/graph/index.ts';
import { dialogueLoss } from '../src/train/dialogue.ts';
import {
	gradientGraph,
	gradientName,
	meanName,
	nextName,
	rateName,
	squareName,
	updateGraph,
} from '../src/train/graphs.ts';
import { attentionBias } from '../src/vlm/cache.ts';
import { load } from '../src/vlm/load.node.ts';
import type { Model } from '../src/vlm/model.ts';
import { ROPE_COS, ROPE_SIN, ropeTables } from '../src/vlm/rope.ts';
import { goldenJson, goldenTensors } from './support/golden.ts';

/** L2 norm, sum and 64 samples at a fixed stride of a flattened tensor. */
interface Summary {
	l2: number;
	sum: number;
	stride: number;
	samples: number[];
}

interface Golden {
	loss: number;
	lr: number;
	gradients: Record<string, Summary>;
	steps: { loss: number; grad_norm: number }[];
	after_5_steps: Record<string, Summary>;
}

let model: Model;
let golden: Golden;
let feeds: Record<string, Tensor>;
let imageAt: number;

beforeAll(async () => {
	model = await load('test/fixtures/models/tiny-llava');
	golden = await goldenJson<Golden>('training.json');
	const tensors = await goldenTensors('training.safetensors');
	const ids = tensors.get('input_ids') as Tensor<'int64'>;
	const mask = tensors.get('labels_mask')!.data as Uint8Array;
	const [batch, text] = ids.shape as [number, number];
	const vision = 64;
	const length = text - 1 + vision;
	imageAt = Array.from(ids.data.subarray(0, text), Number).indexOf(model.config.imageTokenId);
	// Token t is predicted at position t − 1; vision tokens push what follows the image by V − 1. All sequences ask for as
	// many tokens as the longest list of targets has; what is too many repeats the first and counts nothing.
	const targets = Array.from({ length: batch }, (_, b) => [...Array(text).keys()].filter((i) => mask[b * text + i]));
	const asked = Math.max(...targets.map((list) => list.length));
	const columns = targets.flatMap((list) => Array.from({ length: asked }, (_, i) => list[i] ?? 1));
	const count = targets.flat().length;
	feeds = {
		pixel_values: tensors.get('pixel_values')!,
		input_ids: ids,
		position_ids: int64(
			[batch, length],
			Array.from({ length: batch * length }, (_, i) => i % length),
		),
		attention_bias: attentionBias(batch, length, length, (_, i) => [[0, i + 1]]),
		asked_positions: int64(
			[batch, asked],
			columns.map((i) => i + vision - 2),
		),
		asked_rows: int64(
			[batch * asked],
			columns.map((i, k) => Math.floor(k / asked) * length + i + vision - 2),
		),
		target_ids: int64(
			[batch * asked],
			columns.map((i, k) => Number(ids.data[Math.floor(k / asked) * text + i])),
		),
		target_weights: float32(
			[batch * asked],
			columns.map((_, k) => (k % asked < targets[Math.floor(k / asked)]!.length ? 1 / count : 0)),
		),
	};
});
afterAll(() => model.close());

const lossGraph = (trains: (name: string) => boolean) =>
	gradientGraph(trains, (graph, p) =>
		dialogueLoss(graph, p, {
			config: model.config,
			vision: {
				features: model.visionPath,
				tail: { normalize: null, pool: null, permute: false, scale: 1 },
				imageAt,
			},
		}),
	);

async function sessionOf(graph: Graph) {
	const rope = ropeTables(model.config.text);
	return model.runtime.createSession(graph, async (name) =>
		name === ROPE_COS ? rope.cos : name === ROPE_SIN ? rope.sin : model.checkpoint.read(name),
	);
}

function compare(
	data: Float32Array,
	{ l2, sum, stride, samples }: Summary,
	tolerance: { atol: number; rtol: number },
): void {
	expect([Math.hypot(...data)]).toBeAllclose([l2], tolerance);
	expect([data.reduce((a, b) => a + b, 0)]).toBeAllclose([sum], {
		atol: tolerance.atol * Math.sqrt(data.length) + 1e-5,
		rtol: tolerance.rtol,
	});
	expect(samples.map((_, i) => data[i * stride]!)).toBeAllclose(samples, tolerance);
}

test('the loss and the gradient of every parameter', async () => {
	const { graph, trained } = lossGraph((name) => name in golden.gradients);
	const names = trained.map(({ name }) => name);
	// The features come from hidden state −2: what the last encoder layer holds has no gradient, and is not in the graph.
	const reached = Object.entries(golden.gradients).filter(([, { l2 }]) => l2 > 0);
	expect([...names].sort()).toEqual(reached.map(([name]) => name).sort());
	const session = await sessionOf(graph);
	const parameters = Object.fromEntries(
		await Promise.all(names.map(async (name) => [name, await model.checkpoint.read(name)] as const)),
	);
	const results = await session.run({ ...feeds, ...parameters });
	await session.release();
	expect([...(results.loss!.data as Float32Array)]).toBeAllclose([golden.loss], { atol: 1e-5 });
	for (const name of names) {
		compare(results[gradientName(name)]!.data as Float32Array, golden.gradients[name]!, { atol: 2e-6, rtol: 2e-4 });
	}
});

test('five steps of AdamW on projector and language model', async () => {
	const { graph, trained } = lossGraph((name) => name in golden.after_5_steps);
	const session = await sessionOf(graph);
	const update = await sessionOf(
		updateGraph({ parameters: trained, group: () => 'all', weightDecay: () => 0.01, maxGradNorm: 1 }),
	);
	const parameters: Record<string, Tensor> = {};
	const state: Record<string, Tensor> = {};
	for (const { name } of trained) {
		const value = await model.checkpoint.read(name);
		parameters[name] = value;
		for (const zero of [meanName(name), squareName(name)]) {
			state[zero] = float32(value.shape, new Float32Array(sizeOf(value.shape)));
		}
	}
	for (const [i, expected] of golden.steps.entries()) {
		const { loss, accuracy: _, ...gradients } = await session.run({ ...feeds, ...parameters });
		const results = await update.run({
			...gradients,
			...parameters,
			...state,
			[rateName('all')]: float32([], [golden.lr]),
			step: float32([], [i + 1]),
		});
		expect([...(loss!.data as Float32Array)]).toBeAllclose([expected.loss], { atol: 2e-4, rtol: 2e-4 });
		expect([...(results.gradient_norm!.data as Float32Array)]).toBeAllclose([expected.grad_norm], { rtol: 2e-3 });
		for (const name of Object.keys(parameters)) parameters[name] = results[nextName(name)]!;
		for (const name of Object.keys(state)) state[name] = results[nextName(name)]!;
	}
	await session.release();
	await update.release();
	for (const { name } of trained) {
		compare(parameters[name]!.data as Float32Array, golden.after_5_steps[name]!, { atol: 5e-4, rtol: 1e-3 });
	}
});
