import { DorsalError } from '../base/errors.ts';
import { type Ending, sleep } from './ending.ts';
import { Pause } from './remote-pause.ts';
import { failureIn, parseWithoutKey, withoutKey, wordsOf } from './remote-words.ts';

/** Milliseconds before the first retry, at most. */
const FIRST_DELAY = 500;
/** Milliseconds before any retry, at most, unless the server asks for more. */
const LONGEST_DELAY = 30_000;
/** Milliseconds that a server may ask us to wait; beyond that it is better to stop and resume later. */
const LONGEST_RETRY_AFTER = 300_000;
/** Longest body that is read: an answer to a short question has a few thousand bytes. */
const MAX_BODY_BYTES = 8 * 2 ** 20;

/** The part of `fetch` that is needed here. Redirects are not followed. */
export type Fetch = (
	url: string,
	init: { method: string; headers: Record<string, string>; body?: string; signal: AbortSignal },
) => Promise<Response>;

// Followed, a redirect could take the key and the images to another server.
const plainFetch: Fetch = (url, init) => fetch(url, { ...init, redirect: 'manual' });

export interface HttpOptions {
	/** Sent as a bearer token, and blotted out wherever a server sends it back. */
	apiKey?: string | undefined;
	/** Milliseconds for one attempt, its body included. */
	timeout: number;
	/** Attempts after the first. */
	retries: number;
	/** Milliseconds before the first retry, at most; each further one doubles it. Default 500. */
	firstDelay?: number | undefined;
	/** Ends the attempt under way and any waiting. */
	ending: Ending;
	/** Shared by requests that are to wait together where the server asks one of them to. Default: one of its own. */
	pause?: Pause | undefined;
	/** Default: the platform's own. */
	fetch?: Fetch | undefined;
	/** Called before each retry. */
	onRetry?: (() => void) | undefined;
}

/** Why an attempt gave nothing, and whether another may. */
interface Failed {
	reason: string;
	/** HTTP status; 0 where no response came. */
	status: number;
	/** Milliseconds that the server asks us to wait. */
	retryAfter?: number;
}

/** Statuses that pass: time-out, too early, too many requests, and whatever is the server's own fault. */
const passes = (status: number) => status === 0 || [408, 425, 429].includes(status) || status >= 500;

