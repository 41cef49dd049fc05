import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openConversations } from './llava-file.node.ts';

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'dorsal-llava-'));
});
afterAll(() => rm(folder, { recursive: true }));

const good = {
	conversations: [
		{ from: 'human', value: 'What color?' },
		{ from: 'gpt', value: 'red' },
	],
};
const [question, answer] = good.conversations;

const refusal = async (json: string) => {
	const file = path.join(folder, 'data.json');
	await writeFile(file, json);
	const error = await openConversations(file, folder).catch((cause: unknown) => cause);
	return (error as Error).message.replace(file, 'data.json');
};

describe('what is wrong in a file of conversations is named by its number', () => {
	const wrong: [unknown, string][] = [
		[{ conversations: [question, { from: 'bot', value: 'red' }] }, 'conversations[1].from: expected "gpt", got "bot"'],
		[{ conversations: [{ from: 'human', value: null }, answer] }, 'conversations[0].value: expected text, got null'],
		[{ ...good, image: 3 }, 'image: expected text, got 3'],
		[{ ...good, image: 'x.png' }, 'conversations[0].value: expected 1 times <image>, got 0'],
	];
	test.each(wrong)('%j', async (entry, message) => {
		for (const before of [0, 3, 5000]) {
			const entries = [...new Array(before).fill(good), entry, ...new Array(before).fill(good)];
			expect(await refusal(JSON.stringify(entries))).toBe(`data.json: [${before}]: ${message}`);
		}
	});

	test.each(['{"a": 1}', '[1, ', 'no'])('%s is no list in JSON', async (json) => {
		expect(await refusal(json)).toMatch(/^data\.json: (not a list in JSON|\[0\])/);
	});
});
