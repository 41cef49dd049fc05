import { UsageError } from '../base/errors.ts';
import type { Model } from '../vlm/model.ts';
import type { AttentionRows } from './vision-attention.ts';

/** Layers and heads of the decoder, counted from 0, negative from the end. Default: all. */
export interface HeadSelection {
	layers?: readonly number[];
	heads?: readonly number[];
}

function resolve(what: string, chosen: readonly number[] | undefined, count: number, where: string): number[] {
	if (chosen === undefined) return Array.from({ length: count }, (_, i) => i);
	if (chosen.length === 0)
		throw new UsageError(`no ${what} given; name one, or leave it out`, { code: 'no-such-head' });
	return chosen.map((n) => {
		if (Number.isInteger(n) && n >= -count && n < count) return n < 0 ? n + count : n;
		throw new UsageError(
			`${what} ${n} does not exist in ${where}: the decoder has ${count}, numbered 0 … ${count - 1}, or −1 … −${count} from the end`,
			{ code: 'no-such-head' },
		);
	});
}

/** The chosen layers and heads as numbers from 0; a UsageError for one that the model has not. */
export function resolveHeads(
	{ config: { text }, checkpoint: { location } }: Model,
	{ layers, heads }: HeadSelection,
): { layers: number[]; heads: number[] } {
	return {
		layers: resolve('layer', layers, text.layers, location),
		heads: resolve('head', heads, text.heads, location),
	};
}

/** The rows of the chosen layers and heads alone. */
export const chosenRows = (
	rows: AttentionRows,
	{ layers, heads }: { layers: number[]; heads: number[] },
): AttentionRows => layers.map((layer) => heads.map((head) => rows[layer]![head]!));
