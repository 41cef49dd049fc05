import type { Tensor } from '../base/tensor.ts';
import {
	argMax,
	createGraph,
	div,
	type Graph,
	input,
	matmul,
	max,
	output,
	reduceL2,
	reduceMax,
	transpose,
	type Value,
} from '../graph/index.ts';
import { embed } from '../vlm/embed.ts';
import type { Model } from '../vlm/model.ts';
import type { NearestWords } from './results.ts';

/** Words compared with at once: what is held is their embeddings and one number a token and word. */
const CHUNK = 256;
/** Cosines are counted in bins of this width. */
const BIN = 0.001;
const BINS = 2 / BIN;
const MOST_FREQUENT = 10;

const unitRows = (x: Value): Value => div(x, max(reduceL2(x, [1], { keepDims: true }), 1e-12));

/** `tokens` [tokens, width], `words` [words, width] → `cosine` [tokens] to the nearest word, and `word`, its index */
function nearestGraph(width: number): Graph {
	const graph = createGraph('nearest_words');
	const tokens = input(graph, 'tokens', 'float32', ['tokens', width]);
	const words = input(graph, 'words', 'float32', ['words', width]);
	const cosines = matmul(unitRows(tokens), transpose(unitRows(words), [1, 0])); // [tokens, words]
	output('cosine', reduceMax(cosines, [1]));
	output('word', argMax(cosines, 1));
	return graph;
}

/** Cosine to the nearest word embedding over any number of vision tokens, and which words are nearest most often. */
export function nearestWords(model: Model) {
	const { vocabSize, hiddenSize } = model.config.text;
	const bins = new Float64Array(BINS);
	const times = new Map<number, number>();
	let [count, sum, least, most] = [0, 0, 1, -1];

	const take = (cosine: number, word: number) => {
		count++;
		sum += cosine;
		least = Math.min(least, cosine);
		most = Math.max(most, cosine);
		bins[Math.min(BINS - 1, Math.max(0, Math.floor((cosine + 1) / BIN)))]!++;
		times.set(word, (times.get(word) ?? 0) + 1);
	};
	const quantile = (p: number) => {
		let bin = 0;
		for (let below = 0; bin < BINS - 1 && below + bins[bin]! <= p * (count - 1); bin++) below += bins[bin]!;
		return Math.min(most, Math.max(least, -1 + (bin + 0.5) * BIN));
	};
	return {
		/** tokens [1, V, width] */
		async add({ shape, data }: Tensor<'float32'>) {
			const session = await model.session('nearest_words', () => nearestGraph(hiddenSize));
			const tokens: Tensor<'float32'> = { dtype: 'float32', shape: shape.slice(1), data };
			const best = Array.from({ length: shape[1]! }, () => ({ cosine: Number.NEGATIVE_INFINITY, word: 0 }));
			for (let start = 0; start < vocabSize; start += CHUNK) {
				const ids = Array.from({ length: Math.min(CHUNK, vocabSize - start) }, (_, i) => start + i);
				const embedded = await embed(model, [ids]);
				const words: Tensor<'float32'> = { ...embedded, shape: [ids.length, hiddenSize] };
				const { cosine, word } = await session.run({ tokens, words });
				for (const [i, old] of best.entries()) {
					const found = cosine!.data[i] as number;
					if (found > old.cosine) best[i] = { cosine: found, word: start + Number(word!.data[i]) };
				}
			}
			for (const { cosine, word } of best) take(cosine, word);
		},
		result: (): NearestWords => ({
			mean: sum / count,
			min: least,
			max: most,
			quantiles: Object.fromEntries([0.05, 0.25, 0.5, 0.75, 0.95].map((p) => [p, quantile(p)])),
			words: [...times]
				.sort(([a, n], [b, m]) => m - n || a - b)
				.slice(0, MOST_FREQUENT)
				.map(([id, n]) => ({ word: model.text.tokenizer.tokenString(id) ?? `#${id}`, share: n / count })),
		}),
	};
}
