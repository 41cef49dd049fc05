import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { benchmarkOf, scoreAnswers } from './score.ts';
import { memoryFile } from './score-file.ts';
import type { TaskInput } from './score-task.ts';
import type { Task } from './task.ts';

const lines = (records: readonly unknown[]) => records.map((record) => JSON.stringify(record)).join('\n');
const images = async (name: string) => new TextEncoder().encode(name);
const open = (task: string, input: Omit<TaskInput, 'images'>): Promise<Task> =>
	benchmarkOf(task).task({ images, ...input });

/** What both readings of an answer to the first question are, and whether they are right. */
function graded(task: Task, raw: string, index = 0) {
	const question = task.questions[index]!;
	const [strict, lenient] = [task.strict(question, raw), task.lenient(question, raw)];
	return [strict.value, strict.correct, lenient.value, lenient.correct];
}

const POPE = [
	{ question_id: 1, image: 'a.jpg', text: 'Is there a cup in the image?', label: 'yes' },
	{ question_id: 2, image: 'a.jpg', text: 'Is there a cow in the image?', label: 'no' },
];
const pope = () => [memoryFile('popular.json', lines(POPE))];

describe('POPE', () => {
	it('asks with the wording of the protocol', async () => {
		const wording = async (prompt?: string) =>
			(await open('pope', { files: pope(), ...(prompt && { prompt }) })).questions[0]!.prompt;
		expect(await wording()).toBe('Is there a cup in the image?\nAnswer the question using a single word or phrase.');
		expect(await wording('paper')).toBe(
			'Is there a cup in the image? \nPlease answer either "yes" or "no". For example, "yes".',
		);
		expect(await wording('plain')).toBe('Is there a cup in the image?');
		await expect(wording('toString')).rejects.toThrow('pope: no prompt "toString"; it has llava, paper, plain');
	});

	it('has its questions, their balance and their hash', async () => {
		const task = await open('pope', { files: pope() });
		expect(task.questions[1]).toMatchObject({
			id: 'popular/2',
			image: 'a.jpg',
			answer: 'no',
			category: 'popular',
			chance: 0.5,
		});
		expect(task.facts).toEqual({
			data: task.dataHash,
			prompt: 'llava',
			questions: 2,
			'answers: yes': 1,
			'answers: no': 1,
		});
		expect(await task.image('a.jpg')).toEqual(await images('a.jpg'));
		expect(graded(task, 'Yes.')).toEqual(['yes', true, 'yes', true]);
		expect(graded(task, 'Yes, there is.')).toEqual([null, false, 'yes', true]);
		expect(graded(task, 'perhaps')).toEqual([null, false, null, false]);
	});

	it('refuses two questions of one id, and none', async () => {
		await expect(open('pope', { files: [memoryFile('popular.json', lines([POPE[0], POPE[0]]))] })).rejects.toThrow(
			'pope: two questions have the id "popular/1"',
		);
		await expect(open('pope', { files: [memoryFile('popular.json', '')] })).rejects.toThrow('pope: no questions');
	});
});

const human = (answers: readonly string[]) => answers.map((answer, i) => ({ answer, answer_id: i + 1 }));
const VQA = {
	question_id: 1455012,
	image_id: 1455,
	answer_type: 'number',
	question_type: 'how many',
	answers: human(['two', '2', '2', '3', '3', '1', 'none', '4', '5', '6']),
};

it('VQA v2 is right where three people agree, and needs questions and annotations', async () => {
	const annotations = memoryFile('annotations.json', JSON.stringify({ annotations: [VQA] }));
	const questions = memoryFile(
		'questions.json',
		JSON.stringify({ questions: [{ question_id: 1455012, image_id: 1455, question: 'How many cups?' }] }),
	);
	const task = await open('vqa', { files: [annotations, questions] });
	expect(task.questions[0]).toMatchObject({
		id: '1455012',
		image: '1455',
		answer: '2',
		category: 'number',
		chance: 0,
		prompt: 'How many cups?\nAnswer the question using a single word or phrase.',
	});
	expect(graded(task, 'Two.')).toEqual(['2', true, '2', true]);
	expect(graded(task, 'There are two cups')).toEqual(['there are 2 cups', false, '2', true]);
	expect(graded(task, '3')).toEqual(['3', false, '3', false]);
	expect(graded(task, '')).toEqual([null, false, null, false]);
	await expect(open('vqa', { files: [annotations] })).rejects.toThrow(
		'annotations.json: question 1455012 has no text; v2_OpenEnded_mscoco_*_questions.json has the texts',
	);
});

