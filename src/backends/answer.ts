import type { Tensor } from '../base/tensor.ts';
import type { Prompt } from '../text/text.ts';
import { type Cache, emptyCache, releaseCache } from '../vlm/cache.ts';
import { type Continuation, generate } from '../vlm/generate.ts';
import type { Model } from '../vlm/model.ts';
import { keptOfQuestions } from '../vlm/select.ts';
import { prefillSight, type Sight, selectedSight } from '../vlm/sight.ts';
import type { Ask, Condition, GenerationSettings } from './backend.ts';

/** The images of one batch. */
export interface View {
	/** After the vision path: [images, V, width] */
	tokens: Tensor<'float32'>;
	/** Tokens kept of each image, where the choice is the image's alone. */
	kept?: readonly number[][] | undefined;
}

/** A batch's prompts, split at the image. */
interface Prompts {
	/** What stands before the image, the same in every prompt. */
	lead: readonly number[];
	rest: Continuation[];
}

export interface AnswerSettings extends GenerationSettings {
	/** Number of images. */
	rows: number;
	/** Sequences that may be kept in memory at once. */
	rowsAtOnce: number;
	/** The prompt of a question with or without an image. */
	encode(question: string, image: boolean): Prompt;
}

/** Asks about a batch of images, or about none. */
export async function answerAsks(
	model: Model,
	view: View | null,
	asks: readonly Ask[],
	{ select, attention }: Condition,
	{ rows, rowsAtOnce, encode, ...settings }: AnswerSettings,
): Promise<string[]> {
	const prompts = promptsOf(encode, asks, view !== null);
	if (!view) return answerRows(model, emptyCache(model, rows), prompts, settings);
	const changed = { ...settings, attention };
	const { tokens, kept } = view;
	if (!select) return answerSight(model, { tokens }, prompts, changed);
	if (kept) {
		const chosen = kept.map((indices, image) => ({ image, kept: indices }));
		return answerSight(model, selectedSight(tokens, chosen, select.positions), prompts, changed);
	}
	if (select.kind !== 'attention') throw new RangeError(`${select.kind}: expected the tokens kept of each image`);

	// The choice is the question's, so every question gets a row of its own.
	const prefix = await prefillSight(model, prompts.lead, { tokens });
	const columns = [prompts.lead.length, prefix.length] as const;
	const chosen = await keptOfQuestions(model, prefix, columns, prompts.rest, select);
	releaseCache(prefix);
	const answers: string[] = [];
	for (let start = 0; start < asks.length; start += rowsAtOnce) {
		const part = prompts.rest.slice(start, start + rowsAtOnce);
		const sight = selectedSight(
			tokens,
			part.map(({ row }, i) => ({ image: row, kept: chosen[start + i]! })),
			select.positions,
		);
		const own = { ...prompts, rest: part.map((continuation, row) => ({ ...continuation, row })) };
		answers.push(...(await answerSight(model, sight, own, changed)));
	}
	return answers;
}

function promptsOf(encode: AnswerSettings['encode'], asks: readonly Ask[], image: boolean): Prompts {
	const prompts = asks.map(({ prompt }) => encode(prompt, image));
	const [first] = prompts;
	return {
		lead: image ? first!.ids.slice(0, first!.imageAt!) : [],
		rest: asks.map(({ image: row, id }, i) => {
			const { ids, imageAt } = prompts[i]!;
			return { row, ids: ids.slice((imageAt ?? -1) + 1), stream: id };
		}),
	};
}

type Settings = GenerationSettings & Pick<Condition, 'attention'>;

async function answerSight(model: Model, sight: Sight, prompts: Prompts, settings: Settings): Promise<string[]> {
	return answerRows(model, await prefillSight(model, prompts.lead, sight), prompts, settings);
}

async function answerRows(
	model: Model,
	prefix: Cache,
	{ lead, rest }: Prompts,
	{ attention, ...settings }: Settings,
): Promise<string[]> {
	const answers = await generate(model, prefix, rest, {
		...settings,
		releasePrefix: true,
		attention: attention && { scaling: attention, columns: [lead.length, prefix.length] },
	});
	return answers.map((ids) => model.text.decode(ids).trim());
}
