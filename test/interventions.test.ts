import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nativeBackend } from '../src/backends/native.ts';
import { row, type Tensor } from '../src/base/tensor.ts';
import { parseConditions } from '../src/eval/conditions.ts';
import { encodePng } from '../src/image/png.ts';
import { attentionBias, type Cache, emptyCache } from '../src/vlm/cache.ts';
import { embed, embedPrefix } from '../src/vlm/embed.ts';
import { askedAttention } from '../src/vlm/graphs.ts';
import { load } from '../src/vlm/load.node.ts';
import type { Model } from '../src/vlm/model.ts';
import { decode, prefill } from '../src/vlm/prefill.ts';
import { readersOf, readNext } from '../src/vlm/readers.ts';
import { keptOfImages, keptOfQuestions } from '../src/vlm/select.ts';
import { randomTokens, topTokens } from '../src/vlm/selection.ts';
import { prefillSight, selectedSight } from '../src/vlm/sight.ts';
import { encodePixels } from '../src/vlm/vision.ts';
import { goldenJson, goldenTensors } from './support/golden.ts';

const QUESTION = 'What color is at the top of the image?';
const V = 64;

let model: Model;
let golden: Map<string, Tensor>;
let pixels: Tensor<'float32'>;
let tokens: Tensor<'float32'>;

beforeAll(async () => {
	golden = await goldenTensors('inference.safetensors');
	model = await load('test/fixtures/models/tiny-llava');
	pixels = golden.get('pixel_values') as Tensor<'float32'>;
	tokens = await encodePixels(model, pixels);
});
afterAll(() => model.close());

function prompt() {
	const { ids, imageAt } = model.text.encodePrompt({ question: QUESTION, image: true });
	return { lead: ids.slice(0, imageAt!), rest: ids.slice(imageAt! + 1) };
}

/** Logits of the first answer token for every row of a prefix. */
async function firstLogits(prefix: Cache, by = model) {
	const questions = Array.from({ length: prefix.rows }, (_, row) => ({ row, ids: prompt().rest }));
	const { inputs } = await readNext(by, prefix, readersOf(prefix, questions));
	return { inputs, plain: (await decode(by, inputs, prefix)).logits };
}

describe('attention scaling', () => {
	test('by 1 gives bit-identical logits; by another factor it does not', async () => {
		const prefix = await prefillSight(model, prompt().lead, { tokens });
		const { inputs, plain } = await firstLogits(prefix);
		const ones = { ...inputs.bias, data: new Float32Array(inputs.bias.data.length).fill(1) };
		expect((await decode(model, { ...inputs, scale: ones }, prefix)).logits).toEqual(plain);
		const halves = { ...inputs.bias, data: new Float32Array(inputs.bias.data.length).fill(0.5) };
		expect((await decode(model, { ...inputs, scale: halves }, prefix)).logits).not.toEqual(plain);
	});

	test('and tokens ranked in one decoder, which gives the same bits', async () => {
		const { plain } = await firstLogits(await prefillSight(model, prompt().lead, { tokens }));
		const one = await load('test/fixtures/models/tiny-llava', { interventions: true });
		const prefix = await prefillSight(one, prompt().lead, { tokens: await encodePixels(one, pixels) });
		const { inputs, plain: same } = await firstLogits(prefix, one);
		expect(same).toEqual(plain);
		const scale = { ...inputs.bias, data: new Float32Array(inputs.bias.data.length).fill(0.5) };
		const { logits: scaled, fetched } = await decode(one, { ...inputs, scale, askedAttentions: true }, prefix);
		expect(scaled).not.toEqual(plain);
		expect(fetched[askedAttention(3)]!.shape).toEqual([6, prefix.length + inputs.embeddings.shape[1]!]);
		expect(await one.decoder()).toBe(await one.decoder({ attentionScale: true }));
		await one.close();
	});

	test('asked rows attend as in the reference, a mean over heads', async () => {
		const { answers, traced } = await goldenJson<{
			answers: { image: number; input_ids: number[] }[];
			traced: { answer: number }[];
		}>('inference.json');
		const { image, input_ids: ids } = answers[traced[0]!.answer]!;
		const at = ids.indexOf(model.config.imageTokenId);
		const one = { ...tokens, shape: [1, V, tokens.shape[2]!], data: row(tokens, image).data };
		const prefix = await prefillSight(model, ids.slice(0, at), { tokens: one });
		const { inputs } = await readNext(model, prefix, readersOf(prefix, [{ row: 0, ids: ids.slice(at + 1) }]));
		const { fetched } = await decode(model, { ...inputs, askedAttentions: true }, prefix);
		for (let layer = 0; layer < model.config.text.layers; layer++) {
			const { shape, data } = golden.get(`trace.0.attentions.${layer}`) as Tensor<'float32'>;
			const [heads, n] = shape as [number, number, number];
			const mean = Array.from({ length: n }, (_, key) => {
				let sum = 0;
				for (let head = 0; head < heads; head++) sum += data[(head * n + n - 1) * n + key]!;
				return sum / heads;
			});
			expect(fetched[askedAttention(layer)]!.data as Float32Array).toBeAllclose(mean, { atol: 2e-5 });
		}
	});
});

