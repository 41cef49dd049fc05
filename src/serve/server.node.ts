import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { withoutEnd } from '../base/ends.ts';
import { DorsalError, UsageError } from '../base/errors.ts';
import type { Model } from '../vlm/model.ts';
import { chunks, completion, createPieces } from './answers.ts';
import { createBatches } from './batches.ts';
import { createBodies } from './body.node.ts';
import { ApiError, readChat } from './chat.ts';

/** Connections at a time. */
const MAX_CONNECTIONS = 256;

export interface ServeOptions {
	model: Model;
	/** The model's name in requests and answers. */
	name: string;
	/** Default 127.0.0.1: only this machine can connect. */
	host?: string;
	/** 0 takes any that is free. Default 8000. */
	port?: number;
}

export interface Serving {
	/** Base of its addresses, such as `http://127.0.0.1:8000/v1`. */
	url: string;
	/** Whether only this machine can connect. */
	loopback: boolean;
	/** Ends connections and waits for the answer under way; the model stays open. */
	close(): Promise<void>;
}

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);

/** Whether a Host header names this machine: a page from elsewhere whose name was pointed here is not let in. */
function namesThisMachine(header: string | undefined): boolean {
	const host = /^\[([^\]]*)\]|^([^:]*)/.exec(header ?? '');
	return isLoopback(host?.[1] ?? host?.[2] ?? '');
}

function send(response: ServerResponse, status: number, body: object): void {
	if (response.headersSent) return void response.end();
	const text = JSON.stringify(body);
	response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
	response.end(text);
}

function errorOf(error: unknown): ApiError {
	if (error instanceof ApiError) return error;
	if (error instanceof DorsalError) return new ApiError(400, error.code, error.message);
	return new ApiError(500, 'internal', 'internal error; see the log of the server');
}

/**
 * Serves a model under OpenAI's `/v1/models` and `/v1/chat/completions` (streamed or not, one image as a data URL).
 * Requests that wait at the same time are answered together. Throws a UsageError where the address cannot be had.
 */
export async function serve({ model, name, host = '127.0.0.1', port = 8000 }: ServeOptions): Promise<Serving> {
	const loopback = isLoopback(host);
	const batches = createBatches(model);
	const bodies = createBodies();
	const created = Math.floor(Date.now() / 1000);
	let count = 0;

	const chat = async (request: IncomingMessage, response: ServerResponse) => {
		const wanted = () => !response.destroyed;
		// Nothing of what is returned holds on to the image's bytes.
		const { asked, ready } = await bodies.use(request, async (json) => {
			const { image, ...rest } = readChat(json);
			if (rest.model !== name) {
				throw new ApiError(404, 'model_not_found', `model ${JSON.stringify(rest.model)}: this server has ${name}`);
			}
			return { asked: rest, ready: await batches.prepare({ image, ...rest }, { wanted }) };
		});
		const named = { id: `chatcmpl-${++count}`, created: Math.floor(Date.now() / 1000), model: name };
		const { first, piece, last } = chunks(named, asked);
		const event = (data: object) => response.write(`data: ${JSON.stringify(data)}\n\n`);
		const pieces = createPieces();
		const grown = (text: string) => {
			if (text !== '') event(piece(text));
		};
		const begin = () => {
			if (response.headersSent) return;
			response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
			event(first());
		};
		const written = await batches.answer(ready, {
			wanted,
			onText(text) {
				if (!asked.stream) return;
				begin();
				grown(pieces.grown(text));
			},
		});
		if (!asked.stream) return send(response, 200, completion(named, written));
		begin();
		grown(pieces.ended(written.text));
		last(written).forEach(event);
		response.end('data: [DONE]\n\n');
	};

	const handle = async (request: IncomingMessage, response: ServerResponse) => {
		if (loopback && !namesThisMachine(request.headers.host)) {
			throw new ApiError(403, 'host', 'this server answers this machine only');
		}
		const path = withoutEnd((request.url ?? '/').replace(/\?.*$/s, ''), /\//);
		const described = { id: name, object: 'model', created, owned_by: 'dorsal' };
		const routes: Record<string, [method: string, run: () => void | Promise<void>]> = {
			'/v1/models': ['GET', () => send(response, 200, { object: 'list', data: [described] })],
			[`/v1/models/${encodeURIComponent(name)}`]: ['GET', () => send(response, 200, described)],
			'/v1/chat/completions': ['POST', () => chat(request, response)],
		};
		const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
		if (!route) throw new ApiError(404, 'not_found', 'there are /v1/models and /v1/chat/completions');
		const [method, run] = route;
		if (request.method !== method) throw new ApiError(405, 'method', `expected ${method}`);
		await run();
	};

	const server = createServer((request, response) => {
		response.on('error', () => {});
		handle(request, response).catch((error) => {
			const told = errorOf(error);
			if (told.status === 500) console.error(error);
			// What is left of a body that is not wanted would be taken for the next request.
			if (!request.complete) response.setHeader('connection', 'close');
			send(response, told.status, told.body());
		});
	});
	server.maxConnections = MAX_CONNECTIONS;
	await listen(server, host, port);
	const { port: bound } = server.address() as AddressInfo;
	return {
		url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/v1`,
		loopback,
		async close() {
			const closed = new Promise((resolve) => server.close(resolve));
			server.closeAllConnections();
			await closed;
			await batches.idle();
		},
	};
}

function listen(server: Server, host: string, port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', (cause: NodeJS.ErrnoException) => {
			const reasons: Record<string, string> = {
				EADDRINUSE: 'is in use; give another --port',
				EACCES: 'is not allowed; give a --port above 1023',
				EADDRNOTAVAIL: 'is no address of this machine; give another --host',
				ENOTFOUND: 'is no known host; give another --host',
			};
			const reason = reasons[cause.code ?? ''] ?? `cannot be listened on (${cause.code})`;
			reject(new UsageError(`${host}:${port} ${reason}`, { code: 'listen', cause }));
		});
		server.listen(port, host, () => {
			server.removeAllListeners('error');
			resolve();
		});
	});
}