/** The delay that `Retry-After` names, in seconds or as a date; undefined where there is none. */
export function retryAfterOf(header: string | null, now: number): number | undefined {
	if (header === null) return undefined;
	const wait = /^\d+(\.\d+)?$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
	return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

/**
 * Exponential backoff with full jitter: uniform between 0 and the limit, so that clients that failed together do not
 * come back together. Math.random may be used here because when a request is sent never reaches a result.
 */
const backoff = (attempt: number, firstDelay: number) =>
	Math.random() * Math.min(LONGEST_DELAY, firstDelay * 2 ** attempt);

async function readText(response: Response): Promise<string> {
	const decoder = new TextDecoder();
	const reader = response.body?.getReader();
	let text = '';
	let length = 0;
	for (;;) {
		const { done, value } = (await reader?.read()) ?? { done: true };
		if (done) return text + decoder.decode();
		length += value!.length;
		if (length > MAX_BODY_BYTES) {
			await reader!.cancel();
			throw new Error(`the response has more than ${MAX_BODY_BYTES} bytes`);
		}
		text += decoder.decode(value, { stream: true });
	}
}

/** The innermost cause, which is what fetch hides behind "fetch failed". */
function causeOf(error: unknown): string {
	const { cause, code, message } = (error ?? {}) as { cause?: unknown; code?: string; message?: string };
	return cause === undefined ? (code ?? message ?? String(error)) : causeOf(cause);
}

/** One attempt: the JSON of a good response, or why there is none. */
async function attempt(url: string, body: unknown, options: HttpOptions): Promise<{ json: unknown } | Failed> {
	const { apiKey, timeout, ending, fetch: send = plainFetch } = options;
	const controller = new AbortController();
	const off = ending.on(() => controller.abort());
	const timer = setTimeout(() => controller.abort(new Error(`no answer within ${timeout / 1000} s`)), timeout);
	try {
		const response = await send(url, {
			method: body === undefined ? 'GET' : 'POST',
			headers: {
				accept: 'application/json',
				...(body !== undefined && { 'content-type': 'application/json' }),
				...(apiKey && { authorization: `Bearer ${apiKey}` }),
			},
			...(body !== undefined && { body: JSON.stringify(body) }),
			signal: controller.signal,
		});
		const text = await readText(response);
		if (response.ok) {
			const json = parseWithoutKey(text, apiKey);
			return failureIn(json) ?? { json };
		}
		const retryAfter = retryAfterOf(response.headers.get('retry-after'), Date.now());
		const reason = `status ${response.status}: ${wordsOf(text, apiKey)}`;
		return { reason, status: response.status, ...(retryAfter !== undefined && { retryAfter }) };
	} catch (error) {
		ending.throwIfEnded();
		// A body that was cut off is no JSON; it may come whole the next time.
		const reason =
			error instanceof SyntaxError ? 'the response is not JSON' : causeOf(controller.signal.reason ?? error);
		return { reason: withoutKey(reason, apiKey), status: 0 };
	} finally {
		clearTimeout(timer);
		off();
	}
}

const ADVICE: Readonly<Record<number, string>> = {
	301: 'it points elsewhere; give that address',
	302: 'it points elsewhere; give that address',
	307: 'it points elsewhere; give that address',
	308: 'it points elsewhere; give that address',
	400: 'it refuses the request; change its fields with --request',
	401: 'set OPENAI_API_KEY or DORSAL_API_KEY to a key that it accepts',
	403: 'set OPENAI_API_KEY or DORSAL_API_KEY to a key that it accepts',
	404: 'check the address (it usually ends in /v1) and --model-name',
	413: 'the image is too large for it',
};

/**
 * The JSON that a server answers, to a GET without `body` and to a POST with it. What may pass (429, 5xx, a broken
 * connection, a time-out) is tried again with growing delays, as `Retry-After` asks where the server does. A 429 that
 * names a time stops all requests of the same `pause` for it, and counts as an attempt only where the server has not
 * answered any of them since this one failed before. Throws a DorsalError that names the address and the server's own
 * words, never the key; what `ending` was ended with once it was.
 */
export async function requestJson(url: string, body: unknown, options: HttpOptions): Promise<unknown> {
	const { ending, firstDelay = FIRST_DELAY, pause = new Pause() } = options;
	let answered = Number.POSITIVE_INFINITY;
	for (let n = 0; ; ) {
		await pause.over(firstDelay, ending);
		const outcome = await attempt(url, body, options);
		if ('json' in outcome) {
			pause.answered++;
			return outcome.json;
		}
		const { reason, status, retryAfter } = outcome;
		const tooLong = retryAfter !== undefined && retryAfter > LONGEST_RETRY_AFTER;
		const limited = status === 429 && retryAfter !== undefined && !tooLong;
		const getsThrough = limited && pause.answered > answered;
		if (!getsThrough && (!passes(status) || n >= options.retries || tooLong)) {
			const tries = n > 0 ? ` after ${n + 1} attempts` : '';
			const wait = tooLong ? `; it asks to wait ${Math.ceil(retryAfter / 1000)} s` : '';
			const todo = ADVICE[status] ?? 'what was recorded is kept: give the same command again when the server is well';
			throw new DorsalError(`${url}: ${reason}${tries}${wait}; ${todo}`, { code: 'remote' });
		}
		answered = pause.answered;
		options.onRetry?.();
		if (limited) pause.extend(retryAfter);
		else await sleep(Math.max(retryAfter ?? 0, backoff(n, firstDelay)), ending);
		if (!getsThrough) n++;
	}
}
