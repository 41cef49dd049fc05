import { type PromptSpans, type Span, userText } from '../text/text.ts';

/** Where one query's attention goes; the five add up to 1 up to rounding. */
export interface AttentionShares {
	bos: number;
	system: number;
	vision: number;
	/** The question and what the template puts around it, `USER:` and `ASSISTANT:`. */
	user: number;
	/** Tokens of the answer so far. */
	answer: number;
}

/** Splits one attention row by what its keys are. row [keys] */
export function attentionShares(row: ArrayLike<number>, spans: PromptSpans): AttentionShares {
	const sum = ([start, end]: Span) => {
		let total = 0;
		for (let i = start; i < end; i++) total += row[i]!;
		return total;
	};
	return {
		bos: sum(spans.bos),
		system: sum(spans.system),
		vision: sum(spans.vision),
		user: userText(spans).reduce((total, span) => total + sum(span), 0),
		answer: sum([spans.tail[1], row.length]),
	};
}

/**
 * Cross-modal balance of one attention row: vision / (vision + user text), 0 … 1. BOS, the system prompt and the answer
 * are not counted. Undefined where neither side gets anything.
 */
export function crossModalBalance(row: ArrayLike<number>, spans: PromptSpans): number | undefined {
	const { vision, user } = attentionShares(row, spans);
	return vision + user > 0 ? vision / (vision + user) : undefined;
}
