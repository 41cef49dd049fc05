import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { float32, row, type Tensor } from '../src/base/tensor.ts';
import type { VisionPath } from '../src/checkpoint/vision-path.ts';
import { probeAttention } from '../src/probes/attention.ts';
import { attentionMap } from '../src/probes/attention-map.ts';
import { probeBalance } from '../src/probes/balance-probe.ts';
import { type ProbeData, spread, taskData } from '../src/probes/data.ts';
import { normalizedEntropy } from '../src/probes/entropy.ts';
import { probeNorms } from '../src/probes/norms.ts';
import { encoderView, mapCaption, mapDrawing, mapGridDrawing } from '../src/probes/overlay.ts';
import { attentionProbeSchema, balanceProbeSchema, normsProbeSchema, ropeProbeSchema } from '../src/probes/results.ts';
import { visionRollout } from '../src/probes/rollout.ts';
import { probeRope } from '../src/probes/rope.ts';
import { tracedPrompt, tracePrompt } from '../src/probes/trace.ts';
import { type DrawnTask, twoDsTask } from '../src/tasks/2ds.ts';
import { ask } from '../src/vlm/ask.ts';
import { visionEncoderGraph } from '../src/vlm/graphs.ts';
import { pixelsOf } from '../src/vlm/images.ts';
import { load } from '../src/vlm/load.node.ts';
import type { Model } from '../src/vlm/model.ts';
import { applyTail, encodePixels, overridePath } from '../src/vlm/vision.ts';
import { goldenJson, goldenTensors } from './support/golden.ts';

let model: Model;
let task: DrawnTask;
let data: ProbeData;

beforeAll(async () => {
	model = await load('test/fixtures/models/tiny-llava', { trace: true });
	task = twoDsTask({ seed: 0 });
	data = taskData(task, { limit: 10 });
});
afterAll(() => model.close());

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

describe('data of a task', () => {
	test('images from all over the task, kinds of question in turn, all questions as captions', () => {
		expect(data.items.length).toBe(10);
		expect(new Set(data.items.map(({ id }) => id)).size).toBe(10);
		expect(new Set(data.items.map(({ id }) => id[0])).size).toBeGreaterThan(2);
		expect(data.items.every(({ captions }) => captions.length === 6)).toBe(true);
		expect(data.items[0]!.question.slice(0, 10)).not.toBe(data.items[1]!.question.slice(0, 10));
		expect(taskData(task).items.length).toBe(500);
	});
});