it('GQA asks its balanced questions', async () => {
	const question = (answer: string, isBalanced: boolean, structural: string) => ({
		question: 'What is it?',
		imageId: 'n1',
		answer,
		isBalanced,
		types: { structural, semantic: 'attr', detailed: 'd' },
		semantic: [],
		groups: { global: null },
	});
	const all = {
		1: question('red', true, 'query'),
		2: question('no', true, 'verify'),
		3: question('x', false, 'query'),
	};
	const task = await open('gqa', {
		files: [memoryFile('gqa-choices/q.json', JSON.stringify(all)), memoryFile('choices.json', '{}')],
	});
	expect(task.questions.map(({ id, image, chance }) => [id, image, chance])).toEqual([
		['1', 'n1.jpg', 0],
		['2', 'n1.jpg', 0.5],
	]);
	expect(graded(task, 'Red.')).toEqual(['red', true, 'red', true]);
	expect(graded(task, 'It is red')).toEqual(['it is red', false, 'red', true]);
	expect(graded(task, 'No, it is not', 1)).toEqual(['no, it is not', false, 'no', true]);
	expect(graded(task, ' ')).toEqual([null, false, null, false]);

	const twice = ['a_questions.json', 'b_questions.json'].map((name) => memoryFile(name, JSON.stringify(all)));
	const advice = 'these files hold the same questions in part: give one of them with --data, or those that go together';
	await expect(open('gqa', { files: twice })).rejects.toThrow(
		`gqa: two questions have the id "1" in a_questions.json, b_questions.json; ${advice}`,
	);
	const answers = memoryFile('a.json', '{"1": "red"}');
	await expect(scoreAnswers({ task: 'gqa', data: twice, answers })).rejects.toThrow(
		`a_questions.json, b_questions.json: two questions have the id "1"; ${advice}`,
	);
});

const CV = {
	idx: 7,
	type: '2D',
	task: 'Relation',
	question: 'Where is the cup?',
	choices: ['left', 'right'],
	answer: '(B)',
	prompt: 'Where is the cup? (A) left (B) right',
	source: 'COCO',
};

describe('CV-Bench', () => {
	it('asks with the wording of each protocol', async () => {
		const files = [memoryFile('test_2d.jsonl', lines([{ ...CV, filename: 'img/2D/7.png' }]))];
		const wording = async (prompt: string) => (await open('cv-bench', { files, prompt })).questions[0]!.prompt;
		expect(await wording('cambrian')).toBe(
			`${CV.prompt}\nAnswer with the option's letter from the given choices directly.`,
		);
		expect(await wording('lmms-eval')).toBe(
			`Note: You only need to respond with A, B without providing any additional information.\n\n${CV.prompt}`,
		);
		expect(await wording('plain')).toBe(CV.prompt);
		expect(await wording('paper')).toBe(
			`${CV.prompt} \nPlease answer based on the choices given above. For example, "A", "B", "C", "D", or "E".`,
		);
		const task = await open('cv-bench', { files });
		expect(task.questions[0]).toMatchObject({ id: '7', answer: 'B', category: 'Relation', chance: 0.5 });
		expect(await task.image('img/2D/7.png')).toEqual(await images('img/2D/7.png'));
		expect(graded(task, 'right')).toEqual(['B', true, 'B', true]);
		expect(graded(task, 'The answer is (B)')).toEqual([null, false, 'B', true]);
	});

	it('takes its images from the Parquet file', async () => {
		const names = ['type', 'task', 'question', 'answer', 'prompt', 'source'] as const;
		const png = [new Uint8Array([137, 80, 78, 71, 200]), new Uint8Array([137, 80, 78, 71, 255])];
		const buffer = parquetWriteBuffer({
			columnData: [
				{ name: 'idx', data: [7, 8] },
				...names.map((name) => ({ name, data: [CV[name], CV[name]] })),
				{ name: 'choices', data: [CV.choices, CV.choices] },
				{ name: 'image', data: png, type: 'BYTE_ARRAY' },
			],
		});
		const task = await open('cv-bench', { files: [memoryFile('test_2d.parquet', new Uint8Array(buffer))] });
		expect(await task.image(task.questions[1]!.image)).toEqual(png[1]);
	});
});

