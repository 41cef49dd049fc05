import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scoreAnswers } from '../score.ts';
import { memoryFile } from '../score-file.ts';
import { consistency } from './consistency.ts';
import { addAnswer, type Distributions, distributionScore } from './distribution.ts';
import { llavaConversion } from './score.ts';

const question = (answer: string, more: Record<string, unknown> = {}) => ({
	question: 'What color is  the car?',
	imageId: 'n1',
	answer,
	isBalanced: true,
	types: { structural: 'query', semantic: 'attr', detailed: 'color' },
	semantic: [
		{ operation: 'select', argument: 'car (1)' },
		{ operation: 'query', argument: 'color' },
	],
	groups: { global: null },
	entailed: [],
	...more,
});
const yesNo = { structural: 'verify', semantic: 'obj', detailed: 'exist' };
const exists = [
	{ operation: 'select', argument: 'car (1)' },
	{ operation: 'exist', argument: '?' },
];

const QUESTIONS = {
	'1': question('red', { groups: { global: 'color' }, entailed: ['1', '2', '4'] }),
	'2': question('yes', { types: yesNo, semantic: exists, question: 'Is there a car?' }),
	'3': question('blue', { groups: { global: 'color' } }),
	'4': question('no', { types: yesNo, isBalanced: false }),
};
const data = (questions: unknown = QUESTIONS) => [
	memoryFile('testdev_balanced_questions.json', JSON.stringify(questions)),
];
const predictions = (answers: Record<string, string>) =>
	memoryFile(
		'predictions.json',
		JSON.stringify(Object.entries(answers).map(([questionId, prediction]) => ({ questionId, prediction }))),
	);

describe('the official figures', () => {
	it('want the same string, over the balanced questions', async () => {
		const answers = predictions({ '1': 'red', '2': 'Yes', '3': 'blue ' });
		const { official, lenient, questions } = await scoreAnswers({ task: 'gqa', data: data(), answers });
		expect(questions).toBe(3);
		expect(official).toMatchObject({
			accuracy: 1 / 3,
			binary: 0,
			open: 0.5,
			perStructuralType: { query: 0.5, verify: 0 },
			perSemanticType: { attr: 0.5, obj: 0 },
			// "exist", "query: name" and "choose name" are no steps of reasoning.
			perSteps: { '1': 0, '2': 0.5 },
			perWords: { '4': 0, '5': 0.5 },
			validity: null,
			plausibility: null,
			counts: { accuracy: 3, binary: 1, open: 2 },
		});
		expect(lenient).toMatchObject({ accuracy: 2 / 3, binary: 1 });
	});

	it('have a consistency only where all entailed questions are answered', async () => {
		const some = { '1': 'red', '2': 'yes', '3': 'blue' };
		const without = await scoreAnswers({ task: 'gqa', data: data(), answers: predictions(some) });
		expect(without.official.consistency).toBeNull();
		expect(without.lenient.consistency).toBe(1);
		const answers = predictions({ ...some, '4': 'yes' });
		expect((await scoreAnswers({ task: 'gqa', data: data(), answers })).official.consistency).toBe(0.5);
	});

	it('have validity and plausibility where a choices file is given', async () => {
		const choices = memoryFile(
			'testdev_choices.json',
			JSON.stringify({
				'1': { valid: ['red', 'blue'], plausible: ['red'] },
				'2': { valid: ['yes', 'no'], plausible: ['yes', 'no'] },
				'3': { valid: ['red', 'blue'], plausible: ['red'] },
			}),
		);
		const files = [...data(), choices];
		const answers = predictions({ '1': 'blue', '2': 'maybe', '3': 'red' });
		const { official } = await scoreAnswers({ task: 'gqa', data: files, answers });
		expect(official).toMatchObject({ validity: 2 / 3, plausibility: 1 / 3 });
		const short = [...data(), memoryFile('choices.json', '{"1": {"valid": [], "plausible": []}}')];
		expect((await scoreAnswers({ task: 'gqa', data: short, answers })).official.validity).toBeNull();
	});

	it('take color, material and shape as the choices of a question about what is common', async () => {
		const common = { '9': question('color', { types: { ...yesNo, detailed: 'twoCommon' } }) };
		const files = [...data(common), memoryFile('choices.json', '{"9": {"valid": ["red"], "plausible": ["red"]}}')];
		const scored = await scoreAnswers({ task: 'gqa', data: files, answers: predictions({ '9': 'shape' }) });
		expect(scored.official).toMatchObject({ accuracy: 0, validity: 1, plausibility: 1 });
	});
});