describe('norms', () => {
	test('are those of the reference, quantiles those of sorted norms', async () => {
		const { norms } = await goldenJson<{ norms: Record<string, number> }>('inference.json');
		const tensors = await goldenTensors('inference.safetensors');
		const pixels = tensors.get('image_u8')!;
		const items = Array.from({ length: 6 }, (_, i) => {
			const rgb = row(pixels, i).data as Uint8Array;
			const image = async () => ({ width: 64, height: 64, data: rgb });
			return { id: `${i}`, image, question: 'how many objects are in the image?', captions: ['red circle'] };
		});
		const result = await probeNorms(model, { name: 'golden', items });
		expect(result.vision.count).toBe(6 * 64);
		expect(result.vision.mean / norms.vision_mean!).toBeCloseTo(1, 4);
		expect(result.vision.max / norms.vision_max!).toBeCloseTo(1, 4);

		const tokens = tensors.get('vision.tokens')!.data as Float32Array;
		const exact = Array.from({ length: 6 * 64 }, (_, t) => Math.hypot(...tokens.subarray(t * 192, (t + 1) * 192)));
		exact.sort((a, b) => a - b);
		const median = (exact[191]! + exact[192]!) / 2;
		expect(Math.abs(result.vision.quantiles['0.5']! / median - 1)).toBeLessThan(0.0023);
		expect(sum(result.grid.mean) / 64 / result.vision.mean).toBeCloseTo(1, 10);
		const above = exact.filter((norm) => norm >= result.outliers.threshold).length;
		expect(result.outliers.share).toBeCloseTo(above / exact.length, 12);
		expect(sum(result.outliers.byPlace!) / 64).toBeCloseTo(result.outliers.share, 12);

		// Each of the six captions is <s>, red, circle.
		const words = (await model.checkpoint.read('language_model.model.embed_tokens.weight')) as Tensor<'float32'>;
		const ids = model.text.tokenizer.encode('red circle', { special: true });
		const own = ids.map((id) => Math.hypot(...(row(words, id).data as Float32Array)));
		expect(result.text.count).toBe(18);
		expect(result.text.mean / (sum(own) / 3)).toBeCloseTo(1, 6);
		expect(result.ratio.mean).toBeCloseTo(result.vision.mean / result.text.mean, 12);

		// Layer 0 of the decoder is the embeddings themselves.
		expect(result.hidden!.layers[0]!.vision / result.vision.mean).toBeCloseTo(1, 5);
		expect(result.hidden!.layers[0]).toMatchObject({ system: null });
		expect(result.hidden!.layers.length).toBe(5);
	});

	test('cosine to the nearest word is the largest over the vocabulary', async () => {
		const one = { name: 'one', items: data.items.slice(0, 1) };
		const { nearest } = await probeNorms(model, one, { hidden: 0 });
		const pixels = await pixelsOf(model, [await one.items[0]!.image()]);
		const tokens = await encodePixels(model, pixels);
		const words = (await model.checkpoint.read('language_model.model.embed_tokens.weight')) as Tensor<'float32'>;
		const unit = (x: Float32Array) => x.map((v) => v / (Math.hypot(...x) || 1));
		const vocabulary = Array.from({ length: 192 }, (_, i) => unit(row(words, i).data as Float32Array));
		const best = Array.from({ length: 64 }, (_, t) => {
			const token = unit(tokens.data.subarray(t * 192, (t + 1) * 192));
			return Math.max(...vocabulary.map((word) => word.reduce((dot, x, i) => dot + x * token[i]!, 0)));
		});
		expect(nearest!.mean).toBeCloseTo(sum(best) / 64, 5);
		expect([nearest!.min, nearest!.max]).toBeAllclose([Math.min(...best), Math.max(...best)], { atol: 1e-5 });
		expect(nearest!.words.length).toBeGreaterThan(0);
	});

	test('where the path changes tokens, both what leaves the projector and what is received', async () => {
		const path: Partial<VisionPath> = { normalize: { mode: 'paper', targetMean: 0.83, maxNorm: 1.22 } };
		const result = await probeNorms(model, data, { path, hidden: 0, nearest: false });
		expect([result.vision.min, result.vision.max]).toBeAllclose([1.0126, 1.0126], { atol: 1e-4 });
		expect(result.projected!.mean).toBeGreaterThan(20);
		expect([result.hidden, result.nearest]).toEqual([null, null]);
		const plain = await probeNorms(model, data, { hidden: 0, nearest: false });
		expect(plain.projected).toBeNull();
		expect(plain.vision).toEqual(result.projected);
	});
});

describe('rollout', () => {
	test('is weights times the mean of row-normalised attention, as from the whole attention', async () => {
		const pixels = await pixelsOf(model, [await data.items[3]!.image()]);
		const weights = Array.from({ length: 64 }, (_, i) => (i % 7) + 1);
		const path = model.visionPath; // hidden_states[-2] of 8 layers: layers 1 … 7
		const own = await visionRollout(model, path, pixels, weights);

		const session = await model.session('whole', () => visionEncoderGraph(model.config, path, { trace: true }));
		const whole = await session.run({ pixel_values: pixels });
		const expected = new Float64Array(64);
		const total = sum(weights);
		for (let layer = 0; layer < 7; layer++) {
			const data = whole[`attentions.${layer}`]!.data as Float32Array; // [1, 4, 65, 65]
			for (let i = 0; i < 64; i++) {
				const mean = Array.from({ length: 64 }, (_, j) => {
					const at = (head: number) => data[(head * 65 + i + 1) * 65 + j + 1]!;
					return (at(0) + at(1) + at(2) + at(3)) / 4;
				});
				const rowSum = sum(mean);
				for (let j = 0; j < 64; j++) expected[j]! += ((weights[i]! / total) * mean[j]!) / rowSum / 7;
			}
		}
		expect(own).toBeAllclose(expected, { atol: 1e-7 });
		expect(sum(own)).toBeCloseTo(1, 6);
	});
});

