import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benchmarkOf, scoreAnswers } from '../score.ts';
import { memoryFile } from '../score-file.ts';
import { type HumanAnswer, lenientAccuracy, officialAccuracy } from './accuracy.ts';
import { contractions } from './contractions.ts';
import { evalAi, normalize, processDigitArticle } from './normalize.ts';
import { isUnscored } from './task.ts';

describe('the official normalisation', () => {
	it.each([
		['deletes a mark beside a space', 'red, blue', 'red blue'],
		['makes a space of any other', 'red,blue', 'red blue'],
		['deletes every mark once a number has a comma', '1,000 two-door', '1000 twodoor'],
		['looks at the text as it came, so one space decides for all of a kind', 'a-b -c', 'ab c'],
		['keeps colons', '3:30', '3:30'],
		['keeps apostrophes', "dog's", "dog's"],
		['deletes a full stop unless a digit follows', 'yes. 3.5 1.', 'yes 3.5 1'],
		['deletes a full stop after a digit too', '1. street', '1 street'],
		['stops after 32 full stops', `${'.'.repeat(40)}`, '........'],
		['turns number words into digits', 'None zero one ten eleven', '0 0 1 10 eleven'],
		['drops articles', 'A dog and the cat', 'dog and cat'],
		['puts apostrophes back', 'dont couldnt', "don't couldn't"],
		['takes one away', "somebody'd", 'somebodyd'],
		['never reaches the keys with capitals', 'Im Ive', 'im ive'],
		['splits at any white space Python knows', 'a\x1cred\u2003\x85dog', 'red dog'],
		['does not split at a byte-order mark', 'red\ufeffdog', 'red\ufeffdog'],
		['knows only ASCII digits', '٣,٣', '٣ ٣'],
	])('%s: %j', (_, text, expected) => {
		expect(normalize(text)).toBe(expected);
	});

	it('has the official contractions: one apostrophe missing, never two', () => {
		expect(contractions.size).toBe(114);
		expect(contractions.get("couldn'tve")).toBe("couldn't've");
		expect(contractions.get("couldnt've")).toBe("couldn't've");
		expect(contractions.get('couldntve')).toBeUndefined();
		expect(contractions.get("'ow'sat")).toBe("'ow's'at");
		expect(contractions.get("yall'd've")).toBe("y'all'd've");
		expect(contractions.get('shes')).toBeUndefined();
		expect(contractions.get('youll')).toBe("you'll");
	});

	it('of number words, articles and contractions is idempotent', () => {
		const word = fc.constantFrom('a', 'the', 'dog', 'two', 'dont', 'couldntve', '7', 'Red');
		fc.assert(
			fc.property(fc.array(word), (words) => {
				const once = processDigitArticle(words.join(' '));
				expect(processDigitArticle(once)).toBe(once);
			}),
		);
	});

	it('throws on no text', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), (text) => {
				expect(typeof normalize(text)).toBe('string');
				expect(typeof evalAi(text)).toBe('string');
			}),
		);
	});
});

describe("LLaVA's processor", () => {
	it.each([
		['lower case and the full stop off', 'Yes.', 'yes'],
		['commas and question marks go before the marks are looked at', '1,000 two-door?', '1000 2 door'],
		["'s is set apart", "The dog's", "dog 's"],
		['digits of any script', '٣.٣', '٣.٣'],
	])('%s: %j', (_, text, expected) => {
		expect(evalAi(text)).toBe(expected);
	});
});

const humans = (...answers: string[]): HumanAnswer[] =>
	answers.map((answer, i) => ({ answer, answer_confidence: 'yes', answer_id: i + 1 }));
const times = (n: number, answer: string) => Array.from({ length: n }, () => answer);

describe('the official accuracy', () => {
	it.each([
		[0, 0],
		[1, 0.3],
		[2, 0.6],
		[3, 0.9],
		[4, 1],
		[9, 1],
	])('of an answer that %i of ten people gave is %f', (n, accuracy) => {
		const others = Array.from({ length: 10 - n }, (_, i) => `other${i}`);
		expect(officialAccuracy('red', humans(...times(n, 'red'), ...others)).accuracy).toBeCloseTo(accuracy, 12);
	});

	it('normalises nothing where all ten agree: a capital is wrong', () => {
		expect(officialAccuracy('Yes', humans(...times(10, 'yes'))).accuracy).toBe(0);
		expect(officialAccuracy('yes.', humans(...times(10, 'yes'))).accuracy).toBe(0);
		expect(officialAccuracy(' yes\n', humans(...times(10, 'yes'))).accuracy).toBe(1);
		expect(officialAccuracy('Yes.', humans(...times(9, 'yes'), 'no')).accuracy).toBe(1);
		expect(lenientAccuracy('Yes.', humans(...times(10, 'yes'))).accuracy).toBe(1);
	});

	it('compares each human answer with the others, found by comparing whole records', () => {
		const alike = times(4, 'red').map((answer) => ({ answer }));
		const rest = times(6, 'blue').map((answer, i) => ({ answer, answer_id: i }));
		// The four are one record: nothing is left to match them against when one of them is put aside.
		expect(officialAccuracy('red', [...alike, ...rest]).accuracy).toBeCloseTo(0.6, 12);
		expect(lenientAccuracy('red', [...alike, ...rest]).accuracy).toBe(1);
	});

	it('counts votes after normalisation', () => {
		expect(officialAccuracy('2', humans('two', 'Two', '2', 'three')).votes).toBe(3);
	});
});

