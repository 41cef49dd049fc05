import { UsageError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import type { TextProcessor } from '../text/text.ts';

/** An answer as text, and where in it each of its tokens begins. */
export interface AnswerText {
	text: string;
	starts: number[];
}

/** Lines the answer's tokens up with its text. */
export function answerText(processor: TextProcessor, ids: readonly number[]): AnswerText {
	const starts = ids.map((_, i) => processor.decode(ids.slice(0, i)).length);
	return { text: processor.decode(ids), starts };
}

/** Words that are in many questions and are no object. */
const COMMON = new Set(
	`a above an and any are at below bottom by can color colour describe did do does each for from has have how i image in
is it its left lower many me more no not object objects of on or photo picture please relative right see shape show shown
side the there these this those to top under upper was what when where which who with yes you`.split(/\s+/),
);

const WORD = /[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu;
const wordsOf = (text: string) =>
	[...text.matchAll(WORD)].map(({ 0: word, index }) => ({ word: word.toLowerCase(), index }));

/** The token of the answer in which the character at `index` stands. */
const tokenAt = ({ starts }: AnswerText, index: number) => starts.findLastIndex((start) => start <= index);

/**
 * Which token of an answer a map is drawn for: the first one of `word`'s first occurrence, whatever its case. Without a
 * word: of the first object that the question names too (words such as `the`, `left` and `image` set aside), as in the
 * paper's Fig. 7; where there is none, the first of the answer.
 */
export function askedToken(answer: AnswerText, question: string, word?: string): number {
	if (word !== undefined) {
		const sought = wordsOf(word).map((part) => part.word);
		const words = wordsOf(answer.text);
		const at = words.findIndex((_, i) => sought.every((part, k) => words[i + k]?.word === part));
		if (at !== -1 && sought.length > 0) return tokenAt(answer, words[at]!.index);
		throw new UsageError(
			`the word ${show(word)} was not generated; the answer is ${show(answer.text.trim())}: take a word of it, or none`,
			{ code: 'word-not-generated' },
		);
	}
	const asked = new Set(wordsOf(question).map((part) => part.word));
	const named = wordsOf(answer.text).find((part) => asked.has(part.word) && !COMMON.has(part.word));
	return named ? tokenAt(answer, named.index) : 0;
}
