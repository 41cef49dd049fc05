import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { restartablePort } from './port.ts';

export interface Received {
	model: string;
	prompt: string;
	/** Data URL of the image; null where there is none. */
	image: string | null;
	body: Record<string, unknown>;
	authorization: string | undefined;
}

export interface FakeChatServer {
	/** Base of its addresses; the same after a restart. */
	url: string;
	received: Received[];
	/** Largest number of requests at a time. */
	busiest: number;
	/** Cuts all connections and refuses new ones for a while. */
	restart(milliseconds: number): Promise<void>;
	close(): Promise<void>;
}

async function read(request: IncomingMessage): Promise<Received> {
	let text = '';
	for await (const part of request) text += part;
	const body = JSON.parse(text);
	const { content } = body.messages[0];
	const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
	return {
		model: body.model,
		prompt: parts.find(({ type }: { type: string }) => type === 'text').text,
		image: parts.find(({ type }: { type: string }) => type === 'image_url')?.image_url.url ?? null,
		body,
		authorization: request.headers.authorization,
	};
}

/** An answer that depends on the prompt and the image alone. */
function answerTo({ prompt, image }: Received): string {
	return createHash('sha256').update(`${prompt} ${image}`).digest()[0]! % 2 === 0 ? 'yes' : 'no';
}

/** Sends the answer; `content` replaces its text. */
export function reply(response: ServerResponse, received: Received, content = answerTo(received)): void {
	const usage = { prompt_tokens: 100, completion_tokens: 2, cost: 0.001 };
	response.setHeader('content-type', 'application/json');
	response.end(JSON.stringify({ choices: [{ message: { content } }], usage }));
}

/**
 * A chat completion server that answers after `latency` milliseconds. `misbehave` sees every request first and may answer
 * it otherwise: true where it has.
 */
export async function fakeChatServer({
	latency = 0,
	models = ['fake-vlm'],
	misbehave = () => false,
}: {
	latency?: number;
	models?: string[];
	misbehave?: (response: ServerResponse, received: Received, count: number) => boolean;
} = {}): Promise<FakeChatServer> {
	let busy = 0;
	let server: Server;
	const fake: FakeChatServer = {
		url: '',
		received: [],
		busiest: 0,
		async restart(milliseconds) {
			await stop();
			await wait(milliseconds);
			await start(Number(new URL(fake.url).port));
		},
		close: () => stop(),
	};
	const handle = async (request: IncomingMessage, response: ServerResponse) => {
		if (request.url === '/v1/models') {
			return void response.end(JSON.stringify({ data: models.map((id) => ({ id })) }));
		}
		fake.busiest = Math.max(fake.busiest, ++busy);
		const received = await read(request);
		const count = fake.received.push(received);
		if (latency > 0) await wait(latency);
		busy--;
		if (!misbehave(response, received, count)) reply(response, received);
	};
	const start = (port: number) =>
		new Promise<void>((resolve) => {
			server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
			server.listen(port, '127.0.0.1', () => resolve());
		});
	const stop = () =>
		new Promise<void>((resolve) => {
			server.close(() => resolve());
			server.closeAllConnections();
		});
	await start(await restartablePort());
	fake.url = `http://127.0.0.1:${(server!.address() as AddressInfo).port}/v1`;
	return fake;
}
