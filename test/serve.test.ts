import { request as httpRequest } from 'node:http';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nativeBackend } from '../src/backends/native.ts';
import { openRemote } from '../src/backends/remote.node.ts';
import { parseConditions } from '../src/eval/conditions.ts';
import { evaluate } from '../src/eval/runner.ts';
import { memoryStore, readRecords } from '../src/eval/store.ts';
import type { RgbImage } from '../src/image/image.ts';
import { encodePng } from '../src/image/png.ts';
import { createBatches } from '../src/serve/batches.ts';
import { readChat } from '../src/serve/chat.ts';
import { type Serving, serve } from '../src/serve/server.node.ts';
import { twoDsTask } from '../src/tasks/2ds.ts';
import { load } from '../src/vlm/load.node.ts';
import type { Model } from '../src/vlm/model.ts';
import { goldenJson, goldenTensors } from './support/golden.ts';

interface GoldenAnswer {
	image: number;
	question: string;
	output: string;
}

let model: Model;
let serving: Serving;
let client: OpenAI;
let images: string[];
let answers: GoldenAnswer[];

beforeAll(async () => {
	model = await load('test/fixtures/models/tiny-llava');
	serving = await serve({ model, name: 'tiny-llava', port: 0 });
	client = new OpenAI({ baseURL: serving.url, apiKey: 'none', maxRetries: 0 });
	({ answers } = await goldenJson<{ answers: GoldenAnswer[] }>('inference.json'));
	const pixels = (await goldenTensors('inference.safetensors')).get('image_u8')!.data as Uint8Array;
	const size = 64 * 64 * 3;
	images = Array.from({ length: 6 }, (_, i) => {
		const image: RgbImage = { width: 64, height: 64, data: pixels.slice(i * size, (i + 1) * size) };
		return `data:image/png;base64,${Buffer.from(encodePng(image)).toString('base64')}`;
	});
});
afterAll(async () => {
	await serving.close();
	await model.close();
});

const asked = ({ image, question }: GoldenAnswer) => ({
	model: 'tiny-llava',
	messages: [
		{
			role: 'user' as const,
			content: [
				{ type: 'image_url' as const, image_url: { url: images[image]! } },
				{ type: 'text' as const, text: question },
			],
		},
	],
});

describe('dorsal serve, asked by the openai client', () => {
	it('lists its model', async () => {
		const { data } = await client.models.list();
		expect(data.map(({ id }) => id)).toEqual(['tiny-llava']);
		expect((await client.models.retrieve('tiny-llava')).object).toBe('model');
	});

	it('answers what the reference answers, also to requests at the same time, and counts tokens', async () => {
		const some = answers.slice(0, 12);
		const completions = await Promise.all(some.map((one) => client.chat.completions.create(asked(one))));
		expect(completions.map(({ choices }) => choices[0]!.message.content)).toEqual(some.map(({ output }) => output));
		expect(completions[0]!.choices[0]!.finish_reason).toBe('stop');
		expect(completions[0]!.usage).toMatchObject({ prompt_tokens: 79 });
	});

	it('streams the same text, and the counts at the end', async () => {
		for (const one of answers.slice(0, 3)) {
			const stream = await client.chat.completions.create({
				...asked(one),
				stream: true,
				stream_options: { include_usage: true },
			});
			let text = '';
			const ends: unknown[] = [];
			for await (const { choices, usage } of stream) {
				text += choices[0]?.delta.content ?? '';
				if (choices[0]?.finish_reason) ends.push(choices[0].finish_reason);
				if (usage) ends.push(usage.total_tokens > 79);
			}
			expect([text, ends]).toEqual([one.output, ['stop', true]]);
		}
	});

	it('stops where it may say no more', async () => {
		const { choices, usage } = await client.chat.completions.create({ ...asked(answers[0]!), max_tokens: 1 });
		expect([choices[0]!.finish_reason, usage!.completion_tokens]).toEqual(['length', 1]);
	});

	it('refuses in the words of the API what it cannot do', async () => {
		const attempt = (changes: object) => client.chat.completions.create({ ...asked(answers[0]!), ...changes });
		await expect(attempt({ model: 'gpt' })).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
		await expect(attempt({ n: 3 })).rejects.toThrow('n: only one answer can be given, got 3');
		const question = { role: 'user', content: 'Is <image> here?' };
		await expect(attempt({ messages: [question] })).rejects.toMatchObject({ status: 400, code: 'special-token' });
		const broken = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
		await expect(attempt({ messages: [{ role: 'user', content: [broken] }] })).rejects.toThrow('not a PNG');
		const long = (count: number) => ({ messages: [{ role: 'user', content: 'circle '.repeat(count) }] });
		await expect(attempt(long(1000))).rejects.toThrow('this model reads at most 256 tokens');
		await expect(attempt(long(100_000))).rejects.toMatchObject({ code: 'context_length_exceeded' });
	});

	it('goes on after a client that hangs up', async () => {
		const controller = new AbortController();
		const stream = await client.chat.completions.create(
			{ ...asked(answers[0]!), stream: true },
			{ signal: controller.signal },
		);
		for await (const _ of stream) break;
		controller.abort();
		const { choices } = await client.chat.completions.create(asked(answers[1]!));
		expect(choices[0]!.message.content).toBe(answers[1]!.output);
	});
});

