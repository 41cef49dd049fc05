import { float32, type Tensor, tensor } from '../base/tensor.ts';
import type { Fetches } from '../runtime/runtime.ts';
import { presentKey, presentValue } from './graphs.ts';
import type { Model } from './model.ts';

/** Keys and values of what some sequences have read so far, all equally long. */
export interface Cache {
	/** `present.i.key|value` [rows, kvHeads, length, headDim] */
	tensors: Fetches;
	rows: number;
	length: number;
	/** Position id that the next token gets: `length`, unless tokens were left out and positions kept. */
	nextPosition: number;
}

/** A cache of `rows` empty sequences. */
export function emptyCache({ config }: Model, rows: number): Cache {
	const { layers, kvHeads, headDim } = config.text;
	const empty = tensor('float32', [rows, kvHeads, 0, headDim], new Float32Array(0));
	const tensors: Fetches = {};
	for (let i = 0; i < layers; i++) {
		tensors[presentKey(i)] = empty;
		tensors[presentValue(i)] = empty;
	}
	return { tensors, rows, length: 0, nextPosition: 0 };
}

/**
 * Gives a cache's memory back at once; it is of no use afterwards. Left to the garbage collector, which does not see how
 * large they are, several caches pile up.
 */
export function releaseCache({ tensors }: Cache): void {
	const buffers = new Set(Object.values(tensors).map(({ data }) => data.buffer as ArrayBuffer));
	const { port1, port2 } = new MessageChannel();
	// What is handed to a port that nobody listens to is dropped.
	port2.close();
	port1.postMessage(null, [...buffers]);
	port1.close();
}

/** Which keys a query may look at, as half-open ranges [start, end) of columns. */
export type Visible = readonly (readonly [start: number, end: number])[];

/** 0 where a query may look, −∞ elsewhere: `visible(b, i)` for query i of sequence b → [batch, 1, sequence, total] */
export function attentionBias(
	batch: number,
	sequence: number,
	total: number,
	visible: (b: number, i: number) => Visible,
): Tensor<'float32'> {
	const bias = new Float32Array(batch * sequence * total).fill(Number.NEGATIVE_INFINITY);
	for (let b = 0; b < batch; b++) {
		for (let i = 0; i < sequence; i++) {
			const row = (b * sequence + i) * total;
			for (const [start, end] of visible(b, i)) bias.fill(0, row + start, row + end);
		}
	}
	return float32([batch, 1, sequence, total], bias);
}
