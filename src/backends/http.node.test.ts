import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { nodeFetch } from './http.node.ts';

const closing: (() => void)[] = [];
afterEach(() => {
	for (const close of closing.splice(0)) close();
});

async function serverOf(answer: RequestListener): Promise<string> {
	const server = createServer(answer).listen(0, '127.0.0.1');
	await once(server, 'listening');
	closing.push(() => {
		server.close();
		server.closeAllConnections();
	});
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const get = { method: 'GET', headers: {}, signal: new AbortController().signal };

it('sends what it is told, follows nothing, and keeps the connection', async () => {
	const ports = new Set<number | undefined>();
	const url = await serverOf(async (request, response) => {
		ports.add(request.socket.remotePort);
		let text = '';
		for await (const part of request) text += part;
		const { method, headers } = request;
		response.writeHead(307, { location: '/elsewhere', 'retry-after': '7' }).end(`${method} ${headers['x-a']} ${text}`);
	});
	const fetch = nodeFetch();
	for (let i = 0; i < 3; i++) {
		const response = await fetch(url, { ...get, method: 'POST', headers: { 'x-a': 'b' }, body: 'body é' });
		expect([response.status, response.headers.get('retry-after')]).toEqual([307, '7']);
		expect(await response.text()).toBe('POST b body é');
	}
	expect(ports.size).toBe(1);
});

it('takes responses without a body and ones with a status that there is not', async () => {
	const statuses = [204, 999];
	const url = await serverOf((_, response) => void response.writeHead(statuses.shift()!).end());
	expect((await nodeFetch()(url, get)).body).toBeNull();
	await expect(nodeFetch()(url, get)).rejects.toThrow('status 999');
});

it('ends with its signal, before the answer and in the middle of it', async () => {
	const controller = new AbortController();
	const url = await serverOf((request, response) => void (request.url === '/begin' && response.write('{')));
	const silent = nodeFetch()(url, { ...get, signal: controller.signal });
	const begun = await nodeFetch()(`${url}begin`, { ...get, signal: controller.signal });
	const text = begun.text();
	controller.abort(new Error('stop'));
	await expect(silent).rejects.toThrow();
	await expect(text).rejects.toThrow();
});
