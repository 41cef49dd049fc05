import { z } from 'zod';
import { InputError } from '../../base/errors.ts';
import { parseJson, show, validate } from '../../base/json.ts';
import type { RgbImage } from '../../image/image.ts';
import { type PreprocessConfig, preprocess } from '../../image/preprocess.ts';
import type { TextProcessor, Turn } from '../../text/text.ts';
import { type Layout, prefixLength } from './batch.ts';
import type { Branch, Sample, Wording } from './sample.ts';

/** What stands for the image in LLaVA's files. */
const IMAGE = '<image>';

const entrySchema = z.looseObject({
	image: z.string().min(1).optional(),
	conversations: z.array(z.looseObject({ from: z.string(), value: z.string() })),
});

/** One conversation of a file. */
export interface LlavaEntry {
	/** Path of its image below the folder of images; null where it has none. */
	image: string | null;
	turns: readonly Turn[];
}

/** As LLaVA does it: the image stands before the first question, wherever the file has it. */
const withoutImage = (value: string) => value.replace(IMAGE, '').trim();

const isHuman = ({ from }: { from: string }) => from === 'human';

/**
 * One conversation of LLaVA's JSON; `where` names it in messages. As in LLaVA, a first message that is not the user's and
 * a last question without an answer are left out, as shared chats begin and end anywhere.
 */
export function parseEntry(raw: unknown, where: string): LlavaEntry {
	const { image, conversations } = validate(entrySchema, raw, { where, code: 'llava-json' });
	const fail = (at: string, reason: string) => new InputError(`${where}: ${at}: ${reason}`, { code: 'llava-json' });
	const first = conversations[0] && !isHuman(conversations[0]) ? 1 : 0;
	const count = Math.floor((conversations.length - first) / 2);
	if (count === 0) {
		throw fail('conversations', `expected a question and an answer, got ${conversations.length} messages`);
	}
	const messages = conversations.slice(first, first + 2 * count);
	messages.forEach(({ from, value }, i) => {
		const expected = i % 2 === 0 ? 'human' : 'gpt';
		const at = `conversations[${first + i}]`;
		if (from !== expected) throw fail(`${at}.from`, `expected ${show(expected)}, got ${show(from)}`);
		const images = value.split(IMAGE).length - 1;
		const allowed = i === 0 && image !== undefined ? 1 : 0;
		if (images !== allowed) throw fail(`${at}.value`, `expected ${allowed} times ${IMAGE}, got ${images}`);
	});
	const turns = Array.from({ length: count }, (_, i) => ({
		question: withoutImage(messages[2 * i]!.value),
		answer: messages[2 * i + 1]!.value.trim(),
	}));
	return { image: image ?? null, turns };
}

/** LLaVA's JSON in memory: a list of conversations. The first that is wrong is an InputError with its number. */
export function parseLlava(bytes: Uint8Array, where: string): LlavaEntry[] {
	const list = validate(z.array(z.unknown()).min(1), parseJson(bytes, where), { where, code: 'llava-json' });
	return list.map((raw, i) => parseEntry(raw, `${where}: [${i}]`));
}

/** Throws an InputError where a text of a conversation would be read as something else than text. */
export function checkPlainText({ entries, location }: Conversations, { tokenizer }: TextProcessor): void {
	const special = [...tokenizer.specialIds].map((id) => tokenizer.tokenString(id)).filter((token) => token);
	for (const [i, { turns }] of entries.entries()) {
		for (const text of turns.flatMap(({ question, answer }) => [question, answer])) {
			const token = special.find((one) => text.includes(one!));
			if (token === undefined) continue;
			throw new InputError(
				`${location}: [${i}].conversations: ${show(text)} holds ${show(token)}, which the model would not read as text; leave it out`,
				{ code: 'special-token' },
			);
		}
	}
}

/** A file of conversations, opened: every image that it names is there. */
export interface Conversations {
	/** The file, for messages. */
	location: string;
	entries: readonly LlavaEntry[];
	/** The decoded image of a conversation, by its number. */
	image(number: number): Promise<RgbImage>;
}

/** What of a branch the model can read. */
const cut = ({ ids, targets }: Branch, room: number): Branch => ({
	ids: ids.slice(0, room),
	targets: targets.filter((i) => i < room),
});

/**
 * One conversation as a sample: its turns are one branch, each question seeing what was said before. As in LLaVA, what the
 * model cannot read (`layout.maxPositions`) is cut off at the end.
 */
export async function llavaSample(
	conversations: Conversations,
	number: number,
	{ config, wording, layout }: { config: PreprocessConfig; wording: Wording; layout: Layout },
): Promise<Sample> {
	const { image, turns } = conversations.entries[number]!;
	const whole: Sample =
		image === null
			? { pixels: null, ...wording.textOnly(turns) }
			: {
					pixels: preprocess(await conversations.image(number), config).data,
					prefix: [...wording.lead, wording.imageId],
					branches: [wording.branch(turns)],
				};
	const room = Math.max(1, layout.maxPositions - prefixLength(whole, layout));
	return { ...whole, branches: whole.branches.map((branch) => cut(branch, room)) };
}
