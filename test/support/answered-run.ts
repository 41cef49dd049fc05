import type { Backend } from '../../src/backends/backend.ts';
import { parseConditions } from '../../src/eval/conditions.ts';
import { type ExportOptions, exportRun } from '../../src/eval/export/export.ts';
import { evaluate } from '../../src/eval/runner.ts';
import { memoryStore, type Run, recordLines, runFrom } from '../../src/eval/store.ts';
import { benchmarkOf } from '../../src/tasks/score.ts';
import { type DataFile, memoryFile } from '../../src/tasks/score-file.ts';
import { fakeFacts } from './fake-eval.ts';

const lines = (records: readonly unknown[]) => `${records.map((record) => JSON.stringify(record)).join('\n')}\n`;

/** A backend that says what it is told to, by the question's id. */
const saying = (answers: ReadonlyMap<string, string>): Backend => ({
	facts: { ...fakeFacts, model: '/home/ann/models/llava-v1.5-7b' },
	cannot: () => null,
	prepare: async () => ({
		answer: async (_, asks) => asks.map(({ id }) => answers.get(id) ?? ''),
		release: () => {},
	}),
	close: async () => {},
});

export interface Setup {
	task: string;
	data: readonly DataFile[];
	/** What the model says, by id. */
	answers: ReadonlyMap<string, string>;
	limit?: number;
	conditions?: string;
}

/** The run of a model that gives these answers. */
export async function runOf({ task, data, answers, limit, conditions = 'intact' }: Setup): Promise<Run> {
	const store = memoryStore('runs/x');
	await evaluate({
		task: await benchmarkOf(task).task({ files: data, images: async () => new Uint8Array() }),
		backend: saying(answers),
		conditions: parseConditions(conditions),
		store,
		...(limit !== undefined && { limit }),
	});
	return runFrom(store);
}

/** What is written of a run. */
export async function exported(run: Run, options: Omit<ExportOptions, 'write'>): Promise<string> {
	let text = '';
	await exportRun(run, {
		...options,
		write: (piece) => {
			text += piece;
		},
	});
	return text;
}

/** Its `records.jsonl`. */
export async function recordsFile(run: Run): Promise<DataFile> {
	const records = [];
	for await (const record of run.records()) records.push(record);
	return memoryFile('records.jsonl', recordLines(records));
}

const human = (answers: readonly string[]) => answers.map((answer, i) => ({ answer, answer_id: i + 1 }));
export const VQA = {
	task: 'vqav2',
	data: [
		memoryFile(
			'annotations.json',
			JSON.stringify({
				annotations: [10, 7, 12].map((question_id) => ({
					question_id,
					image_id: 1,
					answer_type: 'other',
					question_type: 'what',
					answers: human(['cup', 'cup', 'cup', 'mug', 'mug', 'a mug', 'can', 'tin', '2', 'two']),
				})),
			}),
		),
		memoryFile(
			'questions.json',
			JSON.stringify({
				questions: [10, 7, 12].map((question_id) => ({ question_id, image_id: 1, question: 'What?' })),
			}),
		),
	],
	answers: new Map([
		['10', 'A cup.'],
		['7', 'Two'],
		['12', "the can't \n"],
	]),
};

const popeFile = (category: string) =>
	memoryFile(
		`coco_pope_${category}.json`,
		lines(
			['car', 'dog'].map((thing, i) => ({
				question_id: i + 1,
				image: 'a.jpg',
				text: `Is there a ${thing} in the image?`,
				label: i === 0 ? 'yes' : 'no',
			})),
		),
	);
export const POPE = {
	task: 'pope',
	data: ['random', 'popular', 'adversarial'].map(popeFile),
	answers: new Map([
		['random/1', 'Yes'],
		['random/2', 'NO'],
		['popular/1', 'No, there is none.'],
		['popular/2', 'no'],
		['adversarial/1', ''],
		['adversarial/2', 'Yes\n'],
	]),
};

const gqaQuestion = (answer: string, structural: string) => ({
	question: 'What is it?',
	imageId: 'n1',
	answer,
	isBalanced: true,
	types: { structural, semantic: 'attr', detailed: 'd' },
	semantic: [],
	groups: { global: null },
});
export const GQA = {
	task: 'gqa',
	data: [
		memoryFile(
			'questions.json',
			JSON.stringify({ '0201': gqaQuestion('red', 'query'), '17': gqaQuestion('no', 'verify') }),
		),
	],
	answers: new Map([
		['0201', 'Red.'],
		['17', 'yes'],
	]),
};
