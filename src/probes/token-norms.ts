import { InputError } from '../base/errors.ts';
import type { Tensor } from '../base/tensor.ts';
import { embed } from '../vlm/embed.ts';
import type { Model } from '../vlm/model.ts';
import { addValue, coarsen, emptyHistogram, histogramQuantile, type LogHistogram } from './log-histogram.ts';
import type { NormDistribution } from './results.ts';

const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
/** Fine bins in one of a figure's: sixteen of those a decade. */
const MERGE = 32;

/** L2 norms of the last axis: [..., width] → one a row. Throws an InputError for a norm that is no finite number. */
export function rowNorms({ shape, data }: Tensor<'float32'>, what: string): Float64Array {
	const width = shape.at(-1)!;
	return Float64Array.from({ length: data.length / width }, (_, r) => {
		let square = 0;
		for (let i = r * width; i < (r + 1) * width; i++) square += data[i]! ** 2;
		if (Number.isFinite(square)) return Math.sqrt(square);
		throw new InputError(`${what}: token ${r} is not made of finite numbers; are the model's weights damaged?`, {
			code: 'not-finite',
		});
	});
}

/** What a histogram says, as plain data. It must hold something. */
export function distributionOf(histogram: LogHistogram): NormDistribution {
	return {
		count: histogram.count,
		mean: histogram.sum / histogram.count,
		min: histogram.min,
		max: histogram.max,
		quantiles: Object.fromEntries(QUANTILES.map((p) => [p, histogramQuantile(histogram, p)!])),
		histogram: coarsen(histogram, MERGE),
	};
}

/** Norms of word embeddings over captions, BOS included; each word's is measured once. */
export function captionNorms(model: Model) {
	const histogram = emptyHistogram();
	const known = new Map<number, number>();
	return {
		histogram,
		async add(caption: string) {
			const ids = model.text.tokenizer.encode(caption, { special: true });
			const unseen = [...new Set(ids)].filter((id) => !known.has(id));
			if (unseen.length > 0) {
				const norms = rowNorms(await embed(model, [unseen]), 'word embeddings');
				unseen.forEach((id, i) => {
					known.set(id, norms[i]!);
				});
			}
			for (const id of ids) addValue(histogram, known.get(id)!);
		},
	};
}
