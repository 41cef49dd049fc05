/** Positions [start, end) in a sequence. */
export type Span = readonly [start: number, end: number];

/**
 * Which positions of a prompt are what, once the image's one token has become its vision tokens. The six spans follow
 * each other without gaps in this order; any but `vision` may be empty, and that one is in a prompt without an image.
 */
export interface PromptSpans {
	/** The token that begins every sequence (`<s>`). */
	bos: Span;
	/** The system prompt, with what the template puts before it. Empty where the caller gave none. */
	system: Span;
	/** What else stands before the image, such as `USER:`; without an image, before the question. */
	lead: Span;
	/** The vision tokens. */
	vision: Span;
	/** The question, with the line break after the image; of a conversation, all up to the end of the last question. */
	user: Span;
	/** What the template puts after the question, such as `ASSISTANT:`. */
	tail: Span;
}

/**
 * The positions that the paper's code counts as text of the user, against vision, in the cross-modal balance: all but
 * the first token, the system prompt and the image, so `USER:` and `ASSISTANT:` too. Empty spans are left out.
 */
export function userText({ lead, user, tail }: PromptSpans): Span[] {
	return [lead, user, tail].filter(([start, end]) => end > start);
}
