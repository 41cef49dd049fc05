import { UsageError } from '../base/errors.ts';
import type { VisionPath } from '../checkpoint/vision-path.ts';
import { gridSide } from '../vlm/clip.ts';
import type { ImageSource } from '../vlm/images.ts';
import type { Model } from '../vlm/model.ts';
import { overridePath } from '../vlm/vision.ts';
import { answerText, askedToken } from './answer-token.ts';
import { type Encoded, encodedImages } from './data.ts';
import { normalizedEntropy } from './entropy.ts';
import { onGrid, tokenGrid } from './grid.ts';
import type { AttentionMap } from './results.ts';
import { visionRollout } from './rollout.ts';
import { chosenRows, type HeadSelection, resolveHeads } from './select-heads.ts';
import { answerRows, type TracedPrompt, type TracedPromptOptions, tracedPrompt } from './trace.ts';
import { type VisionColumns, visionAttention } from './vision-attention.ts';

export interface AttentionMapOptions extends HeadSelection, TracedPromptOptions {
	/** Parts of the vision path to replace. Default none. */
	path?: Partial<VisionPath>;
	/** The word of the answer whose first token is looked at; default see `askedToken`. */
	word?: string;
	/** Number of the token in the answer, from 0, in place of a word. */
	token?: number;
	/**
	 * `llm` (default): what the decoder's row gives the vision tokens. `vit`: what all patches together have looked at in
	 * the encoder. `composed`: what the patches that the decoder looks at have looked at there.
	 */
	source?: AttentionMap['source'];
	/** Default 32. */
	maxNewTokens?: number;
}

/**
 * Where the model looks as it generates one token of its answer (Sec. 7.1, Fig. 7 and 8). The row is that of the
 * position which predicts the token.
 *
 * @example
 * const model = await load('models/base', { trace: true });
 * const map = await attentionMap(model, await readFile('scene.png'), 'What color is the circle?');
 */
export async function attentionMap(
	model: Model,
	image: ImageSource,
	question: string,
	options: AttentionMapOptions = {},
): Promise<AttentionMap> {
	const path = overridePath(model, options.path ?? {});
	const item = { id: 'image', image: async () => image, question, captions: [] };
	for await (const encoded of encodedImages(model, { name: 'image', items: [item] }, [path])) {
		return mapOf(model, path, encoded, options);
	}
	throw new Error('one image gives one map');
}

/** The map for an image that has been encoded. */
export async function mapOf(
	model: Model,
	path: VisionPath,
	{ item, pixels, tokens }: Encoded,
	options: AttentionMapOptions,
): Promise<AttentionMap> {
	const { source = 'llm', word, token: asked } = options;
	const chosen = resolveHeads(model, options);
	const { side, places } = tokenGrid(model, path);
	const prompt = await tracedPrompt(model, tokens[0]!, item.question, options);
	const ids: number[] = [];
	const seen: number[][] = [];
	for await (const row of answerRows(model, prompt, options)) {
		if (row.isEnd && row.index > 0) break;
		ids.push(row.token);
		seen.push(visionAttention(chosenRows(row.attention, chosen), columnsOf(prompt)));
	}
	const answer = answerText(model.text, ids);
	const index = asked === undefined ? askedToken(answer, item.question, word) : checkToken(asked, ids, answer.text);
	const onTokens = onGrid(seen[index]!, { side, places });
	const llm = { side, weights: onTokens };
	const patches = gridSide(model.config.vision);
	const even = onTokens.map(() => 1);
	const map =
		source === 'llm'
			? llm
			: { side: patches, weights: await visionRollout(model, path, pixels, source === 'vit' ? even : onTokens) };
	return {
		image: item.id,
		question: item.question,
		answer: answer.text.trim(),
		token: { index, id: ids[index]!, text: tokenText(model, ids[index]!) },
		source,
		layers: chosen.layers,
		heads: chosen.heads,
		rows: map.side,
		columns: map.side,
		weights: map.weights,
		entropy: normalizedEntropy(map.weights),
		visionShare: seen[index]!.reduce((a, b) => a + b, 0),
	};
}

/** Columns of BOS and of the image in the rows of a prompt. */
export const columnsOf = ({ spans: { bos, vision } }: TracedPrompt): VisionColumns => ({
	bos: bos[1] > bos[0] ? bos[0] : null,
	start: vision[0],
	end: vision[1],
});

/** A token as a person reads it. */
const tokenText = ({ text }: Model, id: number) =>
	text.decode([id]).trim() || (text.tokenizer.tokenString(id) ?? `#${id}`);

function checkToken(token: number, ids: readonly number[], answer: string): number {
	if (Number.isInteger(token) && token >= 0 && token < ids.length) return token;
	throw new UsageError(
		`token ${token} was not generated: the answer ${JSON.stringify(answer.trim())} has ${ids.length}, numbered 0 … ${ids.length - 1}`,
		{ code: 'token-not-generated' },
	);
}
