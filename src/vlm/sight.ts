import type { Tensor } from '../base/tensor.ts';
import type { Cache } from './cache.ts';
import { embedPrefix } from './embed.ts';
import type { Model } from './model.ts';
import { prefill } from './prefill.ts';
import { gatherTokens, type TokenSelection } from './selection.ts';

/** Vision tokens as the decoder is to read them. */
export interface Sight {
	/** [rows, count, width] */
	tokens: Tensor<'float32'>;
	/** The place of each token of each row among `of` positions; absent where they follow each other. */
	places?: { rows: readonly (readonly number[])[]; of: number };
}

/** Some of each row's tokens: tokens [images, V, width] → a sight of `rows.length` rows. */
export function selectedSight(
	tokens: Tensor<'float32'>,
	rows: readonly { image: number; kept: readonly number[] }[],
	positions: TokenSelection['positions'],
): Sight {
	const sight: Sight = { tokens: gatherTokens(tokens, rows) };
	if (positions === 'original') sight.places = { rows: rows.map(({ kept }) => kept), of: tokens.shape[1]! };
	return sight;
}

/** Reads the text before the image, the same for every row, and the vision tokens. */
export async function prefillSight(model: Model, ids: readonly number[], { tokens, places }: Sight): Promise<Cache> {
	const embeddings = await embedPrefix(model, ids, tokens);
	if (!places) return prefill(model, embeddings);
	return prefill(model, embeddings, {
		positions: places.rows.map((kept) => [...ids.keys(), ...kept.map((place) => ids.length + place)]),
		nextPosition: ids.length + places.of,
	});
}
