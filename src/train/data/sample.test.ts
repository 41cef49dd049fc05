import { beforeAll, expect, test } from 'vitest';
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { folderStore } from '../../checkpoint/files.node.ts';
import { openCheckpoint } from '../../checkpoint/open.ts';
import { createText, type TextProcessor } from '../../text/text.ts';
import { chatWording, plainWording } from './sample.ts';

let checkpoint: Checkpoint;
let text: TextProcessor;
beforeAll(async () => {
	checkpoint = await openCheckpoint(folderStore('test/fixtures/models/tiny-llava'));
	text = createText({ files: checkpoint.files, config: checkpoint.config });
	await checkpoint.close();
});

const words = (ids: readonly number[]) => ids.map((id) => text.tokenizer.tokenString(id)).join(' ');

test('a question is what the model is asked, followed by its answer and what ends it', () => {
	const { lead, imageId, branch } = chatWording(text);
	const turn = { question: 'What color is the circle?', answer: 'red' };
	const { ids, targets } = branch([turn]);
	const prompt = text.encodePrompt({ question: turn.question, image: true });
	expect([...lead, imageId, ...ids].slice(0, prompt.ids.length)).toEqual(prompt.ids);
	expect(words(ids)).toBe('what color is the circle ? assistant : red </s>');
	expect(targets).toEqual([8, 9]);
});

test('later turns of a conversation see the earlier ones; every answer is a target', () => {
	const { ids, targets } = chatWording(text).branch([
		{ question: 'What color is the circle?', answer: 'red' },
		{ question: 'Locate the star.', answer: 'blue star 3 4' },
	]);
	expect(words(ids)).toBe(
		'what color is the circle ? assistant : red </s> user : locate the star . assistant : blue star 3 4 </s>',
	);
	expect(words(targets.map((i) => ids[i]!))).toBe('red </s> blue star 3 4 </s>');
});

test('plain: the image and the answer, nothing else', () => {
	const { lead, branch } = plainWording(text);
	expect(words(lead)).toBe('<s>');
	const { ids, targets } = branch([{ question: 'Describe the image.', answer: 'a red circle' }]);
	// This tokenizer drops line breaks, which end the answer elsewhere.
	expect(words(ids)).toBe('a red circle </s>');
	expect(targets).toEqual([0, 1, 2, 3]);
});

const HF_TEMPLATE =
	"{% for message in messages %}{{ message['role'].upper() + ': ' + message['content'] + ' ' }}{% endfor %}{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}";
const withTemplate = (chatTemplate: string) =>
	createText({ files: { ...checkpoint.files, chatTemplate }, config: checkpoint.config });

test("answers end with EOS where the template writes none, as Hugging Face's for LLaVA-1.5", () => {
	const { ids, targets } = chatWording(withTemplate(HF_TEMPLATE)).branch([
		{ question: 'What color?', answer: 'red' },
		{ question: 'Where?', answer: 'left' },
	]);
	expect(words(ids)).toBe('what color ? assistant : red </s> user : where ? assistant : left </s>');
	expect(words(targets.map((i) => ids[i]!))).toBe('red </s> left </s>');
});

test('a template that changes what was said before is refused', () => {
	const forgetful =
		"{{ messages[-1]['content'] }} {% if messages | length > 1 %}{{ messages[1]['content'] }}{% endif %}";
	expect(() => chatWording(withTemplate(forgetful)).branch([{ question: 'Where?', answer: 'left' }])).toThrow();
});

test('a conversation without an image has no trace of one', () => {
	const turn = { question: 'What color?', answer: 'red' };
	const { prefix, branches } = chatWording(text).textOnly([turn]);
	const { ids } = text.encodePrompt({ question: turn.question, image: false });
	expect([...prefix, ...branches[0]!.ids].slice(0, ids.length)).toEqual(ids);
	expect(words(branches[0]!.targets.map((i) => branches[0]!.ids[i]!))).toBe('red </s>');
	const plain = plainWording(text).textOnly([turn]);
	expect(words(plain.prefix)).toBe('<s>');
	expect(words(plain.branches[0]!.targets.map((i) => plain.branches[0]!.ids[i]!))).toBe('red </s>');
});

test('a system prompt comes before the image', () => {
	const { lead } = chatWording(text, 'a red star');
	expect(words(lead)).toBe('<s> a red star user :');
});