describe('token selection', () => {
	test('of all tokens gives bit-identical logits, wherever positions are counted from', async () => {
		const { plain } = await firstLogits(await prefillSight(model, prompt().lead, { tokens }));
		const rows = Array.from({ length: 6 }, (_, image) => ({ image, kept: [...Array(V).keys()] }));
		for (const positions of ['original', 'repacked'] as const) {
			const prefix = await prefillSight(model, prompt().lead, selectedSight(tokens, rows, positions));
			expect((await firstLogits(prefix)).plain).toEqual(plain);
		}
	});

	test('in original places is what hiding the other tokens from every token gives', async () => {
		const kept = randomTokens(V, 20, 3);
		const { lead, rest } = prompt();
		const rows = Array.from({ length: 6 }, (_, image) => ({ image, kept }));
		const prefix = await prefillSight(model, lead, selectedSight(tokens, rows, 'original'));
		expect(prefix).toMatchObject({ length: lead.length + 20, nextPosition: lead.length + V });
		const { plain } = await firstLogits(prefix);

		const dropped = new Set([...Array(V).keys()].filter((i) => !kept.includes(i)).map((i) => i + lead.length));
		const text = await embed(model, Array(6).fill(rest));
		const before = await embedPrefix(model, lead, tokens);
		const n = lead.length + V + rest.length;
		const width = before.shape[2]!;
		const data = new Float32Array(6 * n * width);
		for (let b = 0; b < 6; b++) {
			data.set(row(before, b).data, b * n * width);
			data.set(row(text, b).data, (b * n + lead.length + V) * width);
		}
		const whole = await decode(
			model,
			{
				embeddings: { dtype: 'float32', shape: [6, n, width], data },
				positions: Array.from({ length: 6 * n }, (_, i) => i % n),
				// A hidden token sees itself alone, so that its softmax is defined; nothing sees it.
				bias: attentionBias(6, n, n, (_, i) =>
					[...Array(i + 1).keys()].filter((key) => key === i || !dropped.has(key)).map((key) => [key, key + 1]),
				),
				logitRows: Array.from({ length: 6 }, (_, b) => (b + 1) * n - 1),
			},
			emptyCache(model, 6),
		);
		expect(plain.data).toBeAllclose(whole.logits.data, { atol: 1e-4 });

		const packed = await prefillSight(model, lead, selectedSight(tokens, rows, 'repacked'));
		expect(packed).toMatchObject({ length: lead.length + 20, nextPosition: lead.length + 20 });
		expect((await firstLogits(packed)).plain).not.toEqual(plain);
	});

	test('by attention keeps what the last prompt token attends to most', async () => {
		const { lead, rest } = prompt();
		const prefix = await prefill(model, await embedPrefix(model, lead, tokens));
		const columns = [lead.length, lead.length + V] as const;
		const select = { kind: 'attention', count: 5, positions: 'original', layer: 1 } as const;
		const questions = [
			{ row: 2, ids: rest },
			{ row: 0, ids: rest },
		];
		const kept = await keptOfQuestions(model, prefix, columns, questions, select);
		const { inputs } = await readNext(model, prefix, readersOf(prefix, questions));
		const { fetched } = await decode(model, { ...inputs, askedAttentions: true }, prefix);
		const weights = fetched[askedAttention(1)] as Tensor<'float32'>;
		expect(kept).toEqual([0, 1].map((q) => topTokens(row(weights, q).data.slice(...columns), 5)));
	});

	test('by the class token follows a permutation', async () => {
		const select = { kind: 'class-attention', count: 7, positions: 'original', layer: null } as const;
		const { visionPath } = model;
		const kept = await keptOfImages(model, pixels, tokens, visionPath, select);
		const reverse = await keptOfImages(model, pixels, tokens, { ...visionPath, permute: { kind: 'reverse' } }, select);
		expect(kept).toHaveLength(6);
		expect(reverse).toEqual(kept.map((indices) => indices.map((i) => V - 1 - i).reverse()));
	});
});

