import { InputError } from '../base/errors.ts';
import { concatRows, float32, row, type Tensor } from '../base/tensor.ts';
import type { PromptSpans, Span } from '../text/text.ts';
import { attentionBias, type Cache, releaseCache } from '../vlm/cache.ts';
import { embed, embedPrefix } from '../vlm/embed.ts';
import { presentKey } from '../vlm/graphs.ts';
import type { Model } from '../vlm/model.ts';
import { decode, prefill, sliceSequence } from '../vlm/prefill.ts';
import { argMax } from '../vlm/sample.ts';
import { requireTrace } from './data.ts';

/** A question about an image, laid out as the decoder reads it. */
export interface TracedPrompt {
	question: string;
	spans: PromptSpans;
	/** [1, N, width] */
	embeddings: Tensor<'float32'>;
}

export interface TracedPromptOptions {
	/** System prompt; default what the chat template has. */
	system?: string;
	/** Takes the system prompt's tokens out again, so that what is left has no gap. Default false. */
	dropSystem?: boolean;
}

const width = ([start, end]: Span) => end - start;

/** Spans after `cut` has been taken out. */
function withoutSpan(spans: PromptSpans, cut: Span): PromptSpans {
	const moved = (position: number) => (position >= cut[1] ? position - width(cut) : Math.min(position, cut[0]));
	const entries = Object.entries(spans).map(([name, [start, end]]) => [name, [moved(start), moved(end)]]);
	return Object.fromEntries(entries) as PromptSpans;
}

/** The prompt for a question with the image's tokens in their place. tokens [1, V, width] */
export async function tracedPrompt(
	model: Model,
	tokens: Tensor<'float32'>,
	question: string,
	{ system, dropSystem = false }: TracedPromptOptions = {},
): Promise<TracedPrompt> {
	const prompt = model.text.encodePrompt({ question, image: true, ...(system !== undefined && { system }) });
	const whole = prompt.spans(tokens.shape[1]!);
	const cut: Span = dropSystem ? whole.system : [0, 0];
	const ids = prompt.ids.filter((_, i) => i < cut[0] || i >= cut[1]);
	const imageAt = prompt.imageAt! - width(cut);
	const before = await embedPrefix(model, ids.slice(0, imageAt), tokens);
	const rest = ids.slice(imageAt + 1);
	const embeddings = rest.length === 0 ? before : joined([before, await embed(model, [rest])]);
	return { question, spans: withoutSpan(whole, cut), embeddings };
}

/** Sequences one after the other: [1, Nᵢ, width] each → [1, ΣNᵢ, width] */
function joined(parts: readonly Tensor<'float32'>[]): Tensor<'float32'> {
	const { shape, data } = concatRows(parts.map((part) => row(part, 0)));
	return float32([1, ...shape], data);
}

/** Norms of hidden states: `norms[n][token]`, n as Hugging Face counts; 0 the embeddings, the last after the final norm. */
export type HiddenNorms = Float32Array[];

export interface ReadPrompt {
	/** Keys and values of what was read; the keys with RoPE applied. */
	cache: Cache;
	norms: HiddenNorms;
}

export interface ReadPromptOptions {
	/** How many of the prompt's tokens. Default all. */
	end?: number;
}

/** Reads the prompt's tokens a chunk at a time; nothing grows with the square of its length. Release the cache after use. */
export async function readPrompt(
	model: Model,
	{ embeddings }: TracedPrompt,
	{ end = embeddings.shape[1]! }: ReadPromptOptions = {},
): Promise<ReadPrompt> {
	requireTrace(model);
	const norms = Array.from({ length: model.config.text.layers + 1 }, () => new Float32Array(end));
	const cache = await prefill(model, sliceSequence(embeddings, 0, end), {
		onHiddenNorms: (chunk, start) => {
			for (const [n, { data }] of chunk.entries()) norms[n]!.set(data, start);
		},
	});
	return { cache, norms };
}

/** What the decoder does with one token. */
export interface TracedRow {
	/** Post-softmax weights: `attention[layer][head]`, one number a key, the token itself included. */
	attention: Float32Array[][];
	/** `queries[layer][head]` [headDim], RoPE applied. */
	queries: Float32Array[][];
	/** [vocab] */
	logits: Float32Array;
}

const layersOf = (kind: string, count: number) => Array.from({ length: count }, (_, n) => `${kind}.${n}`);

