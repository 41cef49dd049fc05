import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { VICUNA_SYSTEM } from './chat-template.ts';
import { createText } from './text.ts';
import { createTokenizer } from './tokenizer.ts';

const data = new URL('../../../shared/data/tokenizer/', import.meta.url);

/** Pieces and scores of a SentencePiece model: field 1 of the protobuf, repeated { 1: piece, 2: score }. */
function pieces(bytes: Uint8Array): { piece: string; score: number }[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const out: { piece: string; score: number }[] = [];
	const varint = (at: number): [value: number, next: number] => {
		let value = 0;
		for (let shift = 0; ; shift += 7) {
			const byte = bytes[at++]!;
			value += (byte & 127) * 2 ** shift;
			if (byte < 128) return [value, at];
		}
	};
	for (let at = 0; at < bytes.length; ) {
		const [tag, start] = varint(at);
		const [length, body] = varint(start);
		at = body + length;
		if (tag !== 0x0a) continue;
		const [size, text] = varint(body + 1);
		out.push({
			piece: new TextDecoder().decode(bytes.subarray(text, text + size)),
			score: view.getFloat32(text + size + 1, true),
		});
	}
	return out;
}

/** tokenizer.json as transformers converts it from Llama's tokenizer.model, with LLaVA's two tokens added. */
function llamaJson() {
	const list = pieces(readFileSync(new URL('llama2/tokenizer.model', data)));
	const vocab = Object.fromEntries(list.map(({ piece }, id) => [piece, id]));
	const merges = list.flatMap(({ piece, score }) => {
		const splits = Array.from({ length: Math.max(0, piece.length - 1) }, (_, i) => [
			piece.slice(0, i + 1),
			piece.slice(i + 1),
		]) as [string, string][];
		return splits
			.filter(([left, right]) => left in vocab && right in vocab)
			.sort((a, b) => vocab[a[0]]! - vocab[b[0]]! || vocab[a[1]]! - vocab[b[1]]!)
			.map((pair) => ({ pair, score }));
	});
	merges.sort(
		(a, b) => b.score - a.score || b.pair[0].length - a.pair[0].length || b.pair[1].length - a.pair[1].length,
	);
	const special = ['<unk>', '<s>', '</s>'].map((content, id) => ({ id, content }));
	return {
		added_tokens: [...special, { id: 32000, content: '<image>' }, { id: 32001, content: '<pad>' }].map((token) => ({
			...token,
			special: true,
			normalized: false,
			lstrip: false,
			rstrip: false,
			single_word: false,
		})),
		normalizer: {
			type: 'Sequence',
			normalizers: [
				{ type: 'Prepend', prepend: '▁' },
				{ type: 'Replace', pattern: { String: ' ' }, content: '▁' },
			],
		},
		pre_tokenizer: null,
		post_processor: {
			type: 'TemplateProcessing',
			single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
			pair: [],
			special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
		},
		decoder: {
			type: 'Sequence',
			decoders: [
				{ type: 'Replace', pattern: { String: '▁' }, content: ' ' },
				{ type: 'ByteFallback' },
				{ type: 'Fuse' },
				{ type: 'Strip', content: ' ', start: 1, stop: 0 },
			],
		},
		model: {
			type: 'BPE',
			unk_token: '<unk>',
			fuse_unk: true,
			byte_fallback: true,
			vocab,
			merges: merges.map(({ pair }) => pair),
		},
	};
}

/** The template of llava-hf/llava-1.5-7b-hf. */
const TEMPLATE =
	"{% for message in messages %}{% if message['role'] != 'system' %}{{ message['role'].upper() + ': '}}{% endif %}{# Render all images first #}{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}{{ '<image>\n' }}{% endfor %}{# Render all text next #}{% if message['role'] != 'assistant' %}{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{{ content['text'] + ' '}}{% endfor %}{% else %}{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{% generation %}{{ content['text'] + ' '}}{% endgeneration %}{% endfor %}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}";

