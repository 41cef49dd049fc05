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
	expect(words(ids)).toBe('a red circle');
	expect(targets).toEqual([0, 1, 2]);
});

test('a template that does not end answers is refused', () => {
	const chatTemplate = "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }} {% endfor %}";
	const endless = createText({ files: { ...checkpoint.files, chatTemplate }, config: checkpoint.config });
	expect(() => chatWording(endless).branch([{ question: 'Where?', answer: 'left' }])).toThrow(/cannot be trained on/);
});
