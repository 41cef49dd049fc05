import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError } from '../../base/errors.ts';
import { parseLlava } from './llava.ts';

const parse = (value: unknown) => parseLlava(new TextEncoder().encode(JSON.stringify(value)), 'train.json');
const turn = (question: string, answer: string) => [
	{ from: 'human', value: question },
	{ from: 'gpt', value: answer },
];

test('conversations with and without an image; the image stands before the first question', () => {
	const entries = parse([
		{
			id: 'a',
			image: 'coco/1.jpg',
			conversations: [...turn('What is it?\n<image>', 'A cat.'), ...turn('Why?', ' So. ')],
		},
		{ id: 'b', conversations: turn('Hello', 'Hi') },
	]);
	expect(entries).toEqual([
		{
			image: 'coco/1.jpg',
			turns: [
				{ question: 'What is it?', answer: 'A cat.' },
				{ question: 'Why?', answer: 'So.' },
			],
		},
		{ image: null, turns: [{ question: 'Hello', answer: 'Hi' }] },
	]);
});

test('a chat that begins or ends in the middle, as shared ones do', () => {
	const [human, gpt] = turn('Hello', 'Hi') as [object, object];
	const turns = [{ question: 'Hello', answer: 'Hi' }];
	expect(parse([{ conversations: [gpt, human, gpt] }])).toEqual([{ image: null, turns }]);
	expect(parse([{ conversations: [human, gpt, human] }])).toEqual([{ image: null, turns }]);
});

test.each([
	['{', /^train\.json: not JSON/],
	[JSON.stringify([]), /^train\.json: expected at least 1/],
	[JSON.stringify({}), /^train\.json: expected a list, got \{\}/],
	[
		JSON.stringify([{ conversations: [] }]),
		/^train\.json: \[0\]: conversations: expected a question and an answer, got 0/,
	],
	[
		JSON.stringify([
			{
				conversations: [
					{ from: 'gpt', value: 'a' },
					{ from: 'human', value: 'b' },
				],
			},
		]),
		/^train\.json: \[0\]: conversations: expected a question and an answer, got 2 messages/,
	],
	[
		JSON.stringify([{ conversations: [...turn('a', 'b'), ...turn('c', 'd').reverse()] }]),
		/^train\.json: \[0\]: conversations\[2\]\.from: expected "human", got "gpt"/,
	],
	[
		JSON.stringify([{ image: 'x.png', conversations: turn('no image', 'b') }]),
		/^train\.json: \[0\]: conversations\[0\]\.value: expected 1 times <image>, got 0/,
	],
	[
		JSON.stringify([{ conversations: turn('<image>\nHow?', 'b') }]),
		/^train\.json: \[0\]: conversations\[0\]\.value: expected 0 times <image>, got 1/,
	],
	[JSON.stringify([{ image: 3, conversations: turn('a', 'b') }]), /^train\.json: \[0\]: image: expected text, got 3/],
])('refuses %s', (text, message) => {
	expect(() => parseLlava(new TextEncoder().encode(text), 'train.json')).toThrow(message);
});

test('any other file is refused in one line', () => {
	const message = fc.record({
		from: fc.constantFrom('human', 'gpt', ''),
		value: fc.constantFrom('a', '<image>', '<image> <image>'),
	});
	const entry = fc.record({
		image: fc.oneof(fc.string(), fc.jsonValue()),
		conversations: fc.oneof(fc.array(message), fc.jsonValue()),
	});
	fc.assert(
		fc.property(fc.oneof(fc.jsonValue(), fc.array(entry), fc.uint8Array()), (value) => {
			const bytes = value instanceof Uint8Array ? value : new TextEncoder().encode(JSON.stringify(value));
			try {
				for (const { turns } of parseLlava(bytes, 'train.json')) expect(turns.length).toBeGreaterThan(0);
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
				expect((error as Error).message).toMatch(/^train\.json: [^\n]+$/);
			}
		}),
	);
});
