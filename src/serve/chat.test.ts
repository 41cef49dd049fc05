import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPieces } from './answers.ts';
import { ApiError, readChat } from './chat.ts';

const PNG = 'data:image/png;base64,iVBORw0KGgo=';
const user = (content: unknown) => ({ role: 'user', content });
const image = (url: string) => ({ type: 'image_url', image_url: { url } });
const request = (messages: unknown[], rest = {}) => ({ model: 'm', messages, ...rest });

describe('readChat', () => {
	it('reads a question, its image, and the settings that OpenAI names', () => {
		const content = [image(PNG), { type: 'text', text: 'What shape?' }];
		const json = request([user(content)], { max_tokens: 7, temperature: 0.5, seed: 3, stream: true });
		expect(readChat(json)).toEqual({
			model: 'm',
			image: Buffer.from('iVBORw0KGgo=', 'base64'),
			question: 'What shape?',
			history: [],
			settings: { maxNewTokens: 7, temperature: 0.5, seed: 3 },
			stream: true,
			streamUsage: false,
		});
		expect(readChat(request([user('q')], { max_completion_tokens: 9 })).settings.maxNewTokens).toBe(9);
		expect(readChat(request([user('q')])).settings).toEqual({ maxNewTokens: 256, temperature: 0, seed: 0 });
	});

	it('reads a system message and earlier turns', () => {
		const answer = { role: 'assistant', content: 'a' };
		const messages = [{ role: 'system', content: 'Be brief.' }, user([image(PNG)]), answer, user('q2')];
		expect(readChat(request(messages))).toMatchObject({
			system: 'Be brief.',
			history: [{ question: '', answer: 'a' }],
			question: 'q2',
		});
	});

	it.each<[string, unknown, string]>([
		['nothing', undefined, 'request: expected an object, got nothing'],
		['no messages', request([]), 'messages: expected at least 1'],
		['an unknown role', request([{ role: 'tool', content: 'x' }]), 'messages[0].role: expected "system" or'],
		['an answer last', request([user('q'), { role: 'assistant', content: 'a' }]), 'in turn'],
		['two questions in a row', request([user('q'), user('q')]), 'in turn'],
		['a system message in the middle', request([user('q'), { role: 'system', content: 's' }, user('q')]), 'in turn'],
		['two images', request([user([image(PNG), image(PNG)])]), '2 images; this model takes one'],
		[
			'a late image',
			request([user('q'), { role: 'assistant', content: 'a' }, user([image(PNG)])]),
			'in the first user message',
		],
		['an address', request([user([image('http://10.0.0.1/x.png')])]), 'no address is fetched'],
		['a file', request([user([image('file:///etc/passwd')])]), 'no address is fetched'],
		['another type', request([user([image('data:text/html;base64,AAAA')])]), 'expected data:image/png, jpeg or webp'],
		['broken base64', request([user([image('data:image/png;base64,AA*A')])]), 'is not valid base64'],
		['several answers', request([user('q')], { n: 2 }), 'n: only one answer can be given, got 2'],
		['tools', request([user('q')], { tools: [] }), 'tools cannot be called'],
		['JSON', request([user('q')], { response_format: { type: 'json_object' } }), 'only text can be given'],
		['negative tokens', request([user('q')], { max_tokens: -1 }), 'max_tokens: expected more than 0, got -1'],
	])('refuses %s', (_, json, message) => {
		const attempt = () => readChat(json);
		expect(attempt).toThrow(ApiError);
		expect(attempt).toThrow(message);
	});

	it('takes base64 with and without its padding, and no more padding than there is', () => {
		const read = (base64: string) => readChat(request([user([image(`data:image/png;base64,${base64}`)])])).image;
		expect([read('AA=='), read('AA='), read('AA'), read('AAA='), read('AAAA')].map((bytes) => bytes!.length)).toEqual([
			1, 1, 1, 2, 3,
		]);
		expect(() => read('AA===')).toThrow('is not valid base64');
	});

	it('refuses megabytes of padding in the time that reading them takes', () => {
		const start = performance.now();
		const url = `data:image/png;base64,${'='.repeat(4_000_000)}A`;
		expect(() => readChat(request([user([image(url)])]))).toThrow('is not valid base64');
		expect(performance.now() - start).toBeLessThan(5000);
	});

	it('reads or refuses any JSON', () => {
		const content = fc.oneof(fc.string(), fc.constant([image(PNG)]), fc.jsonValue());
		const role = fc.constantFrom('user', 'assistant', 'system', 'x');
		const messages = fc.array(fc.record({ role, content }), { maxLength: 4 });
		fc.assert(
			fc.property(fc.oneof(fc.jsonValue(), fc.record({ model: fc.string(), messages })), (json) => {
				try {
					expect(readChat(json).model).toBeTypeOf('string');
				} catch (error) {
					expect(error).toBeInstanceOf(ApiError);
					expect((error as ApiError).status).toBe(400);
				}
			}),
		);
	});
});

describe('createPieces', () => {
	it('sends each part once, and nothing that may still change', () => {
		const { grown, ended } = createPieces();
		const pieces = [' ', ' red', ' red ', ' red \ufffd', ' red é', ' red é '].map(grown);
		expect(pieces).toEqual(['', 'red', '', '', ' é', '']);
		expect(ended(' red é ')).toBe('');
	});

	it('gives the trimmed text in all', () => {
		fc.assert(
			fc.property(fc.array(fc.constantFrom('a', ' ', '\n', 'é', '\u{1f9e9}')), (parts) => {
				const { grown, ended } = createPieces();
				const pieces = parts.map((_, i) => grown(parts.slice(0, i + 1).join('')));
				const whole = parts.join('');
				expect([...pieces, ended(whole)].join('')).toBe(whole.trim());
			}),
		);
	});
});
