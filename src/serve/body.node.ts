import type { IncomingMessage } from 'node:http';
import { ApiError } from './chat.ts';

/** A request of one image: 24 MiB of it become 32 in base64. */
export const MAX_BODY_BYTES = 33 * 2 ** 20;

/** Bytes of requests that are being read, or of which the image is not decoded yet, all together. */
const MAX_HELD_BYTES = 256 * 2 ** 20;

const tooLarge = () =>
	new ApiError(413, 'request_too_large', `the request has more than ${MAX_BODY_BYTES} bytes; scale the image down`);

async function readJson(request: IncomingMessage, hold: (bytes: number) => void): Promise<unknown> {
	// A web page can send other types to this machine without asking; JSON it cannot.
	if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
		throw new ApiError(415, 'content_type', 'content-type: expected application/json');
	}
	if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
	const parts: Uint8Array[] = [];
	let length = 0;
	for await (const part of request as AsyncIterable<Uint8Array>) {
		length += part.length;
		if (length > MAX_BODY_BYTES) throw tooLarge();
		hold(part.length);
		parts.push(part);
	}
	try {
		return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts)));
	} catch {
		throw new ApiError(400, 'invalid_json', 'the body is not JSON');
	}
}

/** Reads requests, at most `most` bytes of them at a time: many that are slow or large must not fill the memory. */
export function createBodies(most = MAX_HELD_BYTES) {
	let held = 0;
	return {
		/**
		 * Works on the JSON of a request's body, whose bytes count until that is done. Throws an ApiError for another type,
		 * too many bytes, and what is no JSON.
		 */
		async use<T>(request: IncomingMessage, work: (json: unknown) => Promise<T>): Promise<T> {
			let own = 0;
			const hold = (bytes: number) => {
				if (held + bytes > most) throw new ApiError(503, 'busy', 'too many large requests at a time; try again later');
				held += bytes;
				own += bytes;
			};
			try {
				return await work(await readJson(request, hold));
			} finally {
				held -= own;
			}
		},
	};
}