/** Reads some tokens after a cache of one sequence and looks at the last of them. embeddings [1, tokens, width] */
export async function traceLast(model: Model, embeddings: Tensor<'float32'>, past: Cache): Promise<TracedRow> {
	requireTrace(model);
	const { layers, heads } = model.config.text;
	const [attentions, queries] = [layersOf('attentions', layers), layersOf('queries', layers)];
	const tokens = embeddings.shape[1]!;
	const { length, nextPosition } = past;
	const { logits, fetched } = await decode(
		model,
		{
			embeddings,
			positions: Array.from({ length: tokens }, (_, i) => nextPosition + i),
			bias: attentionBias(1, tokens, length + tokens, (_, i) => [[0, length + i + 1]]),
			logitRows: [tokens - 1],
			fetch: [...attentions, ...queries],
			tracedRows: [tokens - 1],
			keepCache: false,
		},
		past,
	);
	const byHead = (name: string) => {
		const data = fetched[name]!.data as Float32Array; // [1, heads, 1, size]
		const size = data.length / heads;
		return Array.from({ length: heads }, (_, h) => data.subarray(h * size, (h + 1) * size));
	};
	return { attention: attentions.map(byHead), queries: queries.map(byHead), logits: logits.data };
}

/** The row that predicts one token of the answer. */
export interface AnswerRow extends TracedRow {
	/** 0 for the first token of the answer, which the last token of the prompt predicts. */
	index: number;
	/** Id of the token that it predicts. */
	token: number;
	/** It predicts the end of the answer, which is no token of it. */
	isEnd: boolean;
}

export interface AnswerRowsOptions {
	/** Default 32. */
	maxNewTokens?: number;
}

/**
 * Answers a prompt greedily and gives, token by token, the row that predicts it: the last of the prompt first. The row
 * that predicts the end comes last, where the answer ends of itself.
 */
export async function* answerRows(
	model: Model,
	prompt: TracedPrompt,
	{ maxNewTokens = 32 }: AnswerRowsOptions = {},
): AsyncGenerator<AnswerRow> {
	const last = prompt.embeddings.shape[1]! - 1;
	const { cache } = await readPrompt(model, prompt, { end: last });
	// The answer is read anew for each of its tokens: it is short, and a cache that grows would be copied each time.
	let tail = sliceSequence(prompt.embeddings, last, last + 1);
	try {
		for (let index = 0; index < maxNewTokens; index++) {
			const traced = await traceLast(model, tail, cache);
			const token = argMax(checkedLogits(traced.logits, model));
			const isEnd = model.config.eosTokenIds.includes(token);
			yield { ...traced, index, token, isEnd };
			if (isEnd) return;
			tail = joined([tail, await embed(model, [[token]])]);
		}
	} finally {
		releaseCache(cache);
	}
}

function checkedLogits(logits: Float32Array, { checkpoint: { location } }: Model): Float32Array {
	if (logits.every(Number.isFinite)) return logits;
	throw new InputError(`${location}: the model's logits are not finite numbers; are its weights damaged?`, {
		code: 'not-finite',
	});
}

/** A prompt and its greedy answer, seen from inside. */
export interface Trace {
	spans: PromptSpans;
	answer: string;
	/** The rows that predict the answer's tokens, and its end. */
	rows: AnswerRow[];
	/** Of every token of the prompt. */
	norms: HiddenNorms;
	/** `keys[layer]` of the prompt, RoPE applied: [1, kvHeads, N, headDim] */
	keys: Tensor<'float32'>[];
}

/** Everything about one prompt at once. Rows grow with the answer times the prompt; over many, use `answerRows`. */
export async function tracePrompt(model: Model, prompt: TracedPrompt, options: AnswerRowsOptions = {}): Promise<Trace> {
	const { cache, norms } = await readPrompt(model, prompt);
	const rows: AnswerRow[] = [];
	for await (const row of answerRows(model, prompt, options)) rows.push(row);
	const ids = rows.filter(({ isEnd }) => !isEnd).map(({ token }) => token);
	return {
		spans: prompt.spans,
		answer: model.text.decode(ids).trim(),
		rows,
		norms,
		keys: rows[0]!.attention.map((_, layer) => cache.tensors[presentKey(layer)] as Tensor<'float32'>),
	};
}