describe("LLaVA's conversion", () => {
	it.each([
		['Red.', 'red'],
		['Red...', 'red'],
		['Red. ', 'red. '],
		[' Red', ' red'],
		['.', ''],
	])('of %j is %j', (text, converted) => {
		expect(llavaConversion(text)).toBe(converted);
	});

	it('is idempotent', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
				expect(llavaConversion(llavaConversion(text))).toBe(llavaConversion(text));
			}),
		);
	});

	it("is applied to answers in LLaVA's form before the official scorer sees them", async () => {
		const lines = [
			{ question_id: '1', text: 'Red.' },
			{ question_id: '2', text: 'Yes' },
			{ question_id: '3', text: ' blue' },
		];
		const answers = memoryFile('merge.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
		const scored = await scoreAnswers({ task: 'gqa', data: data(), answers, protocol: 'exact' });
		expect(scored.official.accuracy).toBeCloseTo(2 / 3);
		expect(scored.answers.llava).toBe(3);
		expect(scored.protocols.exact!.accuracy).toBe(0);
		const paper = await scoreAnswers({ task: 'gqa', data: data(), answers, protocol: 'paper' });
		expect(paper.protocols.paper!.accuracy).toBe(1);
	});
});

it('consistency is the mean over questions of the share of what follows', () => {
	const rights = new Map([
		['a', true],
		['b', false],
		['c', true],
	]);
	const implications = [{ entailed: ['a', 'b'] }, { entailed: ['c'] }];
	expect(consistency(implications, rights, { complete: true })).toBe(0.75);
	expect(consistency([{ entailed: ['x'] }], rights, { complete: true })).toBeNull();
	expect(consistency([{ entailed: ['x'] }], rights, { complete: false })).toBeNull();
	expect(consistency([], rights, { complete: true })).toBeNull();
});

it('distribution is the chi-square of each group, weighted by its size; other answers than the right ones cost nothing', () => {
	const histograms: Distributions = { right: new Map(), predicted: new Map() };
	expect(distributionScore(histograms)).toBeNull();
	for (const [group, right, predicted] of [
		['color', 'red', 'red'],
		['color', 'red', 'pink'],
		['color', 'blue', 'red'],
		['size', 'big', 'big'],
	] as const) {
		addAnswer(histograms, group, right, predicted);
	}
	// color: red (2 − 2)² / 2, blue (0 − 1)² / 1, so 1, of 3 questions; size: 0, of 1.
	expect(distributionScore(histograms)).toBeCloseTo((1 * 3 + 0 * 1) / 4 / 100, 15);
});

it('reads records with an id as well as one object', async () => {
	const lines = Object.entries(QUESTIONS).map(([id, own]) => JSON.stringify({ id, ...own }));
	const files = [memoryFile('testdev.jsonl', lines.join('\n'))];
	const answers = predictions({ '1': 'red', '2': 'yes', '3': 'red' });
	expect((await scoreAnswers({ task: 'gqa', data: files, answers })).official.accuracy).toBeCloseTo(2 / 3);
});

it('compares the question with what was asked', async () => {
	const ask = (question: string) => ({ question_id: '2', prompt: `${question}\nShort.`, text: 'yes' });
	const score = (question: string) =>
		scoreAnswers({
			task: 'gqa',
			data: data({ '2': QUESTIONS['2'] }),
			answers: memoryFile('a.jsonl', JSON.stringify(ask(question))),
		});
	expect((await score('is there a car')).answers).toMatchObject({ checked: 1 });
	await expect(score('Is there a cow?')).rejects.toThrow(
		'1 answer is to another question than the id or line says (line 1 answers "Is there a cow?\\nShort.", question "2" is "Is there a car?")',
	);
});
