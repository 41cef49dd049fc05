import { z } from 'zod';
import { UsageError } from '../base/errors.ts';
import { validate } from '../base/json.ts';
import { limiter } from '../base/limiter.ts';
import type { RgbImage } from '../image/image.ts';
import { encodePng } from '../image/png.ts';
import type { Ask, Backend, Condition, GenerationSettings, PreparedImages } from './backend.ts';
import { Ending } from './ending.ts';
import { type DecodeImage, withPixelControls } from './pixel-controls-backend.ts';
import { type Fetch, type HttpOptions, requestJson } from './remote-http.ts';
import { Pause } from './remote-pause.ts';
import { serverUrl } from './remote-url.ts';
import { isSecret } from './remote-words.ts';

/** As many questions, as a multiple of the connections, as keep all connections busy while some requests are tried again. */
const AHEAD = 4;

export interface RemoteOptions {
	/** Such as `http://127.0.0.1:8000/v1`. May hold no password and no query. */
	baseUrl: string;
	/** The model's name on the server; `servedModels` lists them. */
	model: string;
	/** Sent as a bearer token; reaches no record, message or report. Default none. */
	apiKey?: string | undefined;
	/** Requests in flight. Default 16. */
	concurrency?: number;
	/** Milliseconds for one attempt. Default 120,000. */
	timeout?: number;
	/** Attempts after the first, on 429, 5xx, broken connections and time-outs. Default 10. */
	retries?: number;
	/** Milliseconds before the first retry, at most; each further one doubles it. Default 500. */
	firstDelay?: number;
	/** Fields of the request to be added or replaced, or left out where null; they become part of the run's manifest. */
	request?: Readonly<Record<string, unknown>>;
	/** For pixel controls. */
	decodeImage: DecodeImage;
	/** Sends the requests. Default: the platform's own, which in Node waits five minutes for an answer at most. */
	fetch?: Fetch | undefined;
	/** Ends what is under way. */
	signal?: AbortSignal | undefined;
}

/** What was used so far, by this process. */
export interface RemoteUsage {
	/** Answered requests. */
	requests: number;
	retries: number;
	/** Tokens as the server counts them; 0 where it does not say. */
	promptTokens: number;
	completionTokens: number;
	/** What the server says it charged, in its currency; null where it does not say. */
	cost: number | null;
}

export interface RemoteBackend extends Backend {
	usage(): RemoteUsage;
}

/** Some servers give a text in parts, among others that are no part of the answer (what the model thought). */
const contentSchema = z.union([z.string(), z.array(z.object({ type: z.string(), text: z.string().nullish() }))]);

const completionSchema = z.object({
	choices: z.array(z.object({ message: z.object({ content: contentSchema.nullish() }) })).min(1),
	usage: z
		.object({
			prompt_tokens: z.number().nullish(),
			completion_tokens: z.number().nullish(),
			cost: z.number().nullish(),
		})
		.nullish(),
});

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })).max(100_000) });

function textOf(content: z.infer<typeof contentSchema> | null | undefined): string {
	if (!Array.isArray(content)) return content ?? '';
	return content.map(({ type, text }) => (type === 'text' ? (text ?? '') : '')).join('');
}

function base64(bytes: Uint8Array): string {
	let text = '';
	for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
	return btoa(text);
}

function dataUrl(image: Uint8Array | RgbImage): string {
	const bytes = image instanceof Uint8Array ? image : encodePng(image);
	const kind = bytes[0] === 0x89 ? 'png' : bytes[0] === 0xff ? 'jpeg' : 'webp';
	return `data:image/${kind};base64,${base64(bytes)}`;
}

/** Why a server behind a chat interface cannot carry out a condition. */
function reasonAgainst({ name, draw, image, path, pixels, ...inside }: Condition): string | null {
	const changes = [...Object.keys(path), ...Object.keys(inside)];
	if (changes.length === 0) return null;
	return `a server lets nobody at the model's vision tokens (${changes.join(', ')}); it can do intact, text-only, wrong-image and pixels:…`;
}

function checkWhole(name: string, value: number, min: number): void {
	if (Number.isSafeInteger(value) && value >= min) return;
	throw new UsageError(`${name}: expected a whole number of ${min} or more, got ${value}`, { code: 'usage' });
}

function messages({ prompt }: Ask, image: string | null) {
	const text = { type: 'text', text: prompt };
	const content = image === null ? prompt : [{ type: 'image_url', image_url: { url: image } }, text];
	return [{ role: 'user', content }];
}

