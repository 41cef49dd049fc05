import { expect, test } from 'vitest';
import { answerText, askedToken } from './answer-token.ts';

/** As SentencePiece has it: pieces begin with their space, the text does not. */
const pieces = [' The', ' ted', 'dy', ' bear', ' is', ' on', ' the', ' bed', '.'];
const processor = {
	decode: (ids: readonly number[]) =>
		ids
			.map((id) => pieces[id])
			.join('')
			.trimStart(),
};
const answer = answerText(
	processor as Parameters<typeof answerText>[0],
	pieces.map((_, i) => i),
);

test('tokens begin where their text begins', () => {
	expect(answer.text).toBe('The teddy bear is on the bed.');
	expect(answer.starts).toEqual([0, 3, 7, 9, 14, 17, 20, 24, 28]);
});

test('a word is found whole, in any case, at its first token', () => {
	expect(askedToken(answer, '', 'teddy')).toBe(1);
	expect(askedToken(answer, '', 'BED')).toBe(7);
	expect(askedToken(answer, '', 'teddy bear')).toBe(1);
	expect(askedToken(answer, '', 'the')).toBe(0);
});

test('without a word, the first object that the question names; else the first token', () => {
	expect(askedToken(answer, 'Where is the bed?')).toBe(7);
	expect(askedToken(answer, 'Where is the Teddy Bear in the image?')).toBe(1);
	expect(askedToken(answer, 'What is on the top of the image?')).toBe(0);
	expect(askedToken({ text: '', starts: [] }, 'Where is the bed?')).toBe(0);
});

test('a word that was not generated is an error that shows the answer', () => {
	const wanted = 'the word "cat" was not generated; the answer is "The teddy bear is on the bed."';
	expect(() => askedToken(answer, '', 'cat')).toThrow(wanted);
	expect(() => askedToken(answer, '', 'ted')).toThrow('the word "ted" was not generated');
	expect(() => askedToken(answer, '', '')).toThrow('the word "" was not generated');
});
