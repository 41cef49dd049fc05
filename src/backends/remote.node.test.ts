import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeChatServer } from '../../test/support/fake-chat-server.ts';
import { keyFor, openRemote } from './remote.node.ts';
import { servedModels } from './remote.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0)) await close();
});

describe('openRemote', () => {
	it('takes the one model that a server has, and asks which where it has several', async () => {
		const one = await fakeChatServer();
		closing.push(one.close);
		expect(await servedModels(one.url)).toEqual(['fake-vlm']);
		const backend = await openRemote({ baseUrl: one.url });
		await backend.close();
		expect(backend.facts).toMatchObject({ kind: 'remote', model: `fake-vlm at ${one.url}`, modelHash: null });
		const many = await fakeChatServer({ models: ['a', 'b'] });
		closing.push(many.close);
		await expect(openRemote({ baseUrl: many.url })).rejects.toThrow(
			'offers 2 models ("a", "b"); say which with --model-name',
		);
	});

	it('stops asking for the names when it is stopped', async () => {
		const busy = createServer((_, response) => void response.writeHead(503, { 'retry-after': '200' }).end()).listen(
			0,
			'127.0.0.1',
		);
		await once(busy, 'listening');
		closing.push(async () => void busy.close());
		const baseUrl = `http://127.0.0.1:${(busy.address() as AddressInfo).port}`;
		const controller = new AbortController();
		busy.once('request', () => setTimeout(() => controller.abort(new Error('stop')), 20));
		await expect(openRemote({ baseUrl, signal: controller.signal })).rejects.toThrow('stop');
		await expect(openRemote({ baseUrl, retries: 0 })).rejects.toThrow('/models: status 503');
	});

	it('sends a key that may be meant for another server only where nobody else can read it', () => {
		const env = { OPENAI_API_KEY: ' a ', DORSAL_API_KEY: '' };
		expect(keyFor('https://api.example.com/v1', env)).toBe('a');
		expect(keyFor('http://127.0.0.1:8000/v1', env)).toBe('a');
		expect(keyFor('http://10.0.0.7:8000/v1', env)).toBeUndefined();
		expect(keyFor('http://10.0.0.7:8000/v1', { ...env, DORSAL_API_KEY: 'b' })).toBe('b');
		expect(keyFor('https://api.example.com/v1', {})).toBeUndefined();
	});
});