describe('as conditions', () => {
	const settings = { maxNewTokens: 8, temperature: 0, seed: 0 };
	const words = ['intact', 'attention:1', 'attention:0', 'attention:2', 'adaptvis:0:7:1', 'adaptvis:0:7:2'].concat(
		['adaptvis:1:2:1', 'select:attention:64', 'select:farthest:64:repacked', 'select:attention:64&attention:2'],
		['select:strided:4', 'select:strided:4:repacked', 'select:class-attention:4', 'select:random:4:1'],
		['pool:4&select:farthest:4'],
	);

	test('answers change where they should and nowhere else', async () => {
		const size = 64 * 64 * 3;
		const images = Array.from({ length: 6 }, (_, i) => ({
			width: 64,
			height: 64,
			data: (golden.get('image_u8')!.data as Uint8Array).slice(i * size, (i + 1) * size),
		}));
		const { answers } = await goldenJson<{ answers: { image: number; question: string }[] }>('inference.json');
		const every = answers.filter((_, i) => i % 4 === 0);
		const asks = every.map(({ image, question }) => ({ image, prompt: question, id: question }));
		const backend = await nativeBackend(model);
		const prepared = await backend.prepare(images.map(encodePng));
		const found: Record<string, string[]> = {};
		for (const word of words) {
			const [condition] = parseConditions(word);
			expect(backend.cannot(condition!)).toBeNull();
			found[word] = await prepared.answer(condition!, asks, settings);
		}
		for (const same of ['attention:1', 'adaptvis:0:7:1', 'select:attention:64', 'select:farthest:64:repacked']) {
			expect(found[same], same).toEqual(found.intact);
		}
		expect(found['adaptvis:0:7:2']).toEqual(found['attention:2']);
		expect(found['adaptvis:1:2:1']).toEqual(found['attention:2']);
		expect(found['select:attention:64&attention:2']).toEqual(found['attention:2']);
		for (const other of ['attention:0', 'attention:2', 'select:strided:4']) {
			expect(found[other], other).not.toEqual(found.intact);
		}
		expect(found['select:strided:4:repacked']).not.toEqual(found['select:strided:4']);
	});

	test.each([
		['select:random:65:1', 'there are 64 vision tokens, fewer than the 65 to select; take at most 64'],
		['pool:4&select:strided:17', 'there are 16 vision tokens, fewer than the 17'],
		['select:attention:4:layer=4', 'decoder layer 4 does not exist; layers are numbered 0 … 3'],
		['select:class-attention:4:layer=8', 'encoder layer 8 does not exist; layers are numbered 0 … 7'],
		['pool:4&select:class-attention:4', 'the class token attends to patches'],
		['permuted-blocks:3:1', 'blocks of 3 × 3 do not fill a grid of 8 × 8'],
		['layers:12', 'vision layer 12 does not exist'],
		['path:{"permute":{"kind":"list","order":[0]}}', 'a permutation of 64 vision tokens'],
	])('%s is refused before anything is asked', async (word, reason) => {
		const backend = await nativeBackend(model);
		expect(backend.cannot(parseConditions(word)[0]!)).toContain(reason);
	});
});
