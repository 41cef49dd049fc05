import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { rng } from '../../src/base/random.ts';

/** A benchmark's own file and answers to it, in the official forms. */
export interface LargeFiles {
	task: 'pope' | 'vqav2' | 'gqa';
	data: string;
	answers: string;
}

/** Writes made-up data of three benchmarks, so many records of each, one record at a time. */
export function writeLargeFiles(folder: string, records: number): LargeFiles[] {
	const write = (name: string, [before, between, after]: string[], record: (i: number) => unknown): string => {
		const path = join(folder, name);
		const handle = openSync(path, 'w');
		let text = before!;
		for (let i = 0; i < records; i++) {
			text += (i > 0 ? between : '') + JSON.stringify(record(i));
			if (text.length > 1 << 20) {
				writeSync(handle, text);
				text = '';
			}
		}
		writeSync(handle, text + after);
		closeSync(handle);
		return path;
	};
	const [lines, list] = [
		['', '\n', '\n'],
		['[', ', ', ']'],
	];
	const random = rng(0, 'large-files');
	const WORDS = ['yes', 'no', 'red', 'a red car', 'two', "don't know", '3.5', 'on the left', 'the dog, running'];
	const word = () => random.pick(WORDS);
	const SUFFIX = '\nAnswer the question using a single word or phrase.';
	const question = (i: number) => `Is there a thing number ${i} in the image?`;
	return [
		{
			task: 'pope',
			data: write('coco_pope_random.json', lines!, (i) => ({
				question_id: i + 1,
				image: `COCO_val2014_${String(i).padStart(12, '0')}.jpg`,
				text: question(i),
				label: random.pick(['yes', 'no']),
			})),
			answers: write('pope.jsonl', lines!, (i) => ({
				question_id: i + 1,
				prompt: question(i) + SUFFIX,
				text: random.pick(['Yes', 'No', 'No, there is not.', 'Yes. It is there.']),
				answer_id: 'RaRLWFZiWLZrCUy6vaPMFQ',
				model_id: 'llava-v1.5-7b',
				metadata: {},
			})),
		},
		{
			task: 'vqav2',
			data: write('annotations.json', ['{"info": {}, "annotations": [', ', ', ']}'], (i) => ({
				question_type: 'what is the',
				multiple_choice_answer: 'red',
				answers: Array.from({ length: 10 }, (_, n) => ({
					answer: word(),
					answer_confidence: 'yes',
					answer_id: n + 1,
				})),
				image_id: i,
				answer_type: random.pick(['yes/no', 'number', 'other']),
				question_id: i * 1000,
			})),
			answers: write('vqa.json', list!, (i) => ({ question_id: i * 1000, answer: word() })),
		},
		{
			task: 'gqa',
			data: write('questions.json', lines!, (i) => ({
				id: String(i),
				question: question(i),
				imageId: `n${i}`,
				answer: word(),
				isBalanced: true,
				types: { structural: random.pick(['query', 'verify']), semantic: 'attr', detailed: 'color' },
				semantic: [{ operation: 'select', argument: 'thing' }],
				groups: { global: random.pick(['color', null]) },
				entailed: [],
			})),
			answers: write('gqa.json', list!, (i) => ({ questionId: String(i), prediction: word() })),
		},
	];
}
