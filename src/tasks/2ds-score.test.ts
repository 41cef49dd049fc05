import { expect, it } from 'vitest';
import { generateBench } from '../bench2ds/bench.ts';
import { benchRecords, toJsonl, ventralRecords } from '../bench2ds/record.ts';
import { twoDsTask, ventralTask } from './2ds.ts';
import { scoreAnswers } from './score.ts';
import { memoryFile } from './score-file.ts';

const options = { images: 2, size: 64 };
const bench = generateBench(options);
const lines = (records: readonly unknown[]) => records.map((record) => JSON.stringify(record)).join('\n');

it.each([
	['2ds', toJsonl(benchRecords(bench)), twoDsTask(options)],
	['2ds-ventral', toJsonl(ventralRecords(bench)), ventralTask(options)],
] as const)('%s: answers by the ids of dorsal eval, or in the order of the file', async (task, data, { questions }) => {
	const score = (answers: readonly unknown[]) =>
		scoreAnswers({ task, data: [memoryFile(`${task}.jsonl`, data)], answers: memoryFile('a.jsonl', lines(answers)) });
	const right = await score(questions.map(({ id, answer }) => ({ id, answer })));
	expect(right).toMatchObject({ questions: questions.length, unparsed: 0, official: { accuracy: 1 } });
	expect(Object.keys(right.official.byObjects!)).toEqual(['2', '3', '4', '5', '6']);
	const chance = questions.reduce((sum, question) => sum + question.chance, 0) / questions.length;
	expect(right.official.chance).toBeCloseTo(chance, 12);
	const wordy = await score(
		questions.map(({ answer }) => ({ answer: `I believe that it is ${answer}, as far as I see` })),
	);
	expect(wordy.lenient.accuracy).toBe(1);
	expect(wordy.official.accuracy).toBe(0);
	expect(wordy.answers.pairedBy).toBe('line');
});

it('refuses answers to another 2DS, and several files', async () => {
	const data = memoryFile('2ds.jsonl', toJsonl(benchRecords(bench)));
	const other = twoDsTask({ ...options, seed: 1 }).questions;
	const answers = memoryFile('a.jsonl', lines(other.map(({ id, prompt, answer }) => ({ id, prompt, answer }))));
	await expect(scoreAnswers({ task: '2ds', data: [data], answers })).rejects.toThrow('answers are to another question');
	await expect(scoreAnswers({ task: '2ds', data: [data, data], answers })).rejects.toThrow('2ds is one file or folder');
});

it.each([
	['2ds-ventral', toJsonl(benchRecords(bench)), '2ds ("color_abs"), not of 2ds-ventral'],
	['2ds', toJsonl(ventralRecords(bench)), '2ds-ventral ("color"), not of 2ds'],
])('%s is not the other twin, whatever the file is called', async (task, content, message) => {
	const data = memoryFile(`${task}.jsonl`, content);
	const answers = memoryFile('a.txt', '"red"\n');
	await expect(scoreAnswers({ task, data: [data], answers })).rejects.toThrow(
		`${task}.jsonl: holds questions of ${message}; give the file of ${task}, or ask for`,
	);
});
