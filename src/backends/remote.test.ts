import { describe, expect, it, vi } from 'vitest';
import { reply } from '../../test/support/fake-chat-server.ts';
import { fakeTask } from '../../test/support/fake-eval.ts';
import { closeAfter, remote, server } from '../../test/support/remote.ts';
import { UsageError } from '../base/errors.ts';
import { rng } from '../base/random.ts';
import { parseConditions } from '../eval/conditions.ts';
import { evaluate } from '../eval/runner.ts';
import { memoryStore, type RunStore, readRecords } from '../eval/store.ts';
import { blankImage } from '../image/image.ts';
import { encodePng } from '../image/png.ts';

const KEY = 'sk-test-0123456789abcdef';
const settings = { maxNewTokens: 32, temperature: 0, seed: 0 };
const [intact] = parseConditions('intact');

/** A task whose images are PNG files, all different. */
function pngTask(images: number, perImage: number) {
	return {
		...fakeTask({ images, perImage }),
		image: async (key: string) => encodePng(blankImage(8, 6, [Number(/\d+/.exec(key)![0]), 0, 9])),
	};
}

async function recordsOf(store: RunStore) {
	const records = [];
	for await (const record of readRecords(store)) records.push(record);
	return records;
}

async function answerOne(backend: ReturnType<typeof remote>, prompt = 'q') {
	const prepared = await backend.prepare([encodePng(blankImage(2, 2))]);
	return prepared.answer(intact!, [{ image: 0, prompt, id: 'q' }], settings);
}

