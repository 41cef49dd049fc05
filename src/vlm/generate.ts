import { type Rng, rng } from '../base/random.ts';
import { row } from '../base/tensor.ts';
import { type AttentionScaling, attentionScale, confidence, scalingFactor } from './attention-scaling.ts';
import { type Cache, releaseCache } from './cache.ts';
import type { Model } from './model.ts';
import { type Decoded, type DecodeInputs, decode } from './prefill.ts';
import { inRounds, type Reader, readersOf, readNext } from './readers.ts';
import { sampleToken } from './sample.ts';

export interface GenerateOptions {
	/** Default 32. */
	maxNewTokens?: number;
	/** 0, the default, is greedy. */
	temperature?: number;
	/** Seed of the sampler. Default 0. */
	seed?: number;
	/** Changes attention to these columns of the prefix, the vision tokens, while the prompt is read. Default none. */
	attention?: { columns: readonly [start: number, end: number]; scaling: AttentionScaling } | undefined;
	/** Gives the prefix's memory back as soon as it has been read. Default false: it stays as it is. */
	releasePrefix?: boolean;
}

/** The rest of a prompt after what the cache holds. */
export interface Continuation {
	/** Row of the prefix cache that it goes on from. */
	row: number;
	/** Token ids, at least one. */
	ids: readonly number[];
	/** Names the sampler's stream, so that batching never changes what is drawn. */
	stream: string;
	/** Called with each token of the answer as soon as it is known; false ends the answer after it. */
	onToken?: (id: number) => boolean;
}

/** A continuation whose answer is being generated. */
interface Branch extends Reader, Pick<Continuation, 'onToken'> {
	answer: number[];
	rng: Rng;
}

/**
 * Answers all continuations of a shared prefix; returns the answers' token ids, the end token left out.
 *
 * The prefix is read once: the questions about one image are branches of one sequence, each hidden from the others by
 * the attention bias, so that nothing is copied a question and lengths need not agree. An answer ends where the model
 * has no further position.
 */
export function generate(
	model: Model,
	prefix: Cache,
	continuations: readonly Continuation[],
	options: GenerateOptions = {},
): Promise<number[][]> {
	return inRounds(model, continuations, (part, isLast) =>
		generateRound(model, prefix, part, { ...options, releasePrefix: isLast && options.releasePrefix === true }),
	);
}

async function generateRound(
	model: Model,
	prefix: Cache,
	continuations: readonly Continuation[],
	{ maxNewTokens = 32, temperature = 0, seed = 0, attention, releasePrefix }: GenerateOptions,
): Promise<number[][]> {
	const branches: Branch[] = readersOf(prefix, continuations).map((branch, i) => ({
		...branch,
		answer: [],
		rng: rng(seed, 'sample', continuations[i]!.stream),
		onToken: continuations[i]!.onToken,
	}));
	let running = branches;
	let cache = prefix;
	for (let step = 0; step < maxNewTokens && running.length > 0; step++) {
		const { inputs, moved } = await readNext(model, cache, running);
		const { logits, cache: grown } =
			step === 0 && attention
				? await decodeScaled(model, inputs, cache, attention)
				: await decode(model, inputs, cache);
		running.forEach((branch, i) => {
			Object.assign(branch, moved[i]!);
		});
		if (cache !== prefix || releasePrefix) releaseCache(cache);
		cache = grown;
		const vocab = logits.shape[1]!;
		running = running.filter((branch, i) => {
			const token = sampleToken(logits.data.subarray(i * vocab, (i + 1) * vocab), temperature, branch.rng);
			if (model.config.eosTokenIds.includes(token)) return false;
			branch.answer.push(token);
			branch.next = [token];
			const goOn = branch.onToken?.(token) ?? true;
			return goOn && branch.position < model.config.text.maxPositions;
		});
	}
	if (cache !== prefix) releaseCache(cache);
	return branches.map(({ answer }) => answer);
}

/** Decodes with attention to `columns` scaled in the rows that are asked; AdaptVis reads the prompt plainly first. */
async function decodeScaled(
	model: Model,
	inputs: DecodeInputs,
	past: Cache,
	{ columns, scaling }: NonNullable<GenerateOptions['attention']>,
): Promise<Decoded> {
	const { bias, logitRows } = inputs;
	const [batch, , sequence, total] = bias.shape as [number, number, number, number];
	let factors: number[];
	if (scaling.kind === 'fixed') factors = logitRows.map(() => scaling.factor);
	else {
		const { logits } = await decode(model, { ...inputs, keepCache: false }, past);
		factors = logitRows.map((_, i) => scalingFactor(scaling, confidence(row(logits, i).data)));
	}
	return decode(
		model,
		{ ...inputs, scale: attentionScale([batch, sequence, total], columns, logitRows, factors) },
		past,
	);
}
