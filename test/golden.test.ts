import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tensor } from '../src/base/tensor.ts';
import type { VisionPath } from '../src/checkpoint/vision-path.ts';
import { attentionBias, emptyCache } from '../src/vlm/cache.ts';
import { embedPrefix } from '../src/vlm/embed.ts';
import { generate } from '../src/vlm/generate.ts';
import { visionEncoderGraph } from '../src/vlm/graphs.ts';
import { load } from '../src/vlm/load.node.ts';
import type { Model } from '../src/vlm/model.ts';
import { decode, prefill } from '../src/vlm/prefill.ts';
import { applyTail, encodePixels, overridePath } from '../src/vlm/vision.ts';
import { goldenJson, goldenTensors } from './support/golden.ts';

/** Largest difference to the PyTorch reference that is allowed, everywhere (float32). */
const ATOL = 2e-4;

interface GoldenAnswer {
	image: number;
	question: string;
	input_ids: number[];
	output_ids: number[];
	output_ids_permuted: number[];
	output: string;
}

let golden: Map<string, Tensor>;
let answers: GoldenAnswer[];
let traced: { answer: number }[];
let model: Model;
let tokens: Tensor<'float32'>;

const reference = (name: string) => golden.get(name)!.data as Float32Array;

beforeAll(async () => {
	golden = await goldenTensors('inference.safetensors');
	({ answers, traced } = await goldenJson<{ answers: GoldenAnswer[]; traced: { answer: number }[] }>('inference.json'));
	model = await load('test/fixtures/models/tiny-llava', { trace: true });
	tokens = await encodePixels(model, golden.get('pixel_values') as Tensor<'float32'>);
});
afterAll(() => model.close());

const withPath = (path: Partial<VisionPath>) => applyTail(model, tokens, overridePath(model, path));

describe('vision', () => {
	test('hidden states 0 … 8 and projected tokens', async () => {
		const session = await model.session('golden', () =>
			visionEncoderGraph(model.config, model.visionPath, { trace: true }),
		);
		const traces = await session.run({ pixel_values: golden.get('pixel_values')! });
		for (let n = 0; n <= 8; n++) {
			expect(traces[`hidden_states.${n}`]!.data).toBeAllclose(reference(`vision.hidden_states.${n}`), { atol: ATOL });
		}
		expect(tokens.data).toBeAllclose(reference('vision.tokens'), { atol: ATOL });
	});

	test('features of several layers, with and without post-layernorm', async () => {
		// The tiny projector takes one layer's channels, so the features are read before it.
		const config = { ...model.config, text: { ...model.config.text, hiddenSize: 8 } };
		for (const [postLayerNorm, name] of [
			[true, 'vision.multilayer.post'],
			[false, 'vision.multilayer.raw'],
		] as const) {
			const graph = visionEncoderGraph(config, { layers: [4, 6, 7, 8], postLayerNorm }, { trace: true });
			const session = await model.runtime.createSession(graph, async (weight) => {
				if (!weight.startsWith('multi_modal_projector')) return model.checkpoint.read(weight);
				const { shape } = graph.weights.get(weight)!;
				const dims = shape as number[];
				return { dtype: 'float32', shape: dims, data: new Float32Array(dims.reduce((a, b) => a * b)) };
			});
			const { features } = await session.run({ pixel_values: golden.get('pixel_values')! }, ['features']);
			await session.release();
			expect(features!.data).toBeAllclose(reference(name), { atol: ATOL });
		}
	});

	test('pooled to 1 … 5', async () => {
		for (let s = 1; s <= 5; s++) {
			expect((await withPath({ pool: s })).data).toBeAllclose(reference(`vision.pooled.${s}`), { atol: ATOL });
		}
	});

	test("the paper's normalisation, with weight ones", async () => {
		const normalized = await withPath({ normalize: { mode: 'paper', targetMean: 0.83, maxNorm: 1.22 } });
		expect(normalized.data).toBeAllclose(reference('vision.normalized.paper.w1'), { atol: ATOL });
	});

	test('permuted tokens', async () => {
		const order = Array.from(golden.get('permutation')!.data as BigInt64Array, Number);
		const { data } = await withPath({ permute: { kind: 'list', order } });
		const expected = reference('vision.tokens');
		order.forEach((from, to) => {
			expect(data.subarray(to * 192, (to + 1) * 192)).toEqual(
				expected.subarray(from * 192, (from + 1) * 192).map((_, i) => tokens.data[from * 192 + i]!),
			);
		});
	});
});

describe('decoder', () => {
	test('logits, hidden states and attentions of whole prompts', async () => {
		const layers = model.config.text.layers;
		for (const [r, { answer }] of traced.entries()) {
			const { image, input_ids } = answers[answer]!;
			const embeddings = golden.get(`trace.${r}.hidden_states.0`)!;
			const sequence = embeddings.shape[0]!;
			const fetch = [
				...Array.from({ length: layers + 1 }, (_, n) => `hidden_states.${n}`),
				...Array.from({ length: layers }, (_, n) => `attentions.${n}`),
			];
			const { logits, fetched } = await decode(
				model,
				{
					embeddings: { dtype: 'float32', shape: [1, sequence, 192], data: embeddings.data as Float32Array },
					positions: Array.from({ length: sequence }, (_, i) => i),
					bias: attentionBias(1, sequence, sequence, (_, i) => [[0, i + 1]]),
					logitRows: Array.from({ length: sequence }, (_, i) => i),
					fetch,
				},
				emptyCache(model, 1),
			);
			expect(logits.data).toBeAllclose(reference(`trace.${r}.logits`), { atol: ATOL });
			for (const name of fetch) {
				expect(fetched[name]!.data).toBeAllclose(reference(`trace.${r}.${name}`), { atol: ATOL });
			}
			// The embeddings that the reference starts from are those that we splice together.
			const at = input_ids.indexOf(model.config.imageTokenId);
			const own = {
				dtype: 'float32' as const,
				shape: [1, 64, 192],
				data: tokens.data.subarray(image * 64 * 192, (image + 1) * 64 * 192),
			};
			const prefix = await embedPrefix(model, input_ids.slice(0, at), own);
			expect(prefix.data).toBeAllclose((embeddings.data as Float32Array).subarray(0, prefix.data.length), {
				atol: ATOL,
			});
		}
	});

	test('prompts are encoded as the reference has them', () => {
		for (const { question, input_ids } of answers) {
			expect(model.text.encodePrompt({ question, image: true }).ids).toEqual(input_ids);
		}
	});

	test.each([
		['as they are', {}, 'output_ids'],
		['permuted', { permute: 'golden' }, 'output_ids_permuted'],
	] as const)('every greedy answer, vision tokens %s', async (_, change, expected) => {
		const order = Array.from(golden.get('permutation')!.data as BigInt64Array, Number);
		const vision = await withPath('permute' in change ? { permute: { kind: 'list', order } } : {});
		const at = answers[0]!.input_ids.indexOf(model.config.imageTokenId);
		const prefix = await prefill(model, await embedPrefix(model, answers[0]!.input_ids.slice(0, at), vision));
		const continuations = answers.map(({ image, question, input_ids }) => ({
			row: image,
			ids: input_ids.slice(at + 1),
			stream: question,
		}));
		const found = await generate(model, prefix, continuations);
		const eos = model.config.eosTokenIds[0]!;
		expect(found).toEqual(answers.map((answer) => answer[expected].filter((id) => id !== eos)));
	});
});
