import { InputError } from '../base/errors.ts';
import { row, type Tensor } from '../base/tensor.ts';
import type { VisionPath } from '../checkpoint/vision-path.ts';
import type { Cache } from './cache.ts';
import { askedAttention, resolveLayers } from './graphs.ts';
import type { Model } from './model.ts';
import { permutationOrder } from './permutation.ts';
import { decode } from './prefill.ts';
import { inRounds, readersOf, readNext } from './readers.ts';
import { farthestTokens, randomTokens, stridedTokens, type TokenSelection, topTokens } from './selection.ts';
import { classAttention, visionTokensOf } from './vision.ts';

/** Why a model cannot select tokens in this way, in one sentence; null if it can. */
export function selectionProblem(model: Model, path: VisionPath, selection: TokenSelection): string | null {
	const { config } = model;
	const tokens = visionTokensOf(model, path);
	if (selection.count > tokens) {
		return `there are ${tokens} vision tokens, fewer than the ${selection.count} to select; take at most ${tokens}`;
	}
	if (selection.kind !== 'attention' && selection.kind !== 'class-attention') return null;
	if (selection.kind === 'class-attention' && (path.pool !== null || config.visionFeatureSelect === 'full')) {
		return 'the class token attends to patches, and here tokens are not patches; leave out pooling, or select by attention';
	}
	const [part, layers] =
		selection.kind === 'attention' ? ['decoder', config.text.layers] : ['encoder', config.vision.layers];
	if (selection.layer === null || selection.layer < layers) return null;
	return `${part} layer ${selection.layer} does not exist; layers are numbered 0 … ${layers - 1}`;
}

function checkFinite(scores: Float32Array): void {
	if (scores.every(Number.isFinite)) return;
	throw new InputError('vision tokens cannot be ranked: some are not finite numbers; are the weights damaged?', {
		code: 'not-finite',
	});
}

/** The encoder layer that gives the last of the hidden states that are taken. */
function lastLayer({ config }: Model, { layers }: VisionPath): number {
	return Math.max(0, Math.max(...resolveLayers(config, layers)) - 1);
}

/**
 * The tokens kept of each image, in order, for a selection that does not look at the question.
 *
 * @param pixels [images, 3, size, size]
 * @param tokens after the vision path: [images, V, width]
 */
export async function keptOfImages(
	model: Model,
	pixels: Tensor<'float32'>,
	tokens: Tensor<'float32'>,
	path: VisionPath,
	selection: Exclude<TokenSelection, { kind: 'attention' }>,
): Promise<number[][]> {
	const [images, count] = tokens.shape as [number, number, number];
	const each = (choose: (image: number) => number[]) => Array.from({ length: images }, (_, i) => choose(i));
	switch (selection.kind) {
		case 'random':
			return each(() => randomTokens(count, selection.count, selection.seed));
		case 'strided':
			return each(() => stridedTokens(count, selection.count));
		case 'farthest':
			checkFinite(tokens.data);
			return each((image) => farthestTokens(row(tokens, image), selection.count, selection.metric));
		case 'class-attention': {
			const scores = await classAttention(model, pixels, selection.layer ?? lastLayer(model, path));
			checkFinite(scores.data);
			const order = path.permute ? permutationOrder(path.permute, count) : [...Array(count).keys()];
			return each((image) => {
				const { data } = row(scores, image);
				return topTokens(
					order.map((patch) => data[patch]!),
					selection.count,
				);
			});
		}
	}
}

/**
 * The tokens kept for each question, in order, by the attention of its prompt's last token.
 *
 * @param prefix the text before the image and all vision tokens, the latter in the columns [start, end)
 */
export function keptOfQuestions(
	model: Model,
	prefix: Cache,
	[start, end]: readonly [number, number],
	questions: readonly { row: number; ids: readonly number[] }[],
	{ count, layer }: Extract<TokenSelection, { kind: 'attention' }>,
): Promise<number[][]> {
	const layers = layer === null ? [...Array(model.config.text.layers).keys()] : [layer];
	return inRounds(model, questions, async (part) => {
		const { inputs } = await readNext(model, prefix, readersOf(prefix, part));
		const { fetched } = await decode(model, { ...inputs, askedAttentions: true, keepCache: false }, prefix);
		const attentions = layers.map((n) => fetched[askedAttention(n)] as Tensor<'float32'>); // [part, total]
		return part.map((_, question) => {
			const scores = new Float32Array(end - start);
			for (const attention of attentions) {
				const { data } = row(attention, question);
				for (let i = 0; i < scores.length; i++) scores[i]! += data[start + i]! / layers.length;
			}
			checkFinite(scores);
			return topTokens(scores, count);
		});
	});
}
