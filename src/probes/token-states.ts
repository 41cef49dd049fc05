import { row, type Tensor } from '../base/tensor.ts';
import type { VisionPath } from '../checkpoint/vision-path.ts';
import { attentionBias, releaseCache } from '../vlm/cache.ts';
import { gridSide } from '../vlm/clip.ts';
import { embedPrefix } from '../vlm/embed.ts';
import type { Model } from '../vlm/model.ts';
import { decode, prefill, sliceSequence } from '../vlm/prefill.ts';
import { applyTail } from '../vlm/vision.ts';

/** A place in the network where every vision token has a state. */
export interface Site {
	/** `projected`: what the projector gives, before the rest of the vision path. */
	part: 'encoder' | 'projected' | 'decoder';
	/** Number of the hidden state, 0 what goes into the first layer; null for projected tokens. */
	layer: number | null;
	/** Channels of a state. */
	width: number;
}

/** All places, in the order in which a token passes them. */
export function sitesOf({ config: { vision, text } }: Model): Site[] {
	const layers = (count: number) => Array.from({ length: count + 1 }, (_, layer) => layer);
	return [
		...layers(vision.layers).map((layer): Site => ({ part: 'encoder', layer, width: vision.hiddenSize })),
		{ part: 'projected', layer: null, width: text.hiddenSize },
		...layers(text.layers).map((layer): Site => ({ part: 'decoder', layer, width: text.hiddenSize })),
	];
}

/** Given the states of the tokens [start, start + count) of every image at a site: [images, count, width] */
export type StateVisitor = (site: number, states: Tensor<'float32'>, start: number) => void;

/** Memory that what is computed at once may take, in bytes: states, inner activations, attention; keys and values. */
const BUDGET = 2 ** 25;

/** Places of a token's intermediate values that are alive at the same time in one layer. */
const ALIVE = 3;

/** How many images are read together. */
export function imagesTogether({ config: { vision, text } }: Model, most = 16): number {
	const tokens = gridSide(vision) ** 2 + 1;
	const encoder = tokens * ((vision.layers + 1) * vision.hiddenSize + ALIVE * vision.heads * tokens);
	const cache = tokens * 2 * text.layers * text.kvHeads * text.headDim;
	return Math.min(most, Math.max(1, Math.floor(BUDGET / (4 * Math.max(encoder, cache)))));
}

/** How many tokens of each of `images` prompts of `total` tokens the decoder reads at once. */
function tokensTogether({ config: { text } }: Model, images: number, total: number): number {
	const { layers, hiddenSize, intermediateSize, heads } = text;
	const token = (layers + 1) * hiddenSize + ALIVE * (intermediateSize + heads * total);
	return Math.max(1, Math.floor(BUDGET / (4 * images * token)));
}

/**
 * Hands out the states of the vision tokens of some images, site by site as `sitesOf` numbers them. A class token is left
 * out. What the decoder holds is read off its prefix alone: no later text can reach the image's tokens.
 *
 * @param pixels [images, 3, size, size]
 */
export async function visitStates(
	model: Model,
	pixels: Tensor<'float32'>,
	path: VisionPath,
	visit: StateVisitor,
): Promise<void> {
	const { config } = model;
	const encoder = await model.visionEncoder(path);
	const wanted = Array.from({ length: config.vision.layers + 1 }, (_, n) => `hidden_states.${n}`);
	const { tokens, ...states } = await encoder.run({ pixel_values: pixels }, ['tokens', ...wanted]);
	const projected = tokens as Tensor<'float32'>;
	const first = config.visionFeatureSelect === 'full' ? 1 : 0;
	wanted.forEach((name, layer) => {
		const state = states[name] as Tensor<'float32'>;
		visit(layer, sliceSequence(state, 1, state.shape[1]!), 0);
	});
	const at = config.vision.layers + 1;
	visit(at, sliceSequence(projected, first, projected.shape[1]!), 0);

	const read = await applyTail(model, projected, path);
	await visitDecoder(model, read, first, (layer, state, start) => visit(at + 1 + layer, state, start));
}

/** The decoder's hidden states at the image's tokens, from the `first` on, a chunk at a time. tokens [images, V, width] */
async function visitDecoder(
	model: Model,
	tokens: Tensor<'float32'>,
	first: number,
	visit: StateVisitor,
): Promise<void> {
	const [images, count] = tokens.shape as [number, number, number];
	const { layers } = model.config.text;
	const { ids, imageAt } = model.text.encodePrompt({ question: 'Where?', image: true });
	const lead = imageAt!;
	const embeddings = await embedPrefix(model, ids.slice(0, lead), tokens);
	let cache = await prefill(model, sliceSequence(embeddings, 0, lead + first));
	const chunk = tokensTogether(model, images, lead + count);
	const fetch = Array.from({ length: layers + 1 }, (_, n) => `hidden_states.${n}`);
	for (let start = first; start < count; start += chunk) {
		const end = Math.min(start + chunk, count);
		const { length, nextPosition } = cache;
		const positions = Array.from({ length: end - start }, (_, i) => nextPosition + i);
		const decoded = await decode(
			model,
			{
				embeddings: sliceSequence(embeddings, lead + start, lead + end),
				positions: Array.from({ length: images }, () => positions).flat(),
				bias: attentionBias(images, end - start, length + end - start, (_, i) => [[0, length + i + 1]]),
				logitRows: [0],
				fetch,
				keepCache: end < count,
			},
			cache,
		);
		releaseCache(cache);
		cache = decoded.cache;
		fetch.forEach((name, layer) => {
			visit(layer, decoded.fetched[name] as Tensor<'float32'>, start - first);
		});
	}
}

/** State of token i of an image: [images, count, width] → [width], as a view */
export const stateOf = (states: Tensor<'float32'>, image: number, i: number): Float32Array =>
	row(row(states, image), i).data;
