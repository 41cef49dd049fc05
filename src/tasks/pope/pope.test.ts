import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scoreAnswers } from '../score.ts';
import { memoryFile } from '../score-file.ts';
import { confusion, count, lmmsEvalRates, rates } from './metrics.ts';
import { lenientReading, officialReading, wholeReading } from './rule.ts';

describe('the official reading', () => {
	it.each([
		['No', 'no'],
		['no', 'no'],
		['not', 'no'],
		['It is not there', 'no'],
		['No, there is no car', 'no'],
		['', 'yes'],
		['NO', 'yes'],
		['No!', 'yes'],
		['None', 'yes'],
		['no\tcar', 'yes'],
		['no\ncar', 'yes'],
		['no\u00a0car', 'yes'],
		['Yes and no', 'no'],
		['Yes. There is no doubt', 'yes'],
		['. no', 'yes'],
		['N,o', 'no'],
		['No,no', 'yes'],
		["isn't", 'yes'],
		['maybe', 'yes'],
	])('of %j is %s', (answer, reading) => {
		expect(officialReading(answer)).toBe(reading);
	});
});

describe('the lenient reading', () => {
	it.each([
		['NO', 'no'],
		['No!', 'no'],
		['no\ncar', 'no'],
		['Yes. There is no doubt', 'yes'],
		['No, but yes in the mirror', 'no'],
		["It isn't there", 'no'],
		['There isn’t a car', 'no'],
		['I cannot see one', 'no'],
		['I would say yes', 'yes'],
		['Well, yes and no', null],
		['maybe', null],
		['', null],
		['None', null],
		['yesterday', null],
	])('of %j is %s', (answer, reading) => {
		expect(lenientReading(answer).value).toBe(reading);
	});
});

it("lmms-eval's reading takes whole answers only", () => {
	expect([' Yes\n', 'NO', 'yes.', 'yes it is', ''].map(wholeReading)).toEqual(['yes', 'no', null, null, null]);
});

it('no reading throws on any text, and the official one always decides', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'grapheme' }), (text) => {
			expect(['yes', 'no']).toContain(officialReading(text));
			expect(['yes', 'no', null]).toContain(lenientReading(text).value);
			expect(['yes', 'no', null]).toContain(wholeReading(text));
		}),
	);
});

describe('figures', () => {
	it('count with yes as the positive class', () => {
		const c = { tp: 6, fp: 2, tn: 3, fn: 1, unreadYes: 0, unreadNo: 0 };
		expect(rates(c)).toEqual({
			accuracy: 9 / 12,
			precision: 6 / 8,
			recall: 6 / 7,
			f1: (2 * (6 / 8) * (6 / 7)) / (6 / 8 + 6 / 7),
			yesRatio: 8 / 12,
			counts: { tp: 6, fp: 2, tn: 3, fn: 1 },
		});
	});

	it('are null where the official script divides by zero', () => {
		const allNo = confusion();
		count(allNo, 'yes', 'no');
		count(allNo, 'no', 'no');
		expect(rates(allNo)).toMatchObject({ accuracy: 0.5, precision: null, recall: 0, f1: null, yesRatio: 0 });
	});

	it('count an unread answer as wrong and as no yes', () => {
		const c = confusion();
		count(c, 'yes', null);
		count(c, 'yes', 'yes');
		count(c, 'no', null);
		expect(rates(c)).toMatchObject({
			accuracy: 1 / 3,
			precision: 1,
			recall: 0.5,
			yesRatio: 1 / 3,
			counts: { unread: 2 },
		});
	});

	it('of lmms-eval leave unread answers out of recall, and take the yes ratio from the labels', () => {
		const c = { tp: 1, fp: 0, tn: 0, fn: 1, unreadYes: 2, unreadNo: 4 };
		expect(lmmsEvalRates(c)).toEqual({ accuracy: 1 / 8, precision: 1, recall: 0.5, f1: 2 / 3, yesRatio: 0.5 });
	});
});

const OBJECTS = ['car', 'dog', 'cup'];