describe('attention maps', () => {
	const question = 'What color is at the top of the image?';
	const map = async (options = {}) => attentionMap(model, await data.items[0]!.image(), question, options);

	test('the default is the first token, all layers and heads, the decoder alone', async () => {
		const { answer } = await ask(model, await data.items[0]!.image(), question);
		const found = await map();
		expect(found).toMatchObject({
			answer,
			source: 'llm',
			rows: 8,
			columns: 8,
			layers: [0, 1, 2, 3],
			heads: [0, 1, 2, 3],
		});
		expect(found.token).toEqual({ index: 0, id: model.text.tokenizer.tokenId(answer), text: answer });
		expect(sum(found.weights)).toBeCloseTo(found.visionShare, 10);
		expect(found.entropy).toBeCloseTo(normalizedEntropy(found.weights), 12);
		expect(mapCaption(found)).toBe(
			`Attention to the image as the model generates the token "${answer}" (number 1 of the answer "${answer}"); decoder layers 0-3, heads 0-3: mean over heads, BOS left out, sum 1 in each layer, mean over layers. ${(found.visionShare * 100).toPrecision(2)} % of the row goes to the image. Colours from least to greatest. Normalised entropy ${found.entropy.toFixed(2)}.`,
		);
	});

	test('maps of single layers average to the map of all of them', async () => {
		const all = await map();
		const single = await Promise.all([0, 1, 2, -1].map((layer) => map({ layers: [layer] })));
		expect(single[3]!.layers).toEqual([3]);
		const mean = all.weights.map((_, i) => sum(single.map(({ weights }) => weights[i]!)) / 4);
		expect(mean).toBeAllclose(all.weights, { atol: 1e-12 });
		expect((await map({ layers: [1], heads: [2] })).weights).not.toEqual(single[1]!.weights);
	});

	test('permuted tokens are drawn where they came from', async () => {
		// Reversed twice is the plain order; reversed once, the same patches stand at other positions.
		const order = Array.from({ length: 64 }, (_, i) => i);
		const plain = await map();
		expect((await map({ path: { permute: { kind: 'list', order } } })).weights).toEqual(plain.weights);
		const path = overridePath(model, { permute: { kind: 'reverse' } });
		const reversed = await map({ path });
		const pixels = await pixelsOf(model, [await data.items[0]!.image()]);
		const tokens = await applyTail(model, await encodePixels(model, pixels), path);
		const { rows, spans } = await tracePrompt(model, await tracedPrompt(model, tokens, question));
		const last = rows[0]!.attention[3]![0]!.slice(...spans.vision);
		const head = await map({ path, layers: [3], heads: [0] });
		const scale = last[10]! / head.weights[53]!;
		expect(last).toBeAllclose(
			[...head.weights].reverse().map((weight) => weight * scale),
			{ rtol: 1e-5 },
		);
		expect(reversed.weights).not.toEqual(plain.weights);
	});

	test('pooled tokens have a smaller grid; composed maps are on the patches', async () => {
		expect(await map({ path: { pool: 4 } })).toMatchObject({ rows: 4, columns: 4 });
		const composed = await map({ path: { pool: 4 }, source: 'composed' });
		expect([composed.rows, sum(composed.weights)]).toBeAllclose([8, 1], { atol: 1e-5 });
		const vit = await map({ source: 'vit' });
		expect(vit.weights).not.toEqual((await map({ source: 'composed' })).weights);
		expect(mapCaption(vit)).toContain('of all patches together in the vision encoder: mean attention');
	});

	test('drawn over what the encoder sees, with scale and caption, one by one and as a grid', async () => {
		const image = await encoderView(model, await data.items[0]!.image(), { size: 96 });
		const [a, b] = [await map(), await map({ source: 'vit' })];
		const one = mapDrawing(image, a);
		expect(one.marks.filter(({ kind }) => kind !== 'text').map(({ kind }) => kind)).toEqual(['image', 'scale']);
		const text = one.marks.flatMap((mark) => (mark.kind === 'text' ? [mark.text] : [])).join(' ');
		expect(text).toContain('layers 0-3');
		const grid = mapGridDrawing(['one', 'two'], [{ image, question, maps: [a, b] }]);
		expect(grid.marks.filter(({ kind }) => kind === 'image').length).toBe(2);
		expect(image).toMatchObject({ width: 96, height: 96 });
	});
});

