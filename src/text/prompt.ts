import { InputError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import { type ChatTemplate, type Conversation, PROBE } from './chat-template.ts';
import type { PromptSpans } from './spans.ts';
import type { TextTokenizer } from './tokenizer.ts';

/** A question, ready for the model. */
export interface Prompt {
	/** Token ids; one of them, the image's, stands for all vision tokens. */
	ids: number[];
	/** Index of the image's token in `ids`; null in a prompt without an image. */
	imageAt: number | null;
	/** The prompt as text, from which `ids` were made. */
	text: string;
	/** Which positions are what when the image has this many vision tokens. */
	spans(visionTokens: number): PromptSpans;
}

export interface PromptParts {
	tokenizer: TextTokenizer;
	template: ChatTemplate;
	/** What stands for the image in the rendered prompt, such as `<image>`. */
	placeholder: string;
	/** The id that stands for the image; negative where it is no token of the vocabulary (original LLaVA). */
	imageTokenId: number;
	bosTokenId: number | null;
	/** Begin with BOS even where tokenizer.json does not put it (tokenizer_config.json: add_bos_token). */
	addBos: boolean;
	/** The system prompt where the caller gives none; undefined for none. */
	defaultSystem: string | undefined;
}

/** Ids of a rendered prompt: BOS once, and the image's id where the placeholder stands. */
function encodeRendered(text: string, parts: PromptParts): number[] {
	const { tokenizer, placeholder, imageTokenId, bosTokenId, addBos } = parts;
	const bos = bosTokenId === null ? undefined : tokenizer.tokenString(bosTokenId);
	// Some templates write BOS themselves; the tokenizer would put a second one.
	const special = bos === undefined || !text.startsWith(bos);
	let ids: number[];
	if (tokenizer.tokenId(placeholder) === imageTokenId) {
		ids = tokenizer.encode(text, { special });
	} else {
		// The original LLaVA tokenizes what is before and after the image by itself.
		const [before = '', ...after] = text.split(placeholder);
		ids = tokenizer.encode(before, { special });
		for (const chunk of after) ids.push(imageTokenId, ...tokenizer.encode(chunk));
	}
	if (addBos && bosTokenId !== null && ids[0] !== bosTokenId) ids.unshift(bosTokenId);
	return ids;
}

/** Refuses text from outside that would be read as something else than text. */
function checkPlain(what: string, text: string, { tokenizer, placeholder }: PromptParts): void {
	const special = tokenizer.encode(text).find((id) => tokenizer.specialIds.has(id));
	const token =
		special === undefined ? (text.includes(placeholder) ? placeholder : undefined) : tokenizer.tokenString(special);
	if (token === undefined) return;
	throw new InputError(
		`${what} ${show(text)}: holds ${show(token)}, which the model would not read as text; leave it out (the prompt puts the image in itself)`,
		{ code: 'special-token' },
	);
}

/**
 * The prompt for a question, through the chat template. Text that holds a special token (`<image>`, `</s>`) is refused
 * with an InputError: from a file of questions it would otherwise rewrite the prompt.
 */
export function encodePrompt(request: Conversation, parts: PromptParts): Prompt {
	const { template, imageTokenId } = parts;
	const system = request.system ?? parts.defaultSystem;
	const conversation: Conversation = { ...request, ...(system !== undefined && { system }) };
	checkPlain('question', request.question, parts);
	if (request.system !== undefined) checkPlain('system prompt', request.system, parts);
	for (const turn of request.history ?? []) {
		checkPlain('question', turn.question, parts);
		checkPlain('answer', turn.answer, parts);
	}

	const text = template.render(conversation);
	const ids = encodeRendered(text, parts);
	const images = ids.filter((id) => id === imageTokenId).length;
	if (images !== Number(request.image)) {
		throw new InputError(
			`question ${show(request.question)}: the chat template gives ${images} image tokens, expected ${Number(request.image)}`,
			{ code: 'chat-template' },
		);
	}
	const imageAt = request.image ? ids.indexOf(imageTokenId) : null;
	return {
		ids,
		imageAt,
		text,
		spans(visionTokens) {
			/** Number of tokens of the text before `end`; a token across the border belongs to what follows. */
			const tokensBefore = (end: number) => {
				const before = encodeRendered(text.slice(0, end), parts);
				const different = before.findIndex((id, i) => id !== ids[i]);
				return different === -1 ? before.length : different;
			};
			const [head, tail] = template.render({ ...conversation, question: PROBE }).split(PROBE) as [string, string];
			const bosEnd = ids[0] === parts.bosTokenId ? 1 : 0;
			const systemEnd = system ? tokensBefore(head.indexOf(system.trim()) + system.trim().length) : bosEnd;
			const vision = imageAt ?? tokensBefore(head.length);
			const tailStart = tokensBefore(text.length - tail.length);
			const extra = imageAt === null ? 0 : visionTokens - 1; // by how much the image's one token grows
			return {
				bos: [0, bosEnd],
				system: [bosEnd, systemEnd],
				lead: [systemEnd, vision],
				vision: [vision, imageAt === null ? vision : vision + visionTokens],
				user: [imageAt === null ? vision : vision + visionTokens, tailStart + extra],
				tail: [tailStart + extra, ids.length + extra],
			};
		},
	};
}

/** The part of a prompt that all questions about an image share, the image's token included, and the rest. */
export function splitAtImage({ ids, imageAt }: Pick<Prompt, 'ids' | 'imageAt'>): { prefix: number[]; rest: number[] } {
	const end = imageAt === null ? 0 : imageAt + 1;
	return { prefix: ids.slice(0, end), rest: ids.slice(end) };
}
