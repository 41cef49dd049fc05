import { z } from 'zod';
import type { GenerationSettings } from '../backends/backend.ts';
import { DorsalError } from '../base/errors.ts';
import { show, validate } from '../base/json.ts';
import type { Turn } from '../text/text.ts';

/** An error as OpenAI's API tells it: `{ error: { message, type, param, code } }` with an HTTP status. */
export class ApiError extends Error {
	readonly status: number;
	readonly code: string;

	constructor(status: number, code: string, message: string) {
		super(message);
		this.status = status;
		this.code = code;
	}

	body() {
		const type = this.status < 500 ? 'invalid_request_error' : 'server_error';
		return { error: { message: this.message, type, param: null, code: this.code } };
	}
}

/** A chat completion request, reduced to what a LLaVA model can be asked. */
export interface ChatRequest {
	model: string;
	/** Encoded PNG, JPEG or WebP. */
	image: Uint8Array | null;
	question: string;
	system?: string;
	history: Turn[];
	settings: GenerationSettings;
	stream: boolean;
	/** Whether a stream ends with the token counts. */
	streamUsage: boolean;
}

/** Tokens of an answer where the request does not say. */
const DEFAULT_TOKENS = 256;
/** More messages than any conversation about one image has. */
const MAX_MESSAGES = 1000;
/** Most `=` at the end of base64. */
const MAX_PADDING = 2;

const part = z.discriminatedUnion('type', [
	z.looseObject({ type: z.literal('text'), text: z.string() }),
	z.looseObject({ type: z.literal('image_url'), image_url: z.looseObject({ url: z.string() }) }),
]);

const message = z.looseObject({
	role: z.enum(['system', 'developer', 'user', 'assistant']),
	content: z.union([z.string(), z.array(part)]),
});

const tokens = z.int().positive().nullish();

/** Fields that would change the answer and cannot be honoured; refused unless they say what is done anyway. */
const refused = {
	n: z.literal(1, { error: 'only one answer can be given' }).nullish(),
	tools: z.null({ error: 'tools cannot be called' }).optional(),
	response_format: z.looseObject({ type: z.literal('text', { error: 'only text can be given' }) }).nullish(),
	logprobs: z.literal(false, { error: 'cannot be given' }).nullish(),
	stop: z.null({ error: 'is not supported' }).optional(),
	top_p: z.literal(1, { error: 'only 1 is supported' }).nullish(),
	presence_penalty: z.literal(0, { error: 'only 0 is supported' }).nullish(),
	frequency_penalty: z.literal(0, { error: 'only 0 is supported' }).nullish(),
};

const requestSchema = z.looseObject({
	model: z.string(),
	messages: z.array(message).min(1).max(MAX_MESSAGES),
	max_tokens: tokens,
	max_completion_tokens: tokens,
	temperature: z.number().min(0).max(100).nullish(),
	seed: z.int().nullish(),
	stream: z.boolean().nullish(),
	stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
	...refused,
});

type Message = z.infer<typeof message>;

const bad = (text: string) => new ApiError(400, 'invalid_value', text);

function textOf({ content }: Message): string {
	if (typeof content === 'string') return content;
	return content.flatMap((one) => (one.type === 'text' ? one.text : [])).join('\n');
}

function imageUrls({ content }: Message): string[] {
	if (typeof content === 'string') return [];
	return content.flatMap((one) => (one.type === 'image_url' ? one.image_url.url : []));
}

/** The bytes of a data URL. Other URLs are refused: a server that fetches addresses it is given can be turned on others. */
function imageBytes(url: string): Uint8Array {
	const [head] = /^data:image\/(png|jpe?g|webp);base64,/i.exec(url) ?? [];
	if (head === undefined) {
		throw bad(`image_url: expected data:image/png, jpeg or webp in base64, got ${show(url)}; no address is fetched`);
	}
	const bytes = Buffer.from(url.slice(head.length), 'base64');
	// Buffer leaves out what is no base64; an image of which a part is missing would otherwise be taken for damaged.
	let end = url.length;
	while (end > url.length - MAX_PADDING && url[end - 1] === '=') end--;
	if (bytes.length !== Math.floor(((end - head.length) * 3) / 4)) throw bad('image_url: is not valid base64');
	return bytes;
}

function imageOf(users: readonly Message[]): Uint8Array | null {
	const urls = users.map(imageUrls);
	const all = urls.flat();
	if (all.length > 1) throw bad(`messages: ${all.length} images; this model takes one`);
	if (all.length === 1 && urls[0]!.length === 0) throw bad('messages: the image must stand in the first user message');
	return all.length === 1 ? imageBytes(all[0]!) : null;
}

/** Questions and answers in turn; the last question is the one to be answered. */
function turnsOf(messages: readonly Message[]): { question: string; history: Turn[] } {
	const texts = messages.map(textOf);
	const wrong = messages.findIndex(({ role }, i) => role !== (i % 2 === 0 ? 'user' : 'assistant'));
	if (wrong !== -1 || messages.length % 2 === 0) {
		throw bad(
			'messages: expected user and assistant in turn, the user first and last, after an optional system message',
		);
	}
	const history = texts
		.slice(0, -1)
		.flatMap((question, i) => (i % 2 === 0 ? [{ question, answer: texts[i + 1]! }] : []));
	return { question: texts.at(-1)!, history };
}

/** Reads the body of a chat completion request. Throws an ApiError that names the field. */
export function readChat(json: unknown): ChatRequest {
	let request: z.infer<typeof requestSchema>;
	try {
		request = validate(requestSchema, json, { where: 'request', code: 'invalid_value' });
	} catch (error) {
		if (error instanceof DorsalError) throw bad(error.message);
		throw error;
	}
	const isSystem = ({ role }: Message) => role === 'system' || role === 'developer';
	const [first] = request.messages;
	const rest = first && isSystem(first) ? request.messages.slice(1) : request.messages;
	return {
		model: request.model,
		image: imageOf(rest.filter(({ role }) => role === 'user')),
		...turnsOf(rest),
		...(first && isSystem(first) && { system: textOf(first) }),
		settings: {
			maxNewTokens: request.max_completion_tokens ?? request.max_tokens ?? DEFAULT_TOKENS,
			temperature: request.temperature ?? 0,
			seed: request.seed ?? 0,
		},
		stream: request.stream ?? false,
		streamUsage: request.stream_options?.include_usage ?? false,
	};
}