it('VSR asks for yes or no and counts its balance', async () => {
	const rows = [
		{ image: '1.jpg', caption: 'The cat is on the mat.', relation: 'on', label: 1 },
		{ image: '2.jpg', caption: 'The cow is congruent to the mat.', relation: 'congruent', label: 0 },
	];
	const task = await open('vsr', { files: [memoryFile('test.jsonl', lines(rows))] });
	expect(task.questions[0]!.prompt).toBe(
		'Determine whether the description about the spatial relationship is correct or not. Answer with yes or no: The cat is on the mat.',
	);
	expect(task.questions.map(({ category }) => category)).toEqual(['Topological', 'Uncategorized']);
	expect(task.facts).toMatchObject({ questions: 2, 'answers: true': 1, 'answers: false': 1 });
	expect(graded(task, 'Yes')).toEqual(['true', true, 'true', true]);
	expect(graded(task, 'No, it is not.')).toEqual([null, false, 'false', false]);
});

it("What'sUp asks in AdaptVis' words", async () => {
	const photo = (name: string) => ({
		image_path: `data/${name}.jpeg`,
		caption_options: ['A mug on a chair', 'A mug under a chair', 'left', 'right'],
	});
	const files = [
		memoryFile('controlled.json', JSON.stringify([photo('water-bottle_on_chair'), photo('shoes_under_chair')])),
	];
	const task = await open('whatsup', { files });
	expect(task.questions.map(({ prompt }) => prompt)).toEqual([
		'Where is the water bottle in relation to the chair? Answer with left, right, on or under.',
		'Where are the shoes in relation to the chair? Answer with left, right, on or under.',
	]);
	expect(task.questions[0]).toMatchObject({ chance: 0.25, answer: 'on' });
	expect(graded(task, 'On.')).toEqual(['on', true, 'on', true]);
	expect(graded(task, 'It is on it')).toEqual([null, false, 'on', true]);
});

describe('a table', () => {
	it('lists choices below the question', async () => {
		const rows = [{ image: 'a.png', question: 'Where?', answer: 'left', choices: ['left', 'right'] }];
		const task = await open('table', { files: [memoryFile('t.jsonl', lines(rows))] });
		expect(task.questions[0]!.prompt).toBe(
			"Where?\n(A) left\n(B) right\nAnswer with the option's letter from the given choices directly.",
		);
		expect(graded(task, 'A')).toEqual(['A', true, 'A', true]);
	});

	it('needs an image for every row', async () => {
		const files = [memoryFile('t.csv', 'question,answer\nWhere?,left')];
		await expect(open('table', { files })).rejects.toThrow('t.csv: row 1 names no image; it cannot be asked');
	});

	it('takes images from Parquet, and says which row has none', async () => {
		const buffer = parquetWriteBuffer({
			columnData: [
				{ name: 'question', data: ['Where?', 'Where?'] },
				{ name: 'answer', data: ['left', 'left'] },
				{ name: 'image', data: [new Uint8Array([1, 254]), undefined], type: 'BYTE_ARRAY', nullable: true },
			],
		});
		const task = await open('table', { files: [memoryFile('t.parquet', new Uint8Array(buffer))] });
		expect(await task.image(task.questions[0]!.image)).toEqual(new Uint8Array([1, 254]));
		await expect(task.image(task.questions[1]!.image)).rejects.toThrow('t.parquet: row-1 has no image');
	});
});
