import { normalizedEntropy } from './entropy.ts';
import { meanInterval, meanTable } from './mean.ts';
import type { AttentionEntropy } from './results.ts';
import { type AttentionRows, type VisionColumns, visionAttention } from './vision-attention.ts';

/** Tokens of an answer from here on are not listed one by one. */
const TOKENS = 16;

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Sums vectors that come one by one. */
function vectorSum() {
	let sum: number[] | undefined;
	return {
		add(values: readonly number[]) {
			sum = sum ? sum.map((value, i) => value + values[i]!) : [...values];
		},
		get: () => sum!,
	};
}

/**
 * Entropies over the answers to many prompts, each given row by row; keeps means and sums only. H(mean) averages the
 * attention of rows first, mean(H) their entropies.
 */
export function entropyTotals(layers: number, heads: number) {
	const byToken = meanTable(TOKENS, 1);
	const byHead = meanTable(layers, heads);
	const layerMeanOfH = meanTable(layers, 1);
	const layerHOfMean = meanTable(layers, 1);
	const meanOfH: number[] = [];
	const hOfMean: number[] = [];
	const everything = vectorSum();
	let rows = 0;

	const addHeads = (row: AttentionRows, { start, end }: VisionColumns) => {
		for (const [layer, ofLayer] of row.entries()) {
			for (const [head, weights] of ofLayer.entries()) {
				const seen = Array.prototype.slice.call(weights, start, end) as number[];
				// A head whose weights on the image all round to zero has no distribution over it.
				byHead.add(layer, head, seen.some((weight) => weight > 0) ? normalizedEntropy(seen) : undefined);
			}
		}
	};
	return {
		/** All rows of one answer, at least one. */
		add(answer: readonly AttentionRows[], columns: VisionColumns) {
			const whole = vectorSum();
			const ofLayers = Array.from({ length: layers }, vectorSum);
			const own: number[] = [];
			for (const [index, row] of answer.entries()) {
				const seen = visionAttention(row, columns);
				own.push(normalizedEntropy(seen));
				if (index < TOKENS) byToken.add(index, 0, own.at(-1));
				whole.add(seen);
				everything.add(seen);
				row.forEach((ofLayer, layer) => {
					const alone = visionAttention([ofLayer], columns);
					layerMeanOfH.add(layer, 0, normalizedEntropy(alone));
					ofLayers[layer]!.add(alone);
				});
				addHeads(row, columns);
				rows++;
			}
			meanOfH.push(mean(own));
			hOfMean.push(normalizedEntropy(whole.get()));
			ofLayers.forEach((sum, layer) => {
				layerHOfMean.add(layer, 0, normalizedEntropy(sum.get()));
			});
		},
		result: (): AttentionEntropy => ({
			rows,
			meanOfH: meanInterval(meanOfH)!,
			hOfMean: meanInterval(hOfMean)!,
			perImage: meanOfH,
			hOfMeanOverAll: normalizedEntropy(everything.get()),
			byToken: byToken.rowMeans().filter((h) => h !== null),
			byLayer: {
				meanOfH: layerMeanOfH.rowMeans() as number[],
				hOfMean: layerHOfMean.rowMeans() as number[],
			},
			byHead: byHead.means(),
		}),
	};
}
