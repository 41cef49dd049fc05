import { type Rng, rng } from '../base/random.ts';
import { attentionBias, type Cache, type Visible } from './cache.ts';
import { embed } from './embed.ts';
import type { Model } from './model.ts';
import { decode } from './prefill.ts';
import { sampleToken } from './sample.ts';

export interface GenerateOptions {
	/** Default 32. */
	maxNewTokens?: number;
	/** 0, the default, is greedy. */
	temperature?: number;
	/** Seed of the sampler. Default 0. */
	seed?: number;
}

/** The rest of a prompt after what the cache holds. */
export interface Continuation {
	/** Row of the prefix cache that it goes on from. */
	row: number;
	/** Token ids, at least one. */
	ids: readonly number[];
	/** Names the sampler's stream, so that batching never changes what is drawn. */
	stream: string;
}

/** One continuation on its way. Those of one row stand side by side in one sequence and do not see each other. */
interface Branch {
	row: number;
	/** Tokens to be read in the next run. */
	next: readonly number[];
	/** Position id of the first of them. */
	position: number;
	/** Columns of the cache that it may look at. */
	visible: Visible;
	answer: number[];
	rng: Rng;
}

/**
 * Answers all continuations of a shared prefix; returns the answers' token ids, the end token left out.
 *
 * The prefix is read once: the questions about one image are branches of one sequence, each hidden from the others by
 * the attention bias, so that nothing is copied a question and lengths need not agree.
 */
export async function generate(
	model: Model,
	prefix: Cache,
	continuations: readonly Continuation[],
	{ maxNewTokens = 32, temperature = 0, seed = 0 }: GenerateOptions = {},
): Promise<number[][]> {
	const branches: Branch[] = continuations.map(({ row, ids, stream }) => ({
		row,
		next: ids,
		position: prefix.nextPosition,
		visible: [[0, prefix.length]],
		answer: [],
		rng: rng(seed, 'sample', stream),
	}));
	let running = branches;
	let cache = prefix;
	for (let step = 0; step < maxNewTokens && running.length > 0; step++) {
		const { logits, cache: grown } = await readNext(model, cache, running);
		cache = grown;
		const vocab = logits.shape[1]!;
		running = running.filter((branch, i) => {
			const token = sampleToken(logits.data.subarray(i * vocab, (i + 1) * vocab), temperature, branch.rng);
			if (model.config.eosTokenIds.includes(token)) return false;
			branch.answer.push(token);
			branch.next = [token];
			return true;
		});
	}
	return branches.map(({ answer }) => answer);
}

/** Reads every branch's next tokens in one run and moves the branches on. Logits: [branches, vocab] */
async function readNext(model: Model, past: Cache, branches: readonly Branch[]) {
	const ends = new Array<number>(past.rows).fill(0);
	const starts = branches.map(({ row, next }) => {
		ends[row]! += next.length;
		return ends[row]! - next.length;
	});
	const sequence = Math.max(...ends);
	const total = past.length + sequence;

	const ids: number[][] = ends.map(() => new Array(sequence).fill(0));
	const positions: number[][] = ends.map(() => new Array(sequence).fill(0));
	// What is beyond a row's last token is padding; it looks at itself, so that its softmax is defined.
	const visible: Visible[][] = ends.map(() =>
		Array.from({ length: sequence }, (_, i) => [[past.length + i, past.length + i + 1]]),
	);
	const last = branches.map((branch, n) => {
		const { row, next, position } = branch;
		const start = starts[n]!;
		const from = past.length + start;
		next.forEach((id, i) => {
			ids[row]![start + i] = id;
			positions[row]![start + i] = position + i;
			visible[row]![start + i] = [...branch.visible, [from, from + i + 1]];
		});
		branch.visible = [...branch.visible, [from, from + next.length]];
		branch.position += next.length;
		return row * sequence + start + next.length - 1;
	});
	return decode(
		model,
		{
			embeddings: await embed(model, ids),
			positions: positions.flat(),
			bias: attentionBias(past.rows, sequence, total, (b, i) => visible[b]![i]!),
			logitRows: last,
		},
		past,
	);
}
