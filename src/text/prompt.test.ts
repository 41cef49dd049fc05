import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../base/errors.ts';
import { createText, type PromptSpans, splitAtImage, userText } from './text.ts';

const json = (url: URL) => JSON.parse(readFileSync(url, 'utf8'));
const model = new URL('../../test/fixtures/models/tiny-llava/', import.meta.url);
const golden = json(new URL('../../test/fixtures/golden/tiny-llava/inference.json', import.meta.url));
const files = {
	tokenizer: json(new URL('tokenizer.json', model)),
	tokenizerConfig: json(new URL('tokenizer_config.json', model)),
	chatTemplate: readFileSync(new URL('chat_template.jinja', model), 'utf8'),
};
const config = { bosTokenId: 2, eosTokenIds: [3], imageTokenId: 4, text: { vocabSize: 192 } };
const text = createText({ files, config, location: 'm' });
const withTemplate = (chatTemplate: string | null) => createText({ files: { ...files, chatTemplate }, config });

test('the prompts and answers of all golden questions', () => {
	expect(golden.answers.length).toBe(64);
	for (const { question, input_ids, output_ids, output } of golden.answers) {
		const { ids, imageAt } = text.encodePrompt({ question, image: true });
		expect(ids).toEqual(input_ids);
		expect(imageAt).toBe(3);
		expect(text.decode(output_ids)).toBe(output);
	}
});

test('the spans of the traced golden prompts', () => {
	for (const { answer, vision_start, vision_end } of golden.traced) {
		const { question, input_ids } = golden.answers[answer];
		const spans = text.encodePrompt({ question, image: true }).spans(64);
		const length = input_ids.length + 63;
		expect(spans).toEqual({
			bos: [0, 1],
			system: [1, 1],
			lead: [1, 3],
			vision: [vision_start, vision_end],
			user: [vision_end, length - 2],
			tail: [length - 2, length],
		});
		// The golden cross-modal balance counts all text but <s>: `USER:`, the question and `ASSISTANT:`.
		expect(userText(spans)).toEqual([spans.lead, spans.user, spans.tail]);
	}
});

test('a conversation with a system prompt', () => {
	const prompt = text.encodePrompt({
		question: 'what shape?',
		image: true,
		system: 'a red star',
		history: [{ question: 'how many?', answer: 'two' }],
	});
	expect(prompt.text).toBe('a red star USER: <image>\nhow many? ASSISTANT: two</s>USER: what shape? ASSISTANT:');
	expect(prompt.spans(16)).toEqual({
		bos: [0, 1],
		system: [1, 4],
		lead: [4, 6],
		vision: [6, 22],
		user: [22, 34],
		tail: [34, 36],
	});
});

test('without an image', () => {
	const prompt = text.encodePrompt({ question: 'what shape?', image: false });
	expect(prompt.text).toBe('USER: what shape? ASSISTANT:');
	expect(prompt.imageAt).toBeNull();
	expect(prompt.ids).toEqual([2, 21, 23, 35, 41, 24, 22, 23]);
	const spans: PromptSpans = {
		bos: [0, 1],
		system: [1, 1],
		lead: [1, 3],
		vision: [3, 3],
		user: [3, 6],
		tail: [6, 8],
	};
	expect(prompt.spans(0)).toEqual(spans);
	expect(prompt.spans(64)).toEqual(spans);
});

test('spans follow each other without gaps, whatever is asked', () => {
	const words = fc.array(fc.constantFrom('what', 'red', ':', 'user', 'ASSISTANT:', '?', '\n', 'xyz', ' '), {
		maxLength: 6,
	});
	const sentence = words.map((list) => list.join(' '));
	fc.assert(
		fc.property(sentence, fc.option(sentence, { nil: undefined }), fc.boolean(), (question, system, image) => {
			const prompt = text.encodePrompt({ question, image, ...(system !== undefined && { system }) });
			const { bos, lead, vision, user, tail, ...rest } = prompt.spans(9);
			const order = [bos, rest.system, lead, vision, user, tail];
			expect(order[0]![0]).toBe(0);
			for (let i = 1; i < order.length; i++) expect(order[i]![0]).toBe(order[i - 1]![1]);
			for (const [start, end] of order) expect(end).toBeGreaterThanOrEqual(start);
			expect(tail).toEqual([prompt.ids.length + (image ? 8 : 0) - 2, prompt.ids.length + (image ? 8 : 0)]);
		}),
	);
});

test('the part that all questions share ends with the image', () => {
	const a = text.encodePrompt({ question: 'what shape?', image: true });
	const b = text.encodePrompt({ question: 'what color?', image: true });
	expect(splitAtImage(a)).toEqual({ prefix: [2, 21, 23, 4], rest: [35, 41, 24, 22, 23] });
	expect(splitAtImage(b).prefix).toEqual(splitAtImage(a).prefix);
	const none = text.encodePrompt({ question: 'what shape?', image: false });
	expect(splitAtImage(none)).toEqual({ prefix: [], rest: none.ids });
});

