import { z } from 'zod';
import { InputError } from '../../base/errors.ts';
import { parseJson, show, validate } from '../../base/json.ts';
import { rng } from '../../base/random.ts';
import type { RgbImage } from '../../image/image.ts';
import { type PreprocessConfig, preprocess } from '../../image/preprocess.ts';
import type { Turn } from '../../text/text.ts';
import type { Sample, Wording } from './sample.ts';

/** What stands for the image in LLaVA's files. */
const IMAGE = '<image>';

const entrySchema = z.looseObject({
	image: z.string().min(1).optional(),
	conversations: z.array(z.looseObject({ from: z.string(), value: z.string() })).min(2),
});

/** One conversation of a file. */
export interface LlavaEntry {
	/** Path of its image below the folder of images; null where it has none. */
	image: string | null;
	turns: readonly Turn[];
}

/** As LLaVA does it: the image stands before the first question, wherever the file has it. */
const withoutImage = (value: string) => value.replace(IMAGE, '').trim();

function parseEntry(raw: unknown, where: string): LlavaEntry {
	const { image, conversations } = validate(entrySchema, raw, { where, code: 'llava-json' });
	const fail = (at: string, reason: string) => new InputError(`${where}: ${at}: ${reason}`, { code: 'llava-json' });
	if (conversations.length % 2 !== 0) {
		throw fail('conversations', `expected a question and an answer in turn, got ${conversations.length} messages`);
	}
	conversations.forEach(({ from, value }, i) => {
		const expected = i % 2 === 0 ? 'human' : 'gpt';
		if (from !== expected) throw fail(`conversations[${i}].from`, `expected ${show(expected)}, got ${show(from)}`);
		const images = value.split(IMAGE).length - 1;
		const allowed = i === 0 && image !== undefined ? 1 : 0;
		if (images !== allowed) {
			throw fail(`conversations[${i}].value`, `expected ${allowed} times ${IMAGE}, got ${images}`);
		}
	});
	const turns = Array.from({ length: conversations.length / 2 }, (_, i) => ({
		question: withoutImage(conversations[2 * i]!.value),
		answer: conversations[2 * i + 1]!.value.trim(),
	}));
	return { image: image ?? null, turns };
}

/** LLaVA's JSON: a list of conversations. The first that is wrong is an InputError with its number. */
export function parseLlava(bytes: Uint8Array, where: string): LlavaEntry[] {
	const list = validate(z.array(z.unknown()).min(1), parseJson(bytes, where), { where, code: 'llava-json' });
	return list.map((raw, i) => parseEntry(raw, `${where}: [${i}]`));
}

/** A file of conversations, opened: every image that it names is there. */
export interface Conversations {
	entries: readonly LlavaEntry[];
	/** A decoded image by its path in the file. */
	image(path: string): Promise<RgbImage>;
}

/** The number of steps that `epochs` passes over `count` conversations take. */
export const stepsOf = (count: number, epochs: number, batch: number) =>
	Math.max(1, Math.round((epochs * count) / batch));

/** Numbers of the conversations of step `step` (1 is the first): each pass takes all of them, in an order of its own. */
export function conversationNumbers(
	count: number,
	{ seed, stage, step, batch }: { seed: number; stage: string; step: number; batch: number },
): number[] {
	const orders = new Map<number, number[]>();
	return Array.from({ length: batch }, (_, i) => {
		const at = (step - 1) * batch + i;
		const epoch = Math.floor(at / count);
		const order = orders.get(epoch) ?? rng(seed, 'train', stage, 'epoch', epoch).permutation(count);
		orders.set(epoch, order);
		return order[at % count]!;
	});
}

/** One conversation as a sample: its turns are one branch, each question seeing what was said before. */
export async function llavaSample(
	{ image, turns }: LlavaEntry,
	conversations: Conversations,
	{ config, wording }: { config: PreprocessConfig; wording: Wording },
): Promise<Sample> {
	const branches = [wording.branch(turns)];
	if (image === null) return { pixels: null, prefix: wording.lead, branches };
	const pixels = preprocess(await conversations.image(image), config).data;
	return { pixels, prefix: [...wording.lead, wording.imageId], branches };
}