/** Three questions of a category, as POPE's label files have them. */
const labels = (category: string, name = `coco_pope_${category}.json`) =>
	memoryFile(
		name,
		OBJECTS.map((thing, i) =>
			JSON.stringify({
				question_id: i + 1,
				image: 'COCO_val2014_000000310196.jpg',
				text: `Is there a ${category} ${thing} in the image?`,
				label: i === 0 ? 'no' : 'yes',
			}),
		).join('\r\n'),
	);

/** What LLaVA writes: its own numbers, its suffix, and a slip that today's label files no longer have. */
const llava = (category: string, base: number, answers: readonly string[]) =>
	answers.map((text, i) => ({
		question_id: base + i + 1,
		prompt: `Is there a ${category} ${OBJECTS[i]} in the imange?\nAnswer the question using a single word or phrase.`,
		text,
		answer_id: 'x',
		model_id: 'llava-v1.5-13b',
		metadata: {},
	}));
const file = (records: readonly unknown[]) =>
	memoryFile('llava.jsonl', records.map((record) => JSON.stringify(record)).join('\n'));

const ALL = [
	...llava('adversarial', 0, ['No', 'Yes', 'No']),
	...llava('random', 10_000_000, ['No', 'Yes', 'Yes']),
	...llava('popular', 20_000_000, ['Yes', 'Yes', 'No']),
];

describe("LLaVA's answers", () => {
	it('are scored category by category, and the figures are the means of the categories', async () => {
		const data = ['random', 'popular', 'adversarial'].map((category) => labels(category));
		const { questions, official, answers } = await scoreAnswers({ task: 'pope', data, answers: file(ALL) });
		expect(questions).toBe(9);
		expect(answers).toMatchObject({ given: 9, llava: 9, leftOut: 0 });
		const [random, popular, adversarial] = ['random', 'popular', 'adversarial'].map(
			(category) => (official.byCategory as Record<string, Record<string, number>>)[category]!,
		);
		expect([random!.accuracy, popular!.accuracy, adversarial!.accuracy]).toEqual([1, 1 / 3, 2 / 3]);
		expect(official.f1).toBeCloseTo((random!.f1! + popular!.f1! + adversarial!.f1!) / 3, 12);
		expect(official.pooled).toMatchObject({ accuracy: 6 / 9, counts: { tp: 4, fp: 1, tn: 2, fn: 2 } });
	});

	it('to categories whose files are not given are left out and counted', async () => {
		const data = [labels('popular')];
		const { questions, official, answers } = await scoreAnswers({ task: 'pope', data, answers: file(ALL) });
		expect(questions).toBe(3);
		expect(official.accuracy).toBeCloseTo(1 / 3);
		expect(answers).toMatchObject({ leftOut: 6, unknown: 0 });
	});

	it('to one category fit a file whose name does not tell it', async () => {
		const data = [labels('popular', 'labels.jsonl')];
		const answers = file(ALL.slice(6));
		expect(await scoreAnswers({ task: 'pope', data, answers })).toMatchObject({
			questions: 3,
			answers: { leftOut: 0 },
		});
	});

	it('to one category do not pass for those of another', async () => {
		const data = [labels('popular')];
		await expect(scoreAnswers({ task: 'pope', data, answers: file(ALL.slice(0, 3)) })).rejects.toThrow(
			'3 answers are to another question than the id or line says',
		);
	});
});

it('plain ids of several files are refused, as nothing says whose they are', async () => {
	const data = [labels('random'), labels('popular')];
	const answers = memoryFile('a.jsonl', '{"question_id": 1, "answer": "yes"}');
	await expect(scoreAnswers({ task: 'pope', data, answers })).rejects.toThrow(
		'a.jsonl: nothing says to which of random, popular its answers belong (first id "1", line 1)',
	);
	const twice = [labels('random'), labels('random')];
	await expect(scoreAnswers({ task: 'pope', data: twice, answers })).rejects.toThrow(
		'two files of the category random',
	);
	const none = memoryFile('a.jsonl', '{"answer": null}');
	await expect(scoreAnswers({ task: 'pope', data, answers: none })).rejects.toThrow(
		'a.jsonl: 1 record holds no answer (line 1: answer is null, not an answer); no answer to score',
	);
	const bare = memoryFile('a.jsonl', '{"answer": "yes"}');
	await expect(scoreAnswers({ task: 'pope', data, answers: bare })).rejects.toThrow('they have no ids');
});

