import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { limiter } from '../base/limiter.ts';
import { concatRows, type Tensor } from '../base/tensor.ts';
import { splitAtImage } from '../text/text.ts';
import { emptyCache } from '../vlm/cache.ts';
import { embedPrefix } from '../vlm/embed.ts';
import { type Continuation, generate } from '../vlm/generate.ts';
import { pixelsOf } from '../vlm/images.ts';
import type { Model } from '../vlm/model.ts';
import { prefill } from '../vlm/prefill.ts';
import { applyTail, encodePixels, visionTokenCount } from '../vlm/vision.ts';
import type { Written } from './answers.ts';
import { ApiError, type ChatRequest } from './chat.ts';

/** Requests answered together at most: beyond that the first ones would wait long for the last. */
const MAX_BATCH = 32;
/** More characters a token than any text has: longer texts cannot fit, and would take long to tokenize (CWE-400). */
const MAX_CHARACTERS_PER_TOKEN = 32;

/** Who asks: told of the text so far after each token, and asked whether to go on. */
export interface Listener {
	wanted(): boolean;
	onText(text: string): void;
}

/** A request ready to be answered; of its image only what the encoder sees is kept. */
export interface Ready {
	question: string;
	settings: ChatRequest['settings'];
	image: { pixels: Tensor<'float32'>; hash: string } | null;
	/** What stands before the image, and after it. */
	lead: readonly number[];
	rest: readonly number[];
	promptTokens: number;
	maxNewTokens: number;
	/** Requests with the same one can be answered together. */
	group: string;
}

interface Waiting extends Ready, Listener {
	resolve(written: Written): void;
	reject(error: unknown): void;
}

function checkLength(model: Model, { question, system = '', history }: ChatRequest): void {
	const texts = [question, system, ...history.flatMap((turn) => [turn.question, turn.answer])];
	const length = texts.reduce((sum, text) => sum + text.length, 0);
	const { maxPositions } = model.config.text;
	if (length > maxPositions * MAX_CHARACTERS_PER_TOKEN) throw tooLong(`${length} characters`, maxPositions);
}

const tooLong = (length: string, most: number) =>
	new ApiError(400, 'context_length_exceeded', `messages: ${length}; this model reads at most ${most} tokens`);

/** Nobody is told: there is nobody left. */
const gone = () => new ApiError(499, 'gone', 'the client has hung up');

async function makeReady(
	model: Model,
	request: ChatRequest,
	seen: (image: Uint8Array) => Promise<Tensor<'float32'>>,
): Promise<Ready> {
	checkLength(model, request);
	const { question, system, history, settings } = request;
	const prompt = model.text.encodePrompt({ question, image: request.image !== null, system, history });
	const { prefix, rest } = splitAtImage(prompt);
	const { maxPositions } = model.config.text;
	const promptTokens = prompt.ids.length + (request.image ? visionTokenCount(model) - 1 : 0);
	if (promptTokens >= maxPositions) throw tooLong(`${promptTokens} tokens`, maxPositions);
	const pixels = request.image && (await seen(request.image));
	const lead = prefix.slice(0, -1);
	return {
		question,
		settings,
		image: pixels && { pixels, hash: bytesToHex(sha256(request.image!)) },
		lead,
		rest,
		promptTokens,
		maxNewTokens: Math.min(settings.maxNewTokens, maxPositions - promptTokens),
		group: JSON.stringify([pixels && lead, settings.temperature, settings.seed]),
	};
}

/** Answers requests of one group in one go; each image is read once. */
async function answerTogether(model: Model, batch: readonly Waiting[]): Promise<Written[]> {
	const images = new Map(batch.flatMap(({ image }) => (image ? [[image.hash, image.pixels]] : [])));
	const rows = [...images.keys()];
	let cache = emptyCache(model, 1);
	if (rows.length > 0) {
		const pixels = concatRows([...images.values()]);
		const tokens = await applyTail(model, await encodePixels(model, pixels), model.visionPath);
		cache = await prefill(model, await embedPrefix(model, batch[0]!.lead, tokens));
	}
	const texts = batch.map(({ onText, wanted, maxNewTokens }) => {
		const ids: number[] = [];
		const onToken = (id: number) => {
			ids.push(id);
			onText(model.text.decode(ids));
			return ids.length < maxNewTokens && wanted();
		};
		return { ids, onToken };
	});
	const continuations = batch.map(
		({ image, rest, question }, i): Continuation => ({
			row: image ? rows.indexOf(image.hash) : 0,
			ids: rest,
			stream: question,
			onToken: texts[i]!.onToken,
		}),
	);
	const { temperature, seed } = batch[0]!.settings;
	const maxNewTokens = Math.max(...batch.map((one) => one.maxNewTokens));
	await generate(model, cache, continuations, { temperature, seed, maxNewTokens });
	return batch.map(({ promptTokens, maxNewTokens: most }, i) => {
		const { ids } = texts[i]!;
		const text = model.text.decode(ids).trim();
		return { text, promptTokens, completionTokens: ids.length, cut: ids.length === most };
	});
}

/**
 * Answers requests as they come, those that are waiting together: they share a run of the model, and the image where it
 * is the same. Requests that nobody waits for any more are dropped.
 */
export function createBatches(model: Model) {
	let waiting: Waiting[] = [];
	let running: Promise<void> | undefined;
	// A small file may hold an image of hundreds of megabytes; so there is one at a time.
	const inTurn = limiter(1);

	const runAll = async () => {
		for (;;) {
			for (const one of waiting.filter(({ wanted }) => !wanted())) one.reject(gone());
			waiting = waiting.filter(({ wanted }) => wanted());
			const [oldest] = waiting;
			if (!oldest) return;
			const batch = waiting.filter((one) => one.group === oldest.group).slice(0, MAX_BATCH);
			waiting = waiting.filter((one) => !batch.includes(one));
			try {
				const written = await answerTogether(model, batch);
				batch.forEach((one, i) => {
					one.resolve(written[i]!);
				});
			} catch (error) {
				for (const one of batch) one.reject(error);
			}
		}
	};

	return {
		/** Reads a request's text and image. Throws an ApiError or InputError for what the model cannot be asked. */
		prepare(request: ChatRequest, { wanted }: Pick<Listener, 'wanted'>): Promise<Ready> {
			return makeReady(model, request, (image) =>
				inTurn(async () => {
					if (!wanted()) throw gone();
					return pixelsOf(model, [image]);
				}),
			);
		},
		/** The whole answer, once it is there. */
		answer(ready: Ready, listener: Listener): Promise<Written> {
			return new Promise((resolve, reject) => {
				waiting.push({ ...ready, ...listener, resolve, reject });
				running ??= runAll().finally(() => {
					running = undefined;
				});
			});
		},
		/** Resolves when nothing is under way. */
		idle: async () => running,
	};
}