describe('remoteBackend', () => {
	it('asks one request a question, with what determines the answer', async () => {
		const fake = await server();
		const backend = remote(`${fake.url}/`, { apiKey: KEY });
		const task = pngTask(4, 1);
		const image = async (i: number) =>
			`data:image/png;base64,${Buffer.from(await task.image(`scene-${i}`)).toString('base64')}`;
		const own = await Promise.all([0, 1, 2, 3].map(image));
		/** What is asked under a condition: of each question the image, by its place; requests arrive in any order. */
		const askedUnder = async (condition: string) => {
			fake.received.length = 0;
			await evaluate({ task, backend, conditions: parseConditions(condition), store: memoryStore() });
			for (const received of fake.received) {
				expect(received).toMatchObject({ model: 'fake-vlm', authorization: `Bearer ${KEY}` });
				expect(received.body).toMatchObject({ max_tokens: 32, temperature: 0, seed: 0 });
			}
			return fake.received.map((one) => [one.prompt, one.image && own.indexOf(one.image)]).sort();
		};
		const each = (place: (i: number) => number | null) => [0, 1, 2, 3].map((i) => [`Is it ${i}?`, place(i)]);
		expect(await askedUnder('intact')).toEqual(each((i) => i));
		expect(await askedUnder('text-only')).toEqual(each(() => null));
		expect(await askedUnder('wrong-image')).toEqual(each((i) => (i + 2) % 4));
		// A mirrored image of one colour is itself.
		expect(await askedUnder('pixels:mirror')).toEqual(each((i) => i));
		expect(backend.usage()).toEqual({
			requests: 16,
			retries: 0,
			promptTokens: 1600,
			completionTokens: 32,
			cost: expect.closeTo(0.016),
		});
	});

	it('says plainly what it cannot do', () => {
		const { cannot } = remote('http://127.0.0.1:1');
		for (const name of ['intact', 'text-only', 'wrong-image', 'pixels:blur:2', 'pixels:shuffle:4&wrong-image']) {
			expect(cannot(parseConditions(name)[0]!)).toBeNull();
		}
		for (const name of ['permuted', 'pool:2', 'scale:2', 'pool:2&pixels:mirror']) {
			expect(cannot(parseConditions(name)[0]!)).toMatch(/^a server lets nobody at the model's vision tokens \(/);
		}
		expect(cannot({ ...intact!, attention: { kind: 'fixed', factor: 2 } })).toMatch('(attention)');
	});

	it('keeps 64 requests in flight at 200 ms at 90 % of the ideal throughput', async () => {
		// On a clock of our own, so that other work on the machine does not count; bench/remote.ts measures a real server.
		vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
		closeAfter(async () => {
			vi.unstubAllGlobals();
			vi.useRealTimers();
		});
		vi.stubGlobal('fetch', async () => {
			await new Promise((resolve) => setTimeout(resolve, 200));
			return Response.json({ choices: [{ message: { content: 'yes' } }] });
		});
		const task = pngTask(160, 6);
		const backend = remote('http://127.0.0.1:9999', { concurrency: 64, fetch: undefined });
		let running = true;
		const run = evaluate({ task, backend, conditions: [intact!], store: memoryStore() }).finally(() => {
			running = false;
		});
		let elapsed = 0;
		for (; running; elapsed += 10) {
			for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
			await vi.advanceTimersByTimeAsync(10);
		}
		await run;
		const ideal = (task.questions.length / 64) * 200;
		expect(elapsed).toBeGreaterThanOrEqual(ideal);
		expect(ideal / elapsed).toBeGreaterThan(0.9);
	});

	it('loses and doubles nothing under errors, cut connections, broken bodies and a restart', async () => {
		const task = pngTask(20, 6);
		const conditions = parseConditions('intact,wrong-image');
		const run = async (url: string) => {
			const store = memoryStore();
			// So many retries that none gives up, however long the restart takes.
			const backend = remote(url, { concurrency: 16, retries: 25 });
			await evaluate({ task, backend, conditions, store, imagesPerBatch: 4 });
			return { records: await recordsOf(store), usage: backend.usage() };
		};
		const good = await run((await server()).url);

		const random = rng(1, 'faults');
		const fake = await server({
			latency: 5,
			misbehave(response, _, count) {
				if (count === 60) void fake.restart(100);
				const fault = random.int(20);
				if (fault < 4) response.writeHead(500).end('oops');
				else if (fault === 4) response.destroy();
				else if (fault === 5) response.write('{"choices": [{"mes', () => response.destroy());
				else if (fault === 6) response.writeHead(429, { 'retry-after': '0.01' }).end('{}');
				return fault <= 6;
			},
		});
		const bad = await run(fake.url);
		expect(bad.records).toEqual(good.records);
		expect(bad.usage.requests).toBe(240);
		expect(bad.usage.retries).toBeGreaterThan(60);
	});

	it('ends the other requests with the first that fails for good, and all when it is stopped', async () => {
		const failing = await server({ latency: 20, misbehave: (response) => Boolean(response.writeHead(403).end()) });
		const task = pngTask(10, 6);
		const backend = remote(failing.url, { concurrency: 4 });
		const attempt = evaluate({ task, backend, conditions: [intact!], store: memoryStore() });
		await expect(attempt).rejects.toThrow('status 403');
		expect(failing.received.length).toBeLessThan(10);

		const controller = new AbortController();
		const fake = await server({ latency: 20 });
		const { signal } = controller;
		const stopped = evaluate({
			task,
			backend: remote(fake.url, { concurrency: 4, signal }),
			conditions: [intact!],
			store: memoryStore(),
			imagesPerBatch: 2,
			signal,
			onProgress: ({ done }) => {
				if (done > 0) controller.abort(new Error('stop'));
			},
		});
		await expect(stopped).rejects.toThrow('stop');
		expect(fake.received.length).toBeLessThan(30);
	});

	it('keeps every answer before the first that is missing, and asks for none of them again', async () => {
		let broken = true;
		const fake = await server({
			misbehave: (response, _, count) => broken && count > 7 && Boolean(response.writeHead(403).end()),
		});
		const store = memoryStore();
		const task = pngTask(4, 3);
		const run = () => evaluate({ task, backend: remote(fake.url, { concurrency: 1 }), conditions: [intact!], store });
		await expect(run()).rejects.toThrow('status 403');
		expect(await recordsOf(store)).toHaveLength(7);
		broken = false;
		fake.received.length = 0;
		await run();
		expect(fake.received.map(({ prompt }) => prompt)).toEqual([7, 8, 9, 10, 11].map((i) => `Is it ${i}?`));
		expect(await recordsOf(store)).toHaveLength(12);
	});

	it('lets no key reach a record, a manifest or a message', async () => {
		const fake = await server({
			misbehave(response, received, count) {
				if (count > 6) response.writeHead(400).end(JSON.stringify({ error: `bad ${received.authorization}` }));
				else reply(response, received, `My key is ${received.authorization}`);
				return true;
			},
		});
		const files: string[] = [];
		const note = (content: Uint8Array) => void files.push(new TextDecoder().decode(content));
		const store = {
			...memoryStore(),
			write: async (_: string, content: Uint8Array) => note(content),
			append: async (content: Uint8Array) => note(content),
		};
		const backend = remote(fake.url, { apiKey: KEY, concurrency: 1 });
		const attempt = evaluate({ task: pngTask(4, 3), backend, conditions: [intact!], store, imagesPerBatch: 2 });
		const error: Error = await attempt.then(
			() => new Error('did not fail'),
			(thrown) => thrown,
		);
		expect(error.message).toMatch('bad Bearer [key]');
		expect(files.join('')).toMatch('My key is Bearer [key]');
		for (const text of [...files, error.message, String(error.stack), JSON.stringify(backend.facts)]) {
			expect(text).not.toContain(KEY);
		}
	});

	it('knows the key again where a server writes it with escapes', async () => {
		const escaped = KEY.replaceAll('/', '\\/').replace('s', '\\u0073');
		expect(escaped).not.toBe(KEY);
		const answering = async (status: number, body: string) => {
			const fake = await server({
				misbehave: (response) => Boolean(response.writeHead(status, { 'content-type': 'application/json' }).end(body)),
			});
			return answerOne(remote(fake.url, { apiKey: KEY })).catch((error) => error.message);
		};
		expect(await answering(200, `{"choices":[{"message":{"content":"it is ${escaped}"}}]}`)).toEqual(['it is [key]']);
		expect(await answering(400, `{"error":{"message":"bad ${escaped}"}}`)).toMatch('bad [key]');
	});

	it.each([
		['http://user:pa55word@host/v1', 'user, password or query'],
		['https://host/v1?api-key=pa55word', 'user, password or query'],
		['https://pa55word@host/v1', 'user, password or query'],
		['ftp://host', 'expected http:// or https://'],
		['http://', 'is no valid URL'],
	])('refuses %s without repeating a secret', (baseUrl, message) => {
		const attempt = () => remote(baseUrl);
		expect(attempt).toThrow(UsageError);
		expect(attempt).toThrow(message);
		expect(attempt).not.toThrow('pa55word');
	});

	it('refuses a key that no header can hold, or that would be recorded', () => {
		expect(() => remote('http://127.0.0.1:1', { apiKey: 'two words' })).toThrow('holds a blank');
		expect(() => remote('http://127.0.0.1:1', { apiKey: KEY, request: { key: KEY } })).toThrow('the key stands in');
	});

	it('changes the request as told, and says so in the manifest', async () => {
		const fake = await server();
		const backend = remote(fake.url, { request: { max_tokens: null, max_completion_tokens: 5 } });
		await answerOne(backend);
		expect(fake.received[0]!.body).not.toHaveProperty('max_tokens');
		expect(fake.received[0]!.body).toMatchObject({ max_completion_tokens: 5, seed: 0 });
		expect(backend.facts.promptTemplate).toBe('openai chat completions {"max_tokens":null,"max_completion_tokens":5}');
	});
});