describe('over images', () => {
	test('attention: entropies in 0 … 1, H(mean) at least mean(H) over one answer', async () => {
		const result = attentionProbeSchema.parse(await probeAttention(model, data, { maps: 2 }));
		expect(result.maps.map(({ image }) => image)).toEqual(spread(data.items, 2).map(({ id }) => id));
		const { entropy } = result;
		for (const { mean } of [entropy.meanOfH, entropy.hOfMean]) {
			expect(mean).toBeGreaterThan(0);
			expect(mean).toBeLessThan(1);
		}
		// Entropy is concave.
		expect(entropy.hOfMean.mean).toBeGreaterThanOrEqual(entropy.meanOfH.mean - 1e-9);
		expect(entropy.hOfMeanOverAll).toBeGreaterThan(entropy.hOfMean.mean);
		expect([entropy.byLayer.meanOfH.length, entropy.byHead.length, entropy.byHead[0]!.length]).toEqual([4, 4, 4]);
		expect(entropy.rows).toBeGreaterThanOrEqual(10);
		expect([sum(entropy.perImage!) / data.items.length]).toBeAllclose([entropy.meanOfH.mean], { rtol: 1e-12 });
		const some = await probeAttention(model, data, { maps: 0, layers: [1, 2], heads: [0] });
		expect([some.layers, some.entropy.byHead.length, some.entropy.byHead[0]!.length]).toEqual([[1, 2], 2, 1]);
		expect(some.entropy.byHead[1]![0]).toBeCloseTo(entropy.byHead[2]![0]!, 12);
	});

	test('balance: shares add up to 1; a system prompt is measured with and without', async () => {
		const plain = balanceProbeSchema.parse(await probeBalance(model, data));
		expect(plain.conditions.map(({ name }) => name)).toEqual(['as asked']);
		const [asked, stripped] = (await probeBalance(model, data, { system: 'look at the image' })).conditions;
		expect(asked!.systemTokens).toBeGreaterThan(3);
		expect(stripped!.systemTokens).toBe(0);
		for (const { shares, sharesByLayer } of [asked!, stripped!]) {
			expect(sum(Object.values(shares).map(({ mean }) => mean))).toBeCloseTo(1, 5);
			for (const layer of sharesByLayer) expect(sum(Object.values(layer))).toBeCloseTo(1, 5);
		}
		expect(asked!.shares.system.mean).toBeGreaterThan(0);
		// With its tokens taken out the prompt is the plain one.
		expect(stripped).toEqual({ ...plain.conditions[0], name: 'without system prompt' });
	});

	test('RoPE: before and after normalisation, and the theory', async () => {
		const result = ropeProbeSchema.parse(await probeRope(model, data, { theory: { queries: 1 } }));
		expect(result.conditions.map(({ name, trained }) => [name, trained])).toEqual([
			['not normalised', true],
			['normalised (paper)', false],
		]);
		expect(result.theory.length).toBe(25);
		const [plain, normalised] = result.conditions;
		expect(plain!.absDeltaGV.mean).toBeGreaterThan(0);
		expect(normalised!.byHead.alphaV).not.toEqual(plain!.byHead.alphaV);
		expect(Math.abs(plain!.deltaAlphaV.mean)).toBeLessThanOrEqual(plain!.absDeltaAlphaV.mean);
		const { absDeltaGV } = result.difference!;
		expect([absDeltaGV.mean]).toBeAllclose([normalised!.absDeltaGV.mean - plain!.absDeltaGV.mean], { rtol: 1e-9 });
	});

	test('norms fit the schema that the report reads', async () => {
		normsProbeSchema.parse(JSON.parse(JSON.stringify(await probeNorms(model, data))));
	});

	test('progress is told, the same call gives the same bytes, and a signal ends it', async () => {
		const steps: number[] = [];
		const onProgress = (done: number, total: number) => steps.push(done, total);
		const first = JSON.stringify(await probeBalance(model, data, { onProgress }));
		expect(steps).toEqual(data.items.flatMap((_, i) => [i + 1, 10]));
		expect(JSON.stringify(await probeBalance(model, data))).toBe(first);
		const controller = new AbortController();
		const stopped = probeBalance(model, data, {
			signal: controller.signal,
			onProgress: (done) => done === 3 && controller.abort(new Error('enough')),
		});
		await expect(stopped).rejects.toThrow('enough');
	});
});

