import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Fetch } from './remote-http.ts';

/** Statuses whose responses have no body. */
const EMPTY = [204, 205, 304];

/**
 * A `fetch` that waits as long as its signal lets it: Node's own gives up when nothing has come for five minutes. It
 * follows no redirect. Connections are kept for further requests.
 */
export function nodeFetch(): Fetch {
	const agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) };
	return (address, { method, headers, body, signal }) =>
		new Promise((resolve, reject) => {
			const url = new URL(address);
			const protocol = url.protocol === 'https:' ? 'https:' : 'http:';
			const { request } = protocol === 'https:' ? https : http;
			const sent = request(url, { method, headers, signal, agent: agents[protocol] }, (message) => {
				const { statusCode: status = 200, headers: received } = message;
				if (status < 200 || status > 599) {
					message.resume();
					return reject(new Error(`status ${status}`));
				}
				const retryAfter = received['retry-after'];
				if (EMPTY.includes(status)) message.resume();
				const stream = EMPTY.includes(status) ? null : (Readable.toWeb(message) as ReadableStream<Uint8Array>);
				resolve(
					new Response(stream as BodyInit | null, {
						status,
						headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
					}),
				);
			});
			sent.on('error', reject);
			sent.end(body);
		});
}
