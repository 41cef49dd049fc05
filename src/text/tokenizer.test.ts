import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../base/errors.ts';
import { createTokenizer } from './tokenizer.ts';

const json = (url: URL) => JSON.parse(readFileSync(url, 'utf8'));
const folders = {
	'tiny-llava': new URL('../../test/fixtures/models/tiny-llava/', import.meta.url),
	smolvlm2: new URL('../../../shared/data/tokenizer/smolvlm2/', import.meta.url),
};
const open = (folder: URL) =>
	createTokenizer(json(new URL('tokenizer.json', folder)), json(new URL('tokenizer_config.json', folder)));

interface Case {
	tokenizer: keyof typeof folders;
	text: string;
	ids: number[];
	plain: number[];
	decoded: string;
}
const cases: Case[] = json(new URL('../../test/fixtures/text/tokens.json', import.meta.url));

describe.each(Object.entries(folders))('%s against the Rust tokenizers', (name, folder) => {
	const needs = name === 'smolvlm2' ? ' (needs ../shared/data)' : '';
	test.skipIf(!existsSync(folder))(`all texts${needs}`, () => {
		const tokenizer = open(folder);
		for (const { text, ids, plain, decoded } of cases.filter((c) => c.tokenizer === name)) {
			expect(tokenizer.encode(text, { special: true })).toEqual(ids);
			expect(tokenizer.encode(text)).toEqual(plain);
			expect(tokenizer.decode(ids)).toBe(decoded);
		}
	});
});

const tiny = open(folders['tiny-llava']);

test('facts of the tiny tokenizer', () => {
	expect(tiny.vocabularySize).toBe(192);
	expect(tiny.tokenString(4)).toBe('<image>');
	expect(tiny.tokenString(192)).toBeUndefined();
	expect(tiny.tokenId('</s>')).toBe(3);
	expect(tiny.tokenId('nonsense')).toBeUndefined();
	// <unk> is left out: ordinary text may hold unknown words
	expect([...tiny.specialIds]).toEqual([0, 2, 3, 4]);
});

test('decoding nothing, special tokens only and ids beyond the vocabulary', () => {
	expect(tiny.decode([])).toBe('');
	expect(tiny.decode([2, 3])).toBe('');
	expect(tiny.decode([5, 9999, 13, 3])).toBe('red circle');
});

test('any text and any ids come through', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'grapheme' }), (text) => {
			for (const id of tiny.encode(text)) expect(tiny.tokenString(id)).toBeDefined();
		}),
	);
	fc.assert(fc.property(fc.array(fc.integer()), (ids) => typeof tiny.decode(ids) === 'string'));
});

describe('refused in one line', () => {
	const vocab = { a: 0, '[UNK]': 1 };
	const parts = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] };
	test.each([
		[null, 'm/tokenizer.json: no such file'],
		['x', 'm/tokenizer.json: expected an object, got "x"'],
		[{}, 'model: expected an object, got nothing'],
		[
			{ model: { type: 'WordLevel', vocab } },
			'model.type: only BPE, WordPiece and Unigram are supported, got "WordLevel"',
		],
		[{ model: { type: 'BPE', vocab: 7 } }, 'model.vocab: expected a vocabulary, got 7'],
		[
			{ ...parts, pre_tokenizer: { type: 'Clever' }, model: { type: 'WordPiece', vocab, unk_token: '[UNK]' } },
			'this kind of tokenizer is not supported (Unknown PreTokenizer type: Clever)',
		],
		[{ ...parts, model: { type: 'BPE', vocab } }, 'this kind of tokenizer is not supported'],
	])('%j', (content, message) => {
		const make = () => createTokenizer(content, null, { where: 'm/tokenizer.json' });
		expect(make).toThrow(InputError);
		expect(make).toThrow(message);
		expect(make).toThrow(/^\P{Cc}+$/u);
	});
});
