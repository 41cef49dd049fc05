import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Condition } from '../src/backends/backend.ts';
import { nativeBackend } from '../src/backends/native.ts';
import type { RgbImage } from '../src/image/image.ts';
import { encodePng } from '../src/image/png.ts';
import { ask } from '../src/vlm/ask.ts';
import { load } from '../src/vlm/load.node.ts';
import type { Model } from '../src/vlm/model.ts';
import { goldenJson, goldenTensors } from './support/golden.ts';

interface GoldenAnswer {
	image: number;
	question: string;
	output: string;
}

const settings = { maxNewTokens: 32, temperature: 0, seed: 0 };
const intact: Condition = { name: 'intact', image: 'own', path: {}, draw: 0 };

let model: Model;
let images: RgbImage[];
let answers: GoldenAnswer[];

beforeAll(async () => {
	model = await load('test/fixtures/models/tiny-llava');
	({ answers } = await goldenJson<{ answers: GoldenAnswer[] }>('inference.json'));
	const pixels = (await goldenTensors('inference.safetensors')).get('image_u8')!;
	const size = 64 * 64 * 3;
	images = Array.from({ length: pixels.shape[0]! }, (_, i) => ({
		width: 64,
		height: 64,
		data: (pixels.data as Uint8Array).slice(i * size, (i + 1) * size),
	}));
});
afterAll(() => model.close());

const prepared = async () => (await nativeBackend(model)).prepare(images.map(encodePng));
const asks = () => answers.map(({ image, question }) => ({ image, prompt: question, id: question }));

test('answers in batches what the reference answers one by one', async () => {
	const found = await (await prepared()).answer(intact, asks(), settings);
	expect(found).toEqual(answers.map(({ output }) => output));
});

test('more questions about one image than the decoder can read at once are read in rounds', async () => {
	const own = answers.filter(({ image }) => image === answers[0]!.image);
	const many = Array.from({ length: 40 }, (_, i) => own[i % own.length]!); // several times the model's 256 positions
	const asked = many.map(({ image, question }, i) => ({ image, prompt: question, id: String(i) }));
	const found = await (await prepared()).answer(intact, asked, settings);
	expect(found).toEqual(many.map(({ output }) => output));
	const select = { kind: 'attention', count: 64, positions: 'original', layer: null } as const;
	expect(await (await prepared()).answer({ ...intact, select }, asked, settings)).toEqual(found);
});

test('an answer ends where the model has no further position, and a longer prompt is refused', async () => {
	const word = (count: number) => `${'red '.repeat(count)}?`;
	const visionTokens = 64;
	const fits = (count: number) =>
		model.text.encodePrompt({ question: word(count), image: true }).ids.length - 1 + visionTokens <= 256;
	let longest = 1;
	while (fits(longest + 1)) longest++;
	const asked = (count: number) => [{ image: 0, prompt: word(count), id: 'long' }];
	const [answer] = await (await prepared()).answer(intact, asked(longest), settings);
	expect(answer).toMatch(/^\S*$/); // one word at most
	await expect((await prepared()).answer(intact, asked(longest + 1), settings)).rejects.toThrow(
		/a prompt of \d+ tokens is longer than test\/fixtures\/models\/tiny-llava can read \(max_position_embeddings 256\)/,
	);
});

test('ask answers what a batch answers, from PNG bytes and from pixels', async () => {
	for (const { image, question, output } of answers.slice(0, 12)) {
		expect((await ask(model, images[image]!, question)).answer).toBe(output);
	}
	const png = encodePng(images[0]!);
	const { answer, visionTokens, promptTokens } = await ask(model, png, answers[0]!.question);
	expect({ answer, visionTokens, promptTokens }).toEqual({
		answer: answers[0]!.output,
		visionTokens: 64,
		promptTokens: 79,
	});
});

test('a wrong image is the one half a batch on; no image is no vision tokens', async () => {
	const batch = await prepared();
	const own = asks().map((one) => ({ ...one, image: (one.image + 3) % 6 }));
	const wrong = await batch.answer({ ...intact, name: 'wrong-image', image: 'wrong' }, asks(), settings);
	expect(wrong).toEqual(await batch.answer(intact, own, settings));

	const blind = await batch.answer({ ...intact, name: 'text-only', image: 'none' }, asks(), settings);
	for (const [i, { question }] of answers.slice(0, 6).entries()) {
		expect(blind[i]).toBe((await ask(model, null, question)).answer);
	}
});

test('sampled answers depend on seed and question, not on what else is in the batch', async () => {
	const batch = await prepared();
	const sampled = { ...settings, temperature: 1.5, seed: 3 };
	const all = await batch.answer(intact, asks(), sampled);
	expect(await batch.answer(intact, asks(), sampled)).toEqual(all);
	expect(await batch.answer(intact, asks(), { ...sampled, seed: 4 })).not.toEqual(all);
	const [first] = await batch.answer(intact, asks().slice(0, 1), sampled);
	expect(first).toBe(all[0]);
});

test('a thousand questions leave memory flat', async () => {
	const question = answers[0]!.question;
	const resident = () => process.memoryUsage().rss / 2 ** 20;
	let settled = 0;
	for (let i = 0; i < 1000; i++) {
		await ask(model, images[i % 6]!, question);
		if (i === 299) settled = resident();
	}
	// A leak of one vision prefix (0.4 MB) a call would be 280 MiB here.
	expect(resident() - settled).toBeLessThan(40);
});

test('a closed model says so', async () => {
	const other = await load('test/fixtures/models/tiny-llava');
	await other.close();
	await expect(ask(other, images[0]!, 'Where?')).rejects.toThrow(
		'test/fixtures/models/tiny-llava: the model has been closed',
	);
});

test('layers, pooling and prompts that do not fit are named', async () => {
	const wrong = (path: Parameters<typeof ask>[3]) => ask(model, images[0]!, 'Where is the circle?', path);
	await expect(wrong({ path: { layers: [-12] } })).rejects.toThrow(
		'vision layer -12 does not exist in test/fixtures/models/tiny-llava',
	);
	await expect(wrong({ path: { layers: [4, 6] } })).rejects.toThrow('trained on 1 hidden state, got 2 (4,6)');
	await expect(wrong({ path: { permute: { kind: 'list', order: [0] } } })).rejects.toThrow(
		'a permutation of 64 vision tokens',
	);
	await expect(ask(model, null, 'where '.repeat(300))).rejects.toThrow('max_position_embeddings 256');
});
