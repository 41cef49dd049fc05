import { InputError } from '../../base/errors.ts';
import { show } from '../../base/json.ts';
import type { TextProcessor, Turn } from '../../text/text.ts';

/** Some text and which of its tokens are targets. */
export interface Branch {
	ids: readonly number[];
	/** Indices of `ids` that are answers. */
	targets: readonly number[];
}

/**
 * What a training step reads of one image: a prefix and branches that go on from it, each hidden from the others, as
 * questions are when they are asked.
 */
export interface Sample {
	/** [3, size, size]; null for text alone. */
	pixels: Float32Array | null;
	/** Up to the image's id, and including it; of text alone, up to where the branches begin. */
	prefix: readonly number[];
	branches: readonly Branch[];
}

/** Conversations as token ids; questions about scenes come in a few thousand wordings, which are remembered. */
export interface Wording {
	/** What comes before the image. */
	lead: readonly number[];
	/** The image's id. */
	imageId: number;
	/** What comes after the image in a conversation of these turns, targets being the answers and what ends them. */
	branch(turns: readonly Turn[]): Branch;
	/** A conversation without an image, its first token as the prefix. */
	textOnly(turns: readonly Turn[]): Pick<Sample, 'prefix' | 'branches'>;
	/** Words in the place of an image. */
	words(text: string): number[];
}

/** What is remembered at most; the oldest goes first, as lists of objects hardly ever repeat one another. */
const MAX_REMEMBERED = 20_000;

/** `make`, remembering what it has made for the same arguments. */
function remembering<A extends readonly unknown[], T>(make: (...args: A) => T): (...args: A) => T {
	const known = new Map<string, T>();
	return (...args) => {
		const key = JSON.stringify(args);
		let made = known.get(key);
		if (made === undefined) {
			made = make(...args);
			if (known.size === MAX_REMEMBERED) known.delete(known.keys().next().value!);
			known.set(key, made);
		}
		return made;
	};
}

/** The first token of a conversation as its prefix, and the rest as its branch. */
const afterFirst = (ids: readonly number[], targets: readonly number[]): Pick<Sample, 'prefix' | 'branches'> => ({
	prefix: ids.slice(0, 1),
	branches: [{ ids: ids.slice(1), targets: targets.map((i) => i - 1).filter((i) => i >= 0) }],
});

/**
 * The chat template's wording, each answer ended by EOS whether the template writes it or not. Throws an InputError where
 * the template cannot be trained on.
 */
export function chatWording(text: TextProcessor, system?: string): Wording {
	const prompt = (history: readonly Turn[], question: string, image: boolean) =>
		text.encodePrompt({ question, image, history, endAnswers: true, ...(system !== undefined && { system }) });
	const promptOf = remembering((...args: Parameters<typeof prompt>) => prompt(...args).ids);
	/** Ids up to the end of the last answer, and which of them are answers. */
	const conversation = (turns: readonly Turn[], image: boolean): Branch & { imageAt: number | null } => {
		// A further question, so that the template writes out the last answer and what ends it.
		const whole = prompt(turns, '.', image);
		const end = (start: number) => whole.ids.findIndex((id, i) => i >= start && text.eosTokenIds.includes(id)) + 1;
		const targets: number[] = [];
		let last = 0;
		turns.forEach(({ question }, i) => {
			const ids = promptOf(turns.slice(0, i), question, image);
			last = end(ids.length);
			if (last === 0 || ids.some((id, k) => id !== whole.ids[k])) {
				throw new InputError(
					`chat template: an answer is not what follows its question's prompt, ended by ${show(text.decode([...text.eosTokenIds]) || '</s>')}; such a template cannot be trained on`,
					{ code: 'chat-template' },
				);
			}
			for (let k = ids.length; k < last; k++) targets.push(k);
		});
		return { ids: whole.ids.slice(0, last), targets, imageAt: whole.imageAt };
	};
	const { ids, imageAt } = prompt([], '.', true);
	return {
		lead: ids.slice(0, imageAt!),
		imageId: text.imageTokenId,
		branch: remembering((turns: readonly Turn[]) => {
			const { ids, targets, imageAt } = conversation(turns, true);
			const after = imageAt! + 1;
			return { ids: ids.slice(after), targets: targets.map((i) => i - after) };
		}),
		textOnly(turns) {
			const { ids, targets } = conversation(turns, false);
			return afterFirst(ids, targets);
		},
		words: (words) => text.tokenizer.encode(words),
	};
}

/**
 * LLaVA's `plain` wording of stage 1: `<s>`, the image, the answer and a line break; the question is left out. A
 * tokenizer that drops line breaks ends the answer with EOS.
 */
export function plainWording(text: TextProcessor): Wording {
	const lead = text.bosTokenId === null ? [] : [text.bosTokenId];
	const end = text.tokenizer.encode('\n').length > 0 ? [] : text.eosTokenIds.slice(0, 1);
	const idsOf = (turns: readonly Turn[]) => [
		...text.tokenizer.encode(`${turns.map(({ answer }) => answer).join(' ')}\n`),
		...end,
	];
	return {
		lead,
		imageId: text.imageTokenId,
		branch(turns) {
			const ids = idsOf(turns);
			return { ids, targets: ids.map((_, i) => i) };
		},
		textOnly(turns) {
			const ids = [...lead, ...idsOf(turns)];
			return afterFirst(ids, ids.map((_, i) => i).slice(lead.length));
		},
		words: (words) => text.tokenizer.encode(words),
	};
}
