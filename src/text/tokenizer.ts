import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { InputError } from '../base/errors.ts';
import { validate } from '../base/json.ts';

/** Words to numbers and back, as tokenizer.json describes it. */
export interface TextTokenizer {
	/** Token ids of a text. `special` adds what the tokenizer puts around a text, such as `<s>` before it. Default false. */
	encode(text: string, options?: { special?: boolean }): number[];
	/** Text of token ids; special tokens and ids without a token are left out. */
	decode(ids: readonly number[]): string;
	/** The token as the vocabulary spells it; undefined where there is none of that id. */
	tokenString(id: number): string | undefined;
	/** The id of a token as the vocabulary spells it. */
	tokenId(token: string): number | undefined;
	/** Largest id + 1. */
	vocabularySize: number;
	/** Tokens with a meaning of their own, such as `</s>`, but not the one for unknown words. */
	specialIds: ReadonlySet<number>;
}

const schema = z.looseObject({
	model: z.looseObject({
		type: z.enum(['BPE', 'WordPiece', 'Unigram'], { error: 'only BPE, WordPiece and Unigram are supported' }).nullish(),
		vocab: z.union([z.record(z.string(), z.int().nonnegative()), z.array(z.unknown())], {
			error: 'expected a vocabulary',
		}),
		unk_token: z.string().nullish(),
		unk_id: z.int().nullish(),
	}),
	added_tokens: z
		.array(z.looseObject({ id: z.int().nonnegative(), content: z.string(), special: z.boolean().default(false) }))
		.default([]),
});

/** Parts that the library asks for even where a tokenizer does without. */
const ABSENT = { added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };

/**
 * A tokenizer from the contents of tokenizer.json and tokenizer_config.json (null where there is none). Throws an
 * InputError for a kind that is not supported.
 */
export function createTokenizer(
	json: unknown,
	config: unknown,
	{ where = 'tokenizer.json' }: { where?: string } = {},
): TextTokenizer {
	const code = 'tokenizer';
	if (json === null || json === undefined) {
		throw new InputError(
			`${where}: no such file; SentencePiece's tokenizer.model alone is not read: save a fast tokenizer with transformers`,
			{ code },
		);
	}
	const raw = validate(schema, json, { where, code });
	let tokenizer: Tokenizer;
	try {
		// As in transformers today: an answer's spaces stay as they are unless the file says otherwise.
		const settings = { clean_up_tokenization_spaces: false, ...(config as object | null) };
		tokenizer = new Tokenizer({ ...ABSENT, ...(json as object) }, settings);
		// Some parts are only looked at when they are used.
		tokenizer.encode('A word.');
	} catch (cause) {
		const reason = (cause as Error).message.split('\n')[0];
		throw new InputError(`${where}: this kind of tokenizer is not supported (${reason})`, { code, cause });
	}
	const unknownId = raw.model.unk_id ?? tokenizer.token_to_id(raw.model.unk_token ?? '');
	const special = raw.added_tokens.filter((token) => token.special && token.id !== unknownId);
	let vocabularySize = 0;
	for (const id of tokenizer.get_vocab().values()) vocabularySize = Math.max(vocabularySize, id + 1);
	return {
		encode: (text, { special = false } = {}) => tokenizer.encode(text, { add_special_tokens: special }).ids,
		decode(ids) {
			const known = ids.filter((id) => tokenizer.id_to_token(id) !== undefined);
			return known.length === 0 ? '' : tokenizer.decode(known, { skip_special_tokens: true });
		},
		tokenString: (id) => tokenizer.id_to_token(id),
		tokenId: (token) => tokenizer.token_to_id(token),
		vocabularySize,
		specialIds: new Set(special.map(({ id }) => id)),
	};
}
