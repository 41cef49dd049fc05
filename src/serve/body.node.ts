import type { IncomingMessage } from 'node:http';
import { ApiError } from './chat.ts';

/** A request of one image: 24 MiB of it become 32 in base64. */
export const MAX_BODY_BYTES = 33 * 2 ** 20;

const tooLarge = () =>
	new ApiError(413, 'request_too_large', `the request has more than ${MAX_BODY_BYTES} bytes; scale the image down`);

/** The JSON of a request's body. Throws an ApiError for another type, too many bytes, and what is no JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
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
		parts.push(part);
	}
	try {
		return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts)));
	} catch {
		throw new ApiError(400, 'invalid_json', 'the body is not JSON');
	}
}