/**
 * Any model behind OpenAI-compatible chat completions. Each question is one request, with its image as a data URL;
 * failed ones are tried again, and the first that fails for good ends the others.
 */
export function remoteBackend(options: RemoteOptions): RemoteBackend {
	const { model, apiKey, concurrency = 16, timeout = 120_000, retries = 10, request = {}, decodeImage } = options;
	checkWhole('concurrency', concurrency, 1);
	checkWhole('timeout', timeout, 1);
	checkWhole('retries', retries, 0);
	const url = serverUrl(options.baseUrl);
	if (apiKey && !/^[\x21-\x7e]+$/.test(apiKey)) {
		throw new UsageError('the API key holds a blank or a character that no header may; was it copied whole?', {
			code: 'key',
		});
	}
	const fields = Object.keys(request).length > 0 ? ` ${JSON.stringify(request)}` : '';
	if (isSecret(apiKey) && `${url} ${model}${fields}`.includes(apiKey)) {
		throw new UsageError('the key stands in the address, the name or the request; give it in DORSAL_API_KEY only', {
			code: 'key',
		});
	}
	const ending = new Ending();
	const letGo = ending.endWith(options.signal);
	const usage: RemoteUsage = { requests: 0, retries: 0, promptTokens: 0, completionTokens: 0, cost: null };
	const { firstDelay, fetch } = options;
	const http: HttpOptions = {
		apiKey,
		timeout,
		retries,
		firstDelay,
		ending,
		fetch,
		pause: new Pause(),
		onRetry: () => void usage.retries++,
	};
	const limited = limiter(concurrency);

	const complete = async (ask: Ask, image: string | null, settings: GenerationSettings): Promise<string> => {
		const plain = {
			model,
			messages: messages(ask, image),
			max_tokens: settings.maxNewTokens,
			temperature: settings.temperature,
			seed: settings.seed,
		};
		const body = Object.fromEntries(Object.entries({ ...plain, ...request }).filter(([, value]) => value !== null));
		const where = `${url}/chat/completions`;
		const response = validate(completionSchema, await requestJson(where, body, http), { where, code: 'remote' });
		usage.requests++;
		usage.promptTokens += response.usage?.prompt_tokens ?? 0;
		usage.completionTokens += response.usage?.completion_tokens ?? 0;
		if (response.usage?.cost != null) usage.cost = (usage.cost ?? 0) + response.usage.cost;
		return textOf(response.choices[0]!.message.content).trim();
	};

	const prepare = async (images: readonly (Uint8Array | RgbImage)[]): Promise<PreparedImages> => {
		const urls = new Map<number, string>();
		const urlOf = (i: number) => {
			if (!urls.has(i)) urls.set(i, dataUrl(images[i]!));
			return urls.get(i)!;
		};
		const imageOf = ({ image }: Condition, own: number) => {
			if (image === 'none') return null;
			return urlOf(image === 'wrong' ? (own + Math.floor(images.length / 2)) % images.length : own);
		};
		return {
			async answer(condition, asks, settings) {
				try {
					return await Promise.all(
						asks.map((ask) => limited(() => complete(ask, imageOf(condition, ask.image), settings))),
					);
				} catch (error) {
					ending.end(error);
					throw error;
				}
			},
			release: () => urls.clear(),
		};
	};

	const backend: Backend = {
		facts: {
			kind: 'remote',
			model: `${model} at ${url}`,
			modelHash: null,
			graphHash: null,
			promptTemplate: `openai chat completions${fields}`,
			visionPath: null,
			versions: {},
		},
		lookAhead: AHEAD * concurrency,
		asksOneByOne: true,
		cannot: reasonAgainst,
		prepare,
		async close() {
			letGo();
			ending.end(new DOMException('the backend has been closed', 'AbortError'));
		},
	};
	return { ...withPixelControls(backend, decodeImage), usage: () => ({ ...usage }) };
}

/** Names of the models that a server offers (`GET /models`). */
export async function servedModels(
	baseUrl: string,
	{
		apiKey,
		timeout = 30_000,
		retries = 2,
		signal,
		fetch,
	}: Pick<Partial<RemoteOptions>, 'apiKey' | 'timeout' | 'retries' | 'signal' | 'fetch'> = {},
): Promise<string[]> {
	const where = `${serverUrl(baseUrl)}/models`;
	const ending = new Ending();
	const letGo = ending.endWith(signal);
	const list = await requestJson(where, undefined, { apiKey, timeout, retries, ending, fetch }).finally(letGo);
	return validate(modelsSchema, list, { where, code: 'remote' }).data.map(({ id }) => id);
}
