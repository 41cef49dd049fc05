import { withoutEnd } from '../base/ends.ts';
import type { ChatRequest } from './chat.ts';

/** An answer as it grows. */
export interface Written {
	/** The text so far, without outer white space. */
	text: string;
	promptTokens: number;
	completionTokens: number;
	/** Whether the answer ended because it may have no more tokens. */
	cut: boolean;
}

interface Named {
	id: string;
	/** Seconds since 1970. */
	created: number;
	model: string;
}

const usageOf = ({ promptTokens, completionTokens }: Written) => ({
	prompt_tokens: promptTokens,
	completion_tokens: completionTokens,
	total_tokens: promptTokens + completionTokens,
});

const reasonOf = ({ cut }: Written) => (cut ? 'length' : 'stop');

/** A `chat.completion` object. */
export function completion({ id, created, model }: Named, written: Written) {
	return {
		id,
		object: 'chat.completion',
		created,
		model,
		choices: [
			{
				index: 0,
				message: { role: 'assistant', content: written.text, refusal: null },
				logprobs: null,
				finish_reason: reasonOf(written),
			},
		],
		usage: usageOf(written),
	};
}

/** The `chat.completion.chunk` objects of a stream: the first, one a piece of text, the last ones. */
export function chunks({ id, created, model }: Named, { streamUsage }: Pick<ChatRequest, 'streamUsage'>) {
	const chunk = (delta: object, finishReason: string | null = null) => ({
		id,
		object: 'chat.completion.chunk',
		created,
		model,
		choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
		...(streamUsage && { usage: null }),
	});
	return {
		first: () => chunk({ role: 'assistant', content: '' }),
		piece: (text: string) => chunk({ content: text }),
		last: (written: Written) => [
			chunk({}, reasonOf(written)),
			...(streamUsage ? [{ ...chunk({}), choices: [], usage: usageOf(written) }] : []),
		],
	};
}

/**
 * Cuts a growing text into the pieces that may be sent: what later tokens could still change (white space at the end, a
 * character of which bytes are missing) is kept back. All pieces together are the trimmed text.
 */
export function createPieces() {
	let sent = '';
	const next = (text: string) => {
		if (!text.startsWith(sent)) return '';
		const piece = text.slice(sent.length);
		sent = text;
		return piece;
	};
	return {
		grown: (text: string) => next(withoutEnd(text.trimStart(), /[\s\ufffd]/)),
		ended: (text: string) => next(text.trim()),
	};
}
