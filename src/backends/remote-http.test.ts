import { describe, expect, it } from 'vitest';
import { reply } from '../../test/support/fake-chat-server.ts';
import { restartablePort } from '../../test/support/port.ts';
import { remote, server } from '../../test/support/remote.ts';
import { parseConditions } from '../eval/conditions.ts';
import { blankImage } from '../image/image.ts';
import { encodePng } from '../image/png.ts';
import { retryAfterOf } from './remote-http.ts';

const [intact] = parseConditions('intact');
const settings = { maxNewTokens: 32, temperature: 0, seed: 0 };

async function answers(backend: ReturnType<typeof remote>, count: number) {
	const prepared = await backend.prepare([encodePng(blankImage(2, 2))]);
	const asks = Array.from({ length: count }, (_, i) => ({ image: 0, prompt: `q${i}`, id: `q${i}` }));
	return prepared.answer(intact!, asks, settings);
}
const answerOne = (backend: ReturnType<typeof remote>) => answers(backend, 1);

describe('requests to a server that misbehaves', () => {
	it('waits as long as the server asks', async () => {
		const fake = await server({
			misbehave(response, _, count) {
				if (count === 1) response.writeHead(429, { 'retry-after': '0.3' }).end();
				return count === 1;
			},
		});
		const start = performance.now();
		await answerOne(remote(fake.url));
		expect(performance.now() - start).toBeGreaterThan(290);
		expect(retryAfterOf('7', 0)).toBe(7000);
		expect(retryAfterOf(new Date(60_000).toUTCString(), 50_000)).toBe(10_000);
		expect(retryAfterOf(new Date(10_000).toUTCString(), 50_000)).toBe(0);
		expect(retryAfterOf('soon', 0)).toBeUndefined();
	});

	it('gives up in one line that says what to do', async () => {
		const attempt = async (status: number, body = '{}', headers = {}) => {
			const fake = await server({
				misbehave: (response) => Boolean(response.writeHead(status, headers).end(body)),
			});
			const error = await answerOne(remote(fake.url, { retries: 2 })).catch((thrown) => thrown);
			return [error.message.replace(fake.url, 'URL'), fake.received.length];
		};
		const path = 'URL/chat/completions';
		expect(await attempt(500, 'a\nb')).toEqual([
			`${path}: status 500: "a\\nb" after 3 attempts; what was recorded is kept: give the same command again when the server is well`,
			3,
		]);
		expect(await attempt(400, '{"error":{"message":"no max_tokens"}}')).toEqual([
			`${path}: status 400: "no max_tokens"; it refuses the request; change its fields with --request`,
			1,
		]);
		expect((await attempt(401, '{"error":"no"}'))[0]).toMatch('set OPENAI_API_KEY or DORSAL_API_KEY');
		expect((await attempt(302, '', { location: 'http://127.0.0.1:1/' }))[0]).toMatch('it points elsewhere');
		expect((await attempt(429, '', { 'retry-after': '86400' }))[0]).toMatch('it asks to wait 86400 s');
		expect((await attempt(200, '{"choices":[]}'))[0]).toMatch('choices: expected at least 1');
		const gone = remote(`http://127.0.0.1:${await restartablePort()}`, { retries: 1 });
		await expect(answerOne(gone)).rejects.toThrow(/chat\/completions: ECONNREFUSED after 2 attempts; /);
		const slow = await server({ misbehave: () => true });
		await expect(answerOne(remote(slow.url, { timeout: 50, retries: 0 }))).rejects.toThrow('no answer within 0.05 s');
	});

	it('waits together where one is told to, and gives none of them up while others get through', async () => {
		let open = 0;
		const fake = await server({
			misbehave(response, received) {
				const now = performance.now();
				if (now < open) response.writeHead(429, { 'retry-after': String((open - now) / 1000) }).end('{}');
				else reply(response, received);
				if (now >= open) open = now + 30;
				return true;
			},
		});
		const backend = remote(fake.url, { retries: 1 });
		expect(await answers(backend, 12)).toHaveLength(12);
		expect(backend.usage().requests).toBe(12);
		// Each was sent at most once in each of the twelve times that one got through.
		expect(fake.received.length).toBeLessThan(12 * 12 + 24);
	});

	it('gives up where a limit lets nothing through', async () => {
		const fake = await server({
			misbehave: (response) => Boolean(response.writeHead(429, { 'retry-after': '0.01' }).end('{}')),
		});
		await expect(answerOne(remote(fake.url, { retries: 3 }))).rejects.toThrow('status 429: "{}" after 4 attempts');
	});

	it('reads an answer in parts, and tries errors again that came with a good status', async () => {
		const bodies = [
			'{"error":{"message":"upstream overloaded","code":502}}',
			'{"choices":[]}',
			JSON.stringify({
				choices: [
					{ message: { content: [{ type: 'thinking' }, { type: 'text', text: ' ye' }, { type: 'text', text: 's' }] } },
				],
			}),
		];
		const fake = await server({
			misbehave: (response, _, count) => Boolean(response.end(bodies[count - 1])),
		});
		const backend = remote(fake.url);
		expect(await answerOne(backend)).toEqual(['yes']);
		expect(backend.usage()).toMatchObject({ requests: 1, retries: 2 });

		const refusing = await server({
			misbehave: (response) => Boolean(response.end('{"error":{"message":"not allowed","code":403}}')),
		});
		await expect(answerOne(remote(refusing.url))).rejects.toThrow(
			'status 200 with error 403: "not allowed"; set OPENAI_API_KEY',
		);
		expect(refusing.received).toHaveLength(1);
	});

	it('leaves answers alone in which a short key stands', async () => {
		const fake = await server();
		for (const apiKey of ['e', 'o', 'content']) {
			expect((await answerOne(remote(fake.url, { apiKey })))[0]).toMatch(/^(yes|no)$/);
		}
	});
});