describe('one clear line for', () => {
	const question = 'What color is at the top of the image?';
	const refused = async (options: object) => {
		const image = await data.items[0]!.image();
		return attentionMap(model, image, question, options).then(
			() => 'nothing',
			(error: Error) => error.message,
		);
	};

	test('layers and heads that do not exist', async () => {
		expect(await refused({ layers: [40] })).toBe(
			'layer 40 does not exist in test/fixtures/models/tiny-llava: the decoder has 4, numbered 0 … 3, or −1 … −4 from the end',
		);
		expect(await refused({ heads: [-5] })).toContain('head -5 does not exist in test/fixtures/models/tiny-llava');
		expect(await refused({ layers: [1.5] })).toContain('layer 1.5 does not exist');
		expect(await refused({ layers: [] })).toContain('no layer given');
	});

	test('words and tokens that were never generated', async () => {
		expect(await refused({ word: 'giraffe' })).toMatch(/^the word "giraffe" was not generated; the answer is "[^\n]+$/);
		expect(await refused({ token: 7 })).toMatch(/^token 7 was not generated: the answer "[^\n]+$/);
	});

	test('data without images or captions, and a model that was not loaded to be looked into', async () => {
		await expect(probeBalance(model, { name: 'nothing', items: [] })).rejects.toThrow('nothing: holds no images');
		const silent = { name: 'photos', items: [{ ...data.items[0]!, captions: [] }] };
		await expect(probeNorms(model, silent)).rejects.toThrow(`photos: image ${data.items[0]!.id} has no caption`);
		const plain = await load('test/fixtures/models/tiny-llava');
		await expect(probeBalance(plain, data)).rejects.toThrow('load the model with { trace: true }');
		await plain.close();
	});

	test('weights that are not numbers', async () => {
		const { checkpoint } = model;
		const broken = await load('test/fixtures/models/tiny-llava', { trace: true });
		const nan = async (name: string) => {
			const value = await checkpoint.read(name);
			return name.endsWith('norm.weight')
				? float32(
						value.shape,
						value.data.map(() => Number.NaN),
					)
				: value;
		};
		broken.checkpoint.read = nan;
		await expect(probeBalance(broken, data)).rejects.toThrow(
			"test/fixtures/models/tiny-llava: the model's logits are not finite numbers; are its weights damaged?",
		);
		await broken.close();
	});
});