describe('dorsal serve, asked by anyone', () => {
	const post = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
		fetch(`${serving.url}/chat/completions`, { method: 'POST', body, headers });

	it('listens on this machine only, and says so', () => {
		expect(serving.loopback).toBe(true);
		expect(serving.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
	});

	it('refuses other types, other paths and methods, broken and huge bodies', async () => {
		expect((await post('{}', { 'content-type': 'text/plain' })).status).toBe(415);
		expect((await post('{"model":')).status).toBe(400);
		expect((await post('[]')).status).toBe(400);
		expect((await fetch(`${serving.url}/models`, { method: 'DELETE' })).status).toBe(405);
		expect((await fetch(serving.url.replace('/v1', '/v1/../etc'))).status).toBe(404);
		expect((await fetch(serving.url.replace('/v1', '/constructor'))).status).toBe(404);
		expect((await post(`"${'x'.repeat(34 * 2 ** 20)}"`)).status).toBe(413);
		expect((await post(`${'['.repeat(100_000)}`)).status).toBe(400);
		expect((await fetch(`${serving.url}/models`)).status).toBe(200);
	});

	it('refuses a request that came here under another name', async () => {
		const { hostname, port } = new URL(serving.url);
		const status = await new Promise((resolve, reject) => {
			const headers = { host: 'rebound.example:8000' };
			httpRequest({ hostname, port, path: '/v1/models', headers }, (response) => {
				response.resume();
				resolve(response.statusCode);
			})
				.on('error', reject)
				.end();
		});
		expect(status).toBe(403);
	});

	it('decodes one image at a time, and none that nobody waits for', async () => {
		let [busy, most, decoded] = [0, 0, 0];
		const batches = createBatches({
			...model,
			async decodeImage(bytes) {
				most = Math.max(most, ++busy);
				await new Promise((resolve) => setTimeout(resolve, 5));
				busy--;
				decoded++;
				return model.decodeImage(bytes);
			},
		});
		const chat = readChat({ ...asked(answers[0]!), max_tokens: 1 });
		let here = true;
		const stays = Array.from({ length: 3 }, () => batches.prepare(chat, { wanted: () => true }));
		const goes = Array.from({ length: 3 }, () => batches.prepare(chat, { wanted: () => here }));
		here = false;
		expect((await Promise.allSettled(goes)).map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
		const [ready] = await Promise.all(stays);
		expect([most, decoded]).toEqual([1, 3]);
		expect(ready!.image!.pixels.shape).toEqual([1, 3, 64, 64]);

		const quiet = { onText: () => {} };
		const left = batches.answer(ready!, { ...quiet, wanted: () => true });
		await expect(batches.answer(ready!, { ...quiet, wanted: () => false })).rejects.toThrow('the client has hung up');
		expect((await left).completionTokens).toBe(1);
		await batches.idle();
	});

	it('says that a port is taken', async () => {
		const port = Number(new URL(serving.url).port);
		await expect(serve({ model, name: 'x', port })).rejects.toThrow(`127.0.0.1:${port} is in use; give another --port`);
	});
});

it('an evaluation through the server has the answers of a native one', async () => {
	const task = twoDsTask({ images: 4, size: 64 });
	const conditions = parseConditions('intact,text-only,wrong-image,pixels:mirror,pixels:shuffle:4:1');
	const rawAnswers = async (backend: Parameters<typeof evaluate>[0]['backend']) => {
		const store = memoryStore();
		await evaluate({ task, backend, conditions, store, limit: 24 });
		const raws: string[] = [];
		for await (const { raw } of readRecords(store)) raws.push(raw);
		return raws;
	};
	const remote = await openRemote({ baseUrl: serving.url, concurrency: 8 });
	expect(remote.facts.model).toBe(`tiny-llava at ${serving.url}`);
	expect(await rawAnswers(remote)).toEqual(await rawAnswers(await nativeBackend(model)));
	expect(remote.usage()).toMatchObject({ requests: 120, retries: 0, cost: null });
	expect(remote.usage().completionTokens).toBeGreaterThan(120);
	await remote.close();
});