it('two files of one category are refused', async () => {
	const data = [labels('random'), labels('random', 'random-old.json')];
	await expect(scoreAnswers({ task: 'pope', data, answers: file(ALL) })).rejects.toThrow(
		'POPE: two files of the category random; give each once',
	);
});

it('2,910 answers to 3,000 questions are refused, with the reason', async () => {
	const lines = (n: number, line: (id: number) => unknown) =>
		Array.from({ length: n }, (_, i) => JSON.stringify(line(i + 1))).join('\n');
	const label = (question_id: number) => ({
		question_id,
		image: 'a.jpg',
		text: `Is there ${question_id}?`,
		label: 'no',
	});
	const data = [memoryFile('coco_pope_random.json', lines(3000, label))];
	const answers = memoryFile(
		'random.jsonl',
		lines(2910, (question_id) => ({ question_id, answer: 'no' })),
	);
	await expect(scoreAnswers({ task: 'pope', data, answers })).rejects.toThrow(
		'random.jsonl: 90 questions have no answer (first: "random/2911"); ' +
			"POPE's random file had 2910 questions before it had 3000; score such answers against that file; " +
			'put it right, or give --partial to score the questions that have an answer ' +
			'(2910 answers, 3000 questions in coco_pope_random.json)',
	);
	const byLine = memoryFile(
		'random.jsonl',
		lines(2910, () => ({ answer: 'no' })),
	);
	await expect(scoreAnswers({ task: 'pope', data, answers: byLine })).rejects.toThrow('2910 answers, 3000 questions');
	const old = [memoryFile('coco_pope_random.json', lines(2910, label))];
	const today = memoryFile(
		'today.jsonl',
		lines(3000, (question_id) => ({ question_id, answer: 'no' })),
	);
	await expect(scoreAnswers({ task: 'pope', data: old, answers: today })).rejects.toThrow(
		'90 answers belong to no question (first: "random/2911", line 2911); ' +
			"POPE's random file had 2910 questions before it had 3000; score these answers against today's; ",
	);
});

it("answers of another benchmark are named by their own ids, also where these look like LLaVA's", async () => {
	const data = [labels('popular')];
	const answers = memoryFile('gqa.json', JSON.stringify([{ questionId: '20119135', prediction: 'no' }]));
	await expect(scoreAnswers({ task: 'pope', data, answers })).rejects.toThrow(
		'gqa.json: no answer belongs to a question (first answer: "popular/20119135", line 1',
	);
});

describe("lmms-eval's log of all categories, whose numbers start anew", () => {
	const categories = ['adversarial', 'popular', 'random'];
	const log = (order: readonly string[], more: (category: string) => object = () => ({})) =>
		order.flatMap((category) =>
			OBJECTS.map((thing, i) => ({
				doc_id: i,
				filtered_resps: i === 0 ? 'No' : 'Yes',
				pope_accuracy: { question_id: `${i + 1}` },
				input: `Is there a ${category} ${thing} in the image?\nShort.`,
				...more(category),
			})),
		);
	const data = ['random', 'adversarial', 'popular'].map((category) => labels(category));
	const score = (records: readonly unknown[], files = data) =>
		scoreAnswers({ task: 'pope', data: files, answers: file(records) });

	it('is scored by their order, all of them or one', async () => {
		expect(await score(log(categories))).toMatchObject({ questions: 9, official: { accuracy: 1 } });
		expect(await score(log(categories), [labels('popular')])).toMatchObject({
			questions: 3,
			official: { accuracy: 1 },
			answers: { checked: 3, leftOut: 6 },
		});
	});

	it('is scored by the category that its doc names, in whatever order', async () => {
		const docs = log(['random', 'popular', 'adversarial'], (category) => ({ doc: { category }, input: undefined }));
		expect(await score(docs)).toMatchObject({ questions: 9, official: { accuracy: 1 } });
	});

	it('is refused in another order, and where nothing says what was asked', async () => {
		await expect(score(log(['random', 'popular', 'adversarial']))).rejects.toThrow('answers are to another question');
		await expect(score(log(categories, () => ({ input: undefined })))).rejects.toThrow('nothing says to which of');
		await expect(score(log(['popular']))).rejects.toThrow('nothing says to which of');
	});
});
