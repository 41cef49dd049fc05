import type { VisionPath } from '../checkpoint/vision-path.ts';
import type { Conversation } from '../text/text.ts';
import { emptyCache } from './cache.ts';
import { embedPrefix } from './embed.ts';
import { type GenerateOptions, generate } from './generate.ts';
import { type ImageSource, pixelsOf } from './images.ts';
import type { Model } from './model.ts';
import { prefill } from './prefill.ts';
import { applyTail, encodePixels, overridePath } from './vision.ts';

export interface AskOptions extends GenerateOptions, Pick<Conversation, 'system' | 'history'> {
	/** Parts of the vision path to replace; default none. */
	path?: Partial<VisionPath>;
	/** Called with each token of the answer as soon as it is known; false ends the answer after it. */
	onToken?: (id: number) => boolean;
}

export interface Answer {
	/** The generated text, special tokens and outer white space left out. */
	answer: string;
	/** Its token ids, the end token left out. */
	ids: number[];
	/** Tokens that the model read: text and vision together. */
	promptTokens: number;
	/** How many of them are vision tokens. */
	visionTokens: number;
}

/**
 * One question about one image, or about none (`null`: the text-only control).
 *
 * @example
 * const model = await load('models/base');
 * const { answer } = await ask(model, await readFile('scene.png'), 'What color is at the top of the image?');
 * await model.close();
 */
export async function ask(
	model: Model,
	image: ImageSource | null,
	question: string,
	{ path = {}, system, history, onToken, ...generation }: AskOptions = {},
): Promise<Answer> {
	const prompt = model.text.encodePrompt({ question, image: image !== null, system, history });
	let cache = emptyCache(model, 1);
	let { ids } = prompt;
	let visionTokens = 0;
	if (image !== null) {
		const full = overridePath(model, path);
		const tokens = await applyTail(model, await encodePixels(model, await pixelsOf(model, [image]), full), full);
		visionTokens = tokens.shape[1]!;
		cache = await prefill(model, await embedPrefix(model, ids.slice(0, prompt.imageAt!), tokens));
		ids = ids.slice(prompt.imageAt! + 1);
	}
	const [answer] = await generate(model, cache, [{ row: 0, ids, stream: question, onToken }], generation);
	return {
		answer: model.text.decode(answer!).trim(),
		ids: answer!,
		promptTokens: cache.length + ids.length,
		visionTokens,
	};
}