const annotation = (id: number, answerType: string, answers: readonly string[]) => ({
	question_id: id,
	image_id: 1,
	question_type: `type ${id}`,
	answer_type: answerType,
	answers: humans(...answers),
});
const annotations = memoryFile(
	'v2_mscoco_val2014_annotations.json',
	JSON.stringify({
		info: { annotations: [1] },
		annotations: [
			annotation(1, 'yes/no', times(10, 'yes')),
			annotation(2, 'number', [...times(5, '2'), ...times(5, '3')]),
			annotation(3, 'other', ['red', ...times(9, 'blue')]),
		],
	}),
);
const result = (answers: readonly unknown[], protocol?: string) =>
	scoreAnswers({
		task: 'vqav2',
		data: [annotations],
		answers: memoryFile('results.json', JSON.stringify(answers)),
		...(protocol !== undefined && { protocol }),
	});
const RESULTS = [
	{ question_id: 3, answer: 'red' },
	{ question_id: 1, answer: 'Yes' },
	{ question_id: 2, answer: 'two.' },
];

describe('scoring VQA v2', () => {
	it('gives figures per answer type and question type, rounded as the official code rounds them', async () => {
		const { official, lenient, questions, unparsed } = await result(RESULTS);
		expect([questions, unparsed]).toEqual([3, 0]);
		expect(official).toEqual({
			overall: 0.4333,
			perAnswerType: { 'yes/no': 0, number: 1, other: 0.3 },
			perQuestionType: { 'type 1': 0, 'type 2': 1, 'type 3': 0.3 },
		});
		expect(lenient.overall).toBeCloseTo(2.3 / 3, 12);
	});

	it("converts answers in LLaVA's form first, as LLaVA does, and says so", async () => {
		const llava = RESULTS.map(({ question_id, answer }) => ({ question_id, text: answer }));
		const converted = await result(llava, 'vqaeval');
		expect(converted.official.overall).toBe(0.7667);
		expect(converted.answers.llava).toBe(3);
		expect(converted.protocols.vqaeval!.overall).toBe(0.4333);
		expect((await result(RESULTS, 'llava')).protocols.llava!.overall).toBe(0.7667);
	});

	it('compares the questions with what was asked, where their file is given', async () => {
		const rows = [1, 2, 3].map((question_id) => ({ question_id, image_id: 1, question: `What is ${question_id}?` }));
		const texts = memoryFile('questions.json', JSON.stringify({ questions: rows }));
		const score = (asked: string, data = [texts, annotations]) => {
			const answers = RESULTS.map(({ question_id, answer }) => ({
				...{ question_id, text: answer, prompt: `${asked} ${question_id}?\nShort.` },
			}));
			return scoreAnswers({ task: 'vqav2', data, answers: memoryFile('a.json', JSON.stringify(answers)) });
		};
		expect((await score('What is')).answers).toMatchObject({ checked: 3 });
		await expect(score('Where is')).rejects.toThrow('3 answers are to another question');
		expect((await score('Where is', [annotations])).answers).toMatchObject({ checked: 0, mismatched: 0 });
	});

	it('counts an empty answer as unparsed', async () => {
		const { unparsed } = await result([...RESULTS.slice(0, 2), { question_id: 2, answer: ' the ' }]);
		expect(unparsed).toBe(1);
	});

	it('needs the annotations', async () => {
		const questions = memoryFile('q.json', '{"questions": [{"question_id": 1, "image_id": 1, "question": "Is it?"}]}');
		const answers = memoryFile('a.json', '[{"question_id": 1, "answer": "yes"}]');
		await expect(scoreAnswers({ task: 'vqav2', data: [questions], answers })).rejects.toThrow(
			'q.json: no annotations; the human answers are in v2_mscoco_*_annotations.json',
		);
		const broken = memoryFile('a.json', '{"annotations": [\n{"question_id": 1, "answers": []}]}');
		await expect(scoreAnswers({ task: 'vqav2', data: [broken], answers })).rejects.toThrow(
			'a.json:2: image_id: expected a whole number or text, got nothing; is it a VQA v2 annotation file?',
		);
	});
});

describe('a test split, whose right answers are not public', () => {
	const rows = [7, 3].map((question_id) => ({ question_id, image_id: 262144, question: 'Is it red?' }));
	const open = (name: string) => {
		const file = memoryFile(`data/${name}`, JSON.stringify({ questions: rows }));
		return benchmarkOf('vqav2').task({ files: [file], images: async () => new Uint8Array() });
	};

	it.each(['v2_OpenEnded_mscoco_test2015_questions.json', 'v2_OpenEnded_mscoco_test-dev2015_questions.json'])(
		'%s can be asked, and no answer counts as right',
		async (name) => {
			const task = await open(name);
			expect(isUnscored(task)).toBe(true);
			expect(task.questions.map(({ id, image }) => [id, image])).toEqual([
				['7', '262144'],
				['3', '262144'],
			]);
			const [question] = task.questions;
			expect(question!.prompt).toBe('Is it red?\nAnswer the question using a single word or phrase.');
			expect(task.strict(question!, 'Yes.')).toEqual({ value: 'yes', status: 'ok', correct: false });
			expect(task.lenient(question!, ' the ')).toEqual({ value: null, status: 'none', correct: false });
		},
	);

	it('is told by its name; other questions want their annotations', async () => {
		await expect(open('v2_OpenEnded_mscoco_val2014_questions.json')).rejects.toThrow('no annotations');
	});
});
