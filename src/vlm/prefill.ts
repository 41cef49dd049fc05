import { UsageError } from '../base/errors.ts';
import { float32, int64, type Tensor } from '../base/tensor.ts';
import type { Fetches } from '../runtime/runtime.ts';
import { attentionBias, type Cache, emptyCache, releaseCache } from './cache.ts';
import { askedAttention, pastKey, pastValue, presentKey, presentValue } from './graphs.ts';
import type { Model } from './model.ts';

/** Tokens a run of the decoder takes at most: attention scores grow with their number times the prompt's. */
const PREFILL_CHUNK = 256;
/** The same for a model that is looked into, where memory counts for more than speed. */
const TRACED_CHUNK = 128;

export interface DecodeInputs {
	/** [batch, sequence, width] */
	embeddings: Tensor<'float32'>;
	/** Position ids, batch × sequence, sequence by sequence. */
	positions: readonly number[];
	/** [batch, 1, sequence, past + sequence] */
	bias: Tensor<'float32'>;
	/** Tokens whose logits are wanted, as b · sequence + i; at least one. */
	logitRows: readonly number[];
	/** Multiplied with the attention logits, in the bias's shape; default none. */
	scale?: Tensor<'float32'>;
	/** Also fetches `asked_attentions.n` of every layer. Default false. */
	askedAttentions?: boolean;
	/** Further outputs of the decoder's graph (a model loaded with `trace`). */
	fetch?: readonly string[];
	/** Whether the cache that comes back holds the new tokens' keys and values too. Default true; else it is empty. */
	keepCache?: boolean;
	/** The places in the sequence that `fetch` is about. Default: all where something is fetched. */
	tracedRows?: readonly number[];
}

export interface Decoded {
	/** [logitRows.length, vocab] */
	logits: Tensor<'float32'>;
	cache: Cache;
	/** What `fetch` and `askedAttentions` named. */
	fetched: Fetches;
}

/** Runs the decoder over new tokens on top of a cache of as many sequences. */
export async function decode(model: Model, inputs: DecodeInputs, past: Cache): Promise<Decoded> {
	const {
		embeddings,
		positions,
		bias,
		scale,
		logitRows,
		askedAttentions = false,
		fetch = [],
		keepCache = true,
	} = inputs;
	const [batch, sequence] = embeddings.shape as [number, number];
	const tracedRows = inputs.tracedRows ?? Array.from({ length: fetch.length > 0 ? sequence : 0 }, (_, i) => i);
	const nextPosition = positions.reduce((a, b) => Math.max(a, b), 0) + 1;
	checkPositions(model, nextPosition);

	const feeds: Record<string, Tensor> = {
		inputs_embeds: embeddings,
		position_ids: int64([batch, sequence], positions),
		attention_bias: bias,
		...((scale || model.interventions) && { attention_scale: scale ?? onesLike(bias) }),
		logit_rows: int64([logitRows.length], logitRows),
		...(model.trace && { traced_rows: int64([tracedRows.length], tracedRows) }),
	};
	const { layers } = model.config.text;
	const wanted = askedAttentions ? [...fetch, ...Array.from({ length: layers }, (_, i) => askedAttention(i))] : fetch;
	const outputs = ['logits', ...wanted];
	for (let i = 0; i < layers; i++) {
		feeds[pastKey(i)] = past.tensors[presentKey(i)]!;
		feeds[pastValue(i)] = past.tensors[presentValue(i)]!;
		if (keepCache) outputs.push(presentKey(i), presentValue(i));
	}
	const session = await model.decoder({ attentionScale: scale !== undefined, askedAttentions });
	const results = await session.run(feeds, outputs);
	const pick = (keep: (name: string) => boolean) =>
		Object.fromEntries(Object.entries(results).filter(([name]) => keep(name)));
	return {
		logits: results.logits as Tensor<'float32'>,
		cache: {
			tensors: pick((name) => name.startsWith('present.')),
			rows: batch,
			length: past.length + sequence,
			nextPosition,
		},
		fetched: pick((name) => wanted.includes(name)),
	};
}

const onesLike = ({ shape, data }: Tensor<'float32'>) => float32(shape, new Float32Array(data.length).fill(1));

function checkPositions({ config, checkpoint }: Model, length: number): void {
	if (length > config.text.maxPositions) {
		throw new UsageError(
			`a prompt of ${length} tokens is longer than ${checkpoint.location} can read (max_position_embeddings ${config.text.maxPositions}); shorten the question or pool the vision tokens`,
			{ code: 'prompt-too-long' },
		);
	}
}

export interface PrefillOptions {
	/** Position ids of the new tokens, one list a sequence; default from the cache's `nextPosition` on. */
	positions?: readonly (readonly number[])[];
	/** Position id of what comes after; default one more than the largest. */
	nextPosition?: number | undefined;
	/** What came before; default nothing. */
	past?: Cache;
	/** Given the norms of every token of each chunk of the prompt, [batch, chunk] a hidden state (a model loaded with `trace`). */
	onHiddenNorms?: (norms: Tensor<'float32'>[], start: number) => void;
}

/** Reads a prompt, each token looking at itself and all before it, a chunk at a time: [batch, sequence, width] → cache. */
export async function prefill(
	model: Model,
	embeddings: Tensor<'float32'>,
	options: PrefillOptions = {},
): Promise<Cache> {
	const [batch, sequence] = embeddings.shape as [number, number];
	const { onHiddenNorms } = options;
	const chunk = model.trace ? TRACED_CHUNK : PREFILL_CHUNK;
	const states = onHiddenNorms ? model.config.text.layers + 1 : 0;
	const fetch = Array.from({ length: states }, (_, n) => `hidden_norms.${n}`);
	let cache = options.past ?? emptyCache(model, batch);
	const first = cache.nextPosition;
	const inOrder = Array.from({ length: sequence }, (_, i) => first + i);
	const positions = options.positions ?? Array.from({ length: batch }, () => inOrder);
	for (let start = 0; start < sequence; start += chunk) {
		const end = Math.min(start + chunk, sequence);
		const { length } = cache;
		const decoded = await decode(
			model,
			{
				embeddings: sliceSequence(embeddings, start, end),
				positions: positions.flatMap((row) => row.slice(start, end)),
				bias: attentionBias(batch, end - start, length + end - start, (_, i) => [[0, length + i + 1]]),
				logitRows: [0],
				fetch,
				tracedRows: [],
			},
			cache,
		);
		if (start > 0) releaseCache(cache);
		cache = decoded.cache;
		onHiddenNorms?.(
			fetch.map((name) => decoded.fetched[name] as Tensor<'float32'>),
			start,
		);
	}
	return options.nextPosition === undefined ? cache : { ...cache, nextPosition: options.nextPosition };
}

/** Tokens [start, end) of every sequence: [batch, sequence, width] → [batch, end − start, width] */
export function sliceSequence(x: Tensor<'float32'>, start: number, end: number): Tensor<'float32'> {
	const [batch, sequence, width] = x.shape as [number, number, number];
	if (start === 0 && end === sequence) return x;
	const out = new Float32Array(batch * (end - start) * width);
	for (let b = 0; b < batch; b++) {
		out.set(x.data.subarray((b * sequence + start) * width, (b * sequence + end) * width), b * (end - start) * width);
	}
	return float32([batch, end - start, width], out);
}