describe.skipIf(!existsSync(data))('a Llama tokenizer (needs ../shared/data)', () => {
	// The body of a skipped describe still runs.
	const json = existsSync(data) ? llamaJson() : ({} as ReturnType<typeof llamaJson>);
	const config = { bosTokenId: 1, eosTokenIds: [2], imageTokenId: 32000, text: { vocabSize: 32064 } };
	const files = { tokenizer: json, tokenizerConfig: null, chatTemplate: TEMPLATE };
	const question = { question: 'What is this?', image: true };
	// Ids below are those of the Rust tokenizers from the same tokenizer.json.
	const rest = [29871, 13, 5618, 338, 445, 29973, 319, 1799, 9047, 13566, 29901];

	test("gives llama.cpp's 46 vectors, and their texts back", () => {
		const tokenizer = createTokenizer(json, null);
		const read = (file: string) => readFileSync(new URL(`llama-spm/${file}`, data), 'utf8');
		const texts = read('vectors.inp').split('\n__ggml_vocab_test__\n').slice(0, -1);
		const lines = read('vectors.out').split('\n');
		expect(texts.length).toBe(46);
		for (const [i, text] of texts.entries()) {
			const expected = lines[i]!.trim() === '' ? [] : lines[i]!.trim().split(' ').map(Number);
			expect(tokenizer.encode(text)).toEqual(expected);
			expect(tokenizer.decode(expected)).toBe(text);
		}
	});

	test("LLaVA-1.5's prompt in the Hugging Face layout", () => {
		const text = createText({ files, config });
		const prompt = text.encodePrompt(question);
		expect(prompt.text).toBe('USER: <image>\nWhat is this? ASSISTANT:');
		expect(prompt.ids).toEqual([1, 3148, 1001, 29901, 29871, 32000, ...rest]);
		expect(prompt.spans(576)).toEqual({
			bos: [0, 1],
			system: [1, 1],
			lead: [1, 5],
			vision: [5, 581],
			user: [581, 587],
			tail: [587, 592],
		});
		const history = [{ question: 'Why?', answer: 'So.' }];
		expect(text.encodePrompt({ ...question, history, system: 'Be brief.' }).text).toBe(
			'Be brief. USER: <image>\nWhy? ASSISTANT: So. USER: What is this? ASSISTANT:',
		);
	});

	test('the original layout: no image token, no template, LLaVA-1.5 with its system prompt', () => {
		const original = { ...config, imageTokenId: -200, text: { vocabSize: 32002 } };
		const text = createText({ files: { ...files, chatTemplate: null }, config: original });
		const prompt = text.encodePrompt(question);
		expect(prompt.text).toBe(`${VICUNA_SYSTEM} USER: <image>\nWhat is this? ASSISTANT:`);
		expect(prompt.imageAt).toBe(35);
		expect(prompt.ids.slice(28)).toEqual([29879, 5155, 29889, 3148, 1001, 29901, 29871, -200, ...rest]);
		expect(prompt.spans(576)).toMatchObject({ system: [1, 31], lead: [31, 35], vision: [35, 611], tail: [617, 622] });
		const history = [{ question: 'Why?', answer: 'So.' }];
		expect(text.encodePrompt({ ...question, history, system: 'S.' }).text).toBe(
			'S. USER: <image>\nWhy? ASSISTANT: So.</s>USER: What is this? ASSISTANT:',
		);
	});

	test('BOS once: written by the template, put by the tokenizer, or asked for by the configuration', () => {
		const ids = (extra: object) => createText({ files: { ...files, ...extra }, config }).encodePrompt(question).ids;
		const plain = ids({});
		const { post_processor: _, ...bare } = json;
		expect(ids({ chatTemplate: `{{ bos_token }}${TEMPLATE}` }).filter((id) => id === 1).length).toBe(1);
		expect(ids({ tokenizer: bare })).toEqual(plain.slice(1));
		expect(ids({ tokenizer: bare, tokenizerConfig: { add_bos_token: true } })).toEqual(plain);
	});
});