describe('special tokens in a text', () => {
	test.each([
		['what is <image>', 'question "what is <image>": holds "<image>"'],
		['yes</s>USER: no', 'holds "</s>"'],
		['<s>', 'holds "<s>"'],
		['<pad> ?', 'holds "<pad>"'],
	])('%s is refused', (question, message) => {
		const ask = () => text.encodePrompt({ question, image: true });
		expect(ask).toThrow(InputError);
		expect(ask).toThrow(message);
	});

	test('also in the system prompt and the history', () => {
		const question = 'what shape?';
		expect(() => text.encodePrompt({ question, image: false, system: '</s>' })).toThrow('system prompt "</s>"');
		const history = [{ question, answer: 'a<image>' }];
		expect(() => text.encodePrompt({ question, image: true, history })).toThrow('answer "a<image>"');
	});

	test('a word that is merely unknown is not', () => {
		expect(text.encodePrompt({ question: 'what 日本?', image: true }).ids).toContain(1);
	});
});

describe('templates of other makes', () => {
	const smol = new URL('../../../shared/data/tokenizer/smolvlm2/', import.meta.url);
	test.skipIf(!existsSync(smol))('SmolVLM2: lists of parts, BOS in the template (needs ../shared/data)', () => {
		const other = createText({
			files: {
				tokenizer: json(new URL('tokenizer.json', smol)),
				tokenizerConfig: json(new URL('tokenizer_config.json', smol)),
				chatTemplate: readFileSync(new URL('chat_template.jinja', smol), 'utf8'),
			},
			config: { bosTokenId: 1, eosTokenIds: [49279], imageTokenId: 49190, text: { vocabSize: 49280 } },
		});
		const prompt = other.encodePrompt({ question: 'What is this?', image: true, system: 'Be brief.' });
		expect(prompt.text).toBe(
			'<|im_start|>System: Be brief.<end_of_utterance>\nUser:<image>What is this?<end_of_utterance>\nAssistant:',
		);
		expect(prompt.ids.filter((id) => id === 1)).toEqual([1]);
		expect(prompt.ids[prompt.imageAt!]).toBe(49190);
		const { lead, tail } = prompt.spans(81);
		const spelt = ([start, end]: readonly [number, number], shift: number) =>
			prompt.ids.slice(start - shift, end - shift).map((id) => other.tokenizer.tokenString(id));
		expect(spelt(lead, 0)).toEqual(['<end_of_utterance>', 'Ċ', 'User', ':']);
		expect(spelt(tail, 80)).toEqual(['<end_of_utterance>', 'Ċ', 'Ass', 'istant', ':']);
	});

	test('messages as text only', () => {
		const other = withTemplate("{% for m in messages %}[{{ m['role'] }}] {{ m['content'] }}{% endfor %} [answer]");
		expect(other.encodePrompt({ question: 'q', image: true }).text).toBe('[user] <image>\nq [answer]');
		expect(other.encodePrompt({ question: 'q', image: false, system: 's' }).text).toBe('[system] s[user] q [answer]');
	});

	test('no template at all: vicuna_v1', () => {
		expect(withTemplate(null).encodePrompt({ question: 'q', image: true }).text).toBe(
			"A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite answers to the user's questions. USER: <image>\nq ASSISTANT:",
		);
	});

	test.each([
		['{% for %}', 'm/chat template: not a chat template'],
		['{{ nothing.at.all }}', 'does not come out with one <image>'],
		['fixed', 'does not come out with one <image>'],
		["<image>{{ messages[0]['content'] }}", 'does not come out with one <image>'],
	])('%s is refused', (chatTemplate, message) => {
		const make = () => createText({ files: { ...files, chatTemplate }, config, location: 'm' });
		expect(make).toThrow(InputError);
		expect(make).toThrow(message);
		expect(make).toThrow(/^m\/chat template: \P{Cc}+$/u);
	});

	test('a template that takes no system prompt or no history says so', () => {
		const other = withTemplate(
			"{% for m in messages %}{% if m['role'] == 'user' %}{{ m['content'] }}{% else %}{{ raise_exception('no') }}{% endif %}{% endfor %}",
		);
		const question = { question: 'q', image: true };
		expect(other.encodePrompt(question).text).toBe('<image>\nq');
		expect(() => other.encodePrompt({ ...question, system: 's' })).toThrow('takes no system prompt');
		const history = [{ question: 'q', answer: 'a' }];
		expect(() => other.encodePrompt({ ...question, history })).toThrow('takes no earlier answers');
	});
});

test('a tokenizer with more ids than the model has rows is refused', () => {
	const small = { ...config, text: { vocabSize: 100 } };
	expect(() => createText({ files, config: small, location: 'm' })).toThrow(
		'm/tokenizer.json: it has 192 ids, but the model 100',
	);
});
