import { attentionBias, type Cache, type Visible } from './cache.ts';
import { embed } from './embed.ts';
import type { Model } from './model.ts';
import type { DecodeInputs } from './prefill.ts';

/**
 * What is read after a shared prefix. Several readers of one row stand side by side in one sequence, each hidden from
 * the others by the attention bias, so that nothing is copied a question and lengths need not agree.
 */
export interface Reader {
	/** Row of the cache. */
	row: number;
	/** Tokens to be read in the next run, at least one. */
	next: readonly number[];
	/** Position id of the first of them. */
	position: number;
	/** Columns of the cache that it may look at. */
	visible: Visible;
}

/** Readers that go on from the end of a prefix. */
export function readersOf(prefix: Cache, continuations: readonly { row: number; ids: readonly number[] }[]): Reader[] {
	return continuations.map(({ row, ids }) => ({
		row,
		next: ids,
		position: prefix.nextPosition,
		visible: [[0, prefix.length]],
	}));
}

/** Tokens that the readers of one row are given in a run, at most: attention scores grow with their number squared. */
const ROW_TOKENS = 512;

/**
 * Carries out `run` on continuations in rounds that one run of the decoder each can begin, and gives the results in the
 * order of the continuations. A row's tokens together are at most 512 a round, and at most as many as the model has
 * positions, since ORT rotates no longer sequence; a continuation that is longer by itself has its row alone.
 */
export async function inRounds<C extends { row: number; ids: readonly number[] }, R>(
	{ config }: Model,
	continuations: readonly C[],
	run: (part: readonly C[], isLast: boolean) => Promise<readonly R[]>,
): Promise<R[]> {
	const most = Math.min(ROW_TOKENS, config.text.maxPositions);
	const rounds: { members: number[]; taken: Map<number, number> }[] = [];
	continuations.forEach(({ row, ids }, i) => {
		const free = rounds.find(({ taken }) => !taken.has(row) || taken.get(row)! + ids.length <= most);
		const round = free ?? { members: [], taken: new Map<number, number>() };
		if (!free) rounds.push(round);
		round.members.push(i);
		round.taken.set(row, (round.taken.get(row) ?? 0) + ids.length);
	});
	const results: R[] = new Array(continuations.length);
	for (const [n, { members }] of rounds.entries()) {
		const part = members.map((i) => continuations[i]!);
		const found = await run(part, n === rounds.length - 1);
		members.forEach((i, j) => {
			results[i] = found[j]!;
		});
	}
	return results;
}

export interface NextRun {
	/** What the decoder is to be given; asks for the logits of each reader's last token. */
	inputs: DecodeInputs;
	/** Where each reader stands after it. */
	moved: Pick<Reader, 'position' | 'visible'>[];
}

/** Lays out every reader's next tokens for one run of the decoder on top of `past`. */
export async function readNext(model: Model, past: Cache, readers: readonly Reader[]): Promise<NextRun> {
	const ends = new Array<number>(past.rows).fill(0);
	const starts = readers.map(({ row, next }) => {
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
	readers.forEach((reader, n) => {
		const from = past.length + starts[n]!;
		reader.next.forEach((id, i) => {
			const at = starts[n]! + i;
			ids[reader.row]![at] = id;
			positions[reader.row]![at] = reader.position + i;
			visible[reader.row]![at] = [...reader.visible, [from, from + i + 1]];
		});
	});
	return {
		inputs: {
			embeddings: await embed(model, ids),
			positions: positions.flat(),
			bias: attentionBias(past.rows, sequence, total, (b, i) => visible[b]![i]!),
			logitRows: readers.map(({ row, next }, n) => row * sequence + starts[n]! + next.length - 1),
		},
		moved: readers.map(({ next, position, visible: seen }, n) => {
			const from = past.length + starts[n]!;
			return { position: position + next.length, visible: [...seen, [from, from + next.length]] };
		}),
	};
}
