import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { benchmarkOf } from './score.ts';
import type { Grade, Metrics } from './score-engine.ts';
import { dataFiles, diskFile, imageFinder, openTask, scoreFiles } from './score-files.node.ts';
import { kindOfRelation } from './vsr/categories.ts';

const SHARED = '../shared/data';
const json = (path: string) => JSON.parse(readFileSync(join(SHARED, path), 'utf8'));

/** Scores, and keeps what each protocol made of every question. */
async function scored(task: string, data: string, answers: string, protocol?: string) {
	const grades = new Map<string, Record<string, Grade>>();
	const result = await scoreFiles({
		task,
		data: [join(SHARED, data)],
		answers: join(SHARED, answers),
		...(protocol !== undefined && { protocol }),
		onQuestion: (question) => grades.set(question.id, question.grades),
	});
	return { ...result, grades };
}

describe.skipIf(!existsSync(SHARED))('expected figures of the official scorers (needs ../shared/data)', () => {
	it('POPE: every figure, and the reading of every line', async () => {
		const expected = json('pope/expected.json');
		const { official, questions, grades } = await scored('pope', 'pope/popular.jsonl', 'pope/answers-synthetic.jsonl');
		const { TP, FP, TN, FN, ...rates } = expected.metrics;
		expect(questions).toBe(expected.count);
		expect(official).toEqual({ ...rates, counts: { tp: TP, fp: FP, tn: TN, fn: FN } });
		expect([...grades.values()].map(({ official }) => official!.value![0]).join('')).toBe(expected.parsed);
	});

	const vqa = existsSync(SHARED) ? json('vqa/expected.json') : { predictors: {} };
	it.each(Object.keys(vqa.predictors))('VQA v2, %s: overall, per type and per question', async (name) => {
		const expected = vqa.predictors[name];
		const { official, grades } = await scored('vqav2', 'vqa', `vqa/${expected.file}`);
		const percent = (figures: Metrics) =>
			Object.fromEntries(
				Object.entries(figures).map(([key, value]) => [key, Number(((value as number) * 100).toFixed(4))]),
			);
		expect(percent({ overall: official.overall! })).toEqual({ overall: expected.overall });
		expect(percent(official.perAnswerType as Metrics)).toEqual(expected.perAnswerType);
		expect(percent(official.perQuestionType as Metrics)).toEqual(expected.perQuestionType);
		const perQuestion = [...grades].map(([id, { official }]) => [id, Number((100 * official!.score).toFixed(2))]);
		expect(Object.fromEntries(perQuestion)).toEqual(expected.perQuestion);
	});

	it('GQA, exact and after LLaVA’s conversion: every figure', async () => {
		const expected = json('gqa/expected.json');
		const { official, protocols, lenient } = await scored('gqa', 'gqa/questions.json', 'gqa/predictions.json', 'llava');
		const kinds = ['perStructuralType', 'perSemanticType', 'perSteps', 'perWords'];
		for (const [actual, wanted] of [
			[official, expected.exact],
			[protocols.llava!, expected.llava],
			[lenient, expected.llava],
		]) {
			const share = ({ correct, count }: { correct: number; count: number }) => correct / count;
			for (const figure of ['accuracy', 'binary', 'open']) expect(actual[figure]).toBe(share(wanted[figure]));
			for (const kind of kinds) {
				const shares = Object.entries(wanted[kind]).map(([name, own]) => [name, share(own as never)]);
				expect(actual[kind]).toEqual(Object.fromEntries(shares));
			}
			expect(actual.distribution).toBeCloseTo(wanted.distribution, 15);
			expect(actual.counts).toEqual({
				accuracy: wanted.accuracy.count,
				binary: wanted.binary.count,
				open: wanted.open.count,
			});
		}
		// Some entailed questions are not among the 400.
		expect(official.consistency).toBeNull();
	});

	it.each([
		['random-dev', 564, 533],
		['random-test', 1181, 1014],
		['zeroshot-dev', 167, 173],
		['zeroshot-test', 629, 593],
	])('VSR %s loads whole: %i true, %i false', async (split, yes, no) => {
		const file = diskFile(join(SHARED, `vsr/${split}.jsonl`));
		const task = await benchmarkOf('vsr').task({ files: [file], images: async () => new Uint8Array() });
		expect(task.facts).toMatchObject({ questions: yes + no, 'answers: true': yes, 'answers: false': no });
		const uncategorized = task.questions.filter(({ category }) => category === 'Uncategorized');
		expect(new Set(uncategorized.map(({ groups }) => groups.relation))).toEqual(
			new Set(split === 'random-dev' ? ['congruent'] : []),
		);
	});

	it('VSR: the kinds of relation are the authors’', () => {
		const lines = readFileSync(join(SHARED, 'vsr/relation-categories.txt'), 'utf8').trim().split('\n');
		const kinds = lines.flatMap((line) => {
			const [kind, relations] = line.split(': ');
			return relations!.split(',').map((relation): [string, string] => [relation.trim(), kind!]);
		});
		expect(kindOfRelation).toEqual(new Map(kinds));
	});

	it("What'sUp loads whole, each relation 103 times", async () => {
		const file = diskFile(join(SHARED, 'whatsup/controlled-a.json'));
		const task = await benchmarkOf('whatsup').task({ files: [file], images: async () => new Uint8Array() });
		expect(task.facts).toMatchObject({
			questions: 412,
			'answers: left': 103,
			'answers: right': 103,
			'answers: on': 103,
			'answers: under': 103,
			'answers: behind': 0,
		});
	});

	it("What'sUp: the captions that are right make every set right", async () => {
		const right = json('whatsup/controlled-a.json').map((own: { caption_options: string[] }) => own.caption_options[0]);
		const folder = mkdtempSync(join(tmpdir(), 'dorsal-score-'));
		const answers = join(folder, 'a.json');
		writeFileSync(answers, JSON.stringify(Object.fromEntries(right.entries())));
		const result = await scoreFiles({ task: 'whatsup', data: [join(SHARED, 'whatsup/controlled-a.json')], answers });
		rmSync(folder, { recursive: true });
		expect(result).toMatchObject({ questions: 412, official: { individual: 1, pair: 1, set: 1 }, lenient: { set: 1 } });
	});

	it('answers of one benchmark are refused by another', async () => {
		await expect(scored('pope', 'pope/random.jsonl', 'gqa/predictions.json')).rejects.toThrow('another task or split');
		await expect(scored('gqa', 'gqa', 'pope/answers-synthetic.jsonl')).rejects.toThrow('another task or split');
	});
});

describe('files of a disk', () => {
	let folder: string;
	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), 'dorsal-score-'));
		for (const path of ['img/2D/count', 'img/2D/relation', 'val2014', 'run']) {
			mkdirSync(join(folder, path), { recursive: true });
		}
		const touch = (path: string, content = path) => writeFileSync(join(folder, path), content);
		touch('img/2D/count/1.png');
		touch('img/2D/relation/1.png');
		touch('val2014/COCO_val2014_000000001455.jpg');
		touch(
			'coco_pope_random.json',
			'{"question_id":1,"image":"COCO_val2014_000000001455.jpg","text":"Is it?","label":"yes"}',
		);
		touch('expected.json', '{}');
		touch('run/records.jsonl', '{"id":"random/1","condition":"intact","draw":0,"raw":"Yes","answer":"no"}');
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	it('are read by position', async () => {
		const file = diskFile(join(folder, 'expected.json'));
		expect(new TextDecoder().decode(await file.read(1, 2))).toBe('}');
		expect(() => diskFile(join(folder, 'none.json'))).toThrow('none.json: no such file');
		expect(() => diskFile(folder)).toThrow('is a folder, not a file');
		if (existsSync('/dev/null')) expect(() => diskFile('/dev/null')).toThrow('is a pipe or a device');
	});

	it('of a folder are those that look like the benchmark’s', () => {
		const names = dataFiles(benchmarkOf('pope'), [folder]).map(({ name }) => name);
		expect(names).toEqual([join(folder, 'coco_pope_random.json')]);
		expect(() => dataFiles(benchmarkOf('whatsup'), [folder])).toThrow('holds no data of whatsup; name the file itself');
	});

	it('of a zipped run are its records, if it is one', async () => {
		const zip = (files: Record<string, string>) => {
			const bytes = Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)]);
			writeFileSync(join(folder, 'run.zip'), zipSync(Object.fromEntries(bytes)));
			return scoreFiles({ task: 'pope', data: [folder], answers: join(folder, 'run.zip') });
		};
		const records = readFileSync(join(folder, 'run/records.jsonl'), 'utf8');
		const result = await zip({ 'run/records.jsonl': records, '__MACOSX/run/records.jsonl': 'x' });
		expect(result).toMatchObject({ questions: 1, official: { accuracy: 1 } });
		await expect(zip({ 'answers.jsonl': records })).rejects.toThrow('run.zip: holds 0 files records.jsonl');
		await expect(zip({ 'a/records.jsonl': records, 'b/records.jsonl': records })).rejects.toThrow('holds 2 files');
	});

	it('of a run are its records', async () => {
		const result = await scoreFiles({ task: 'pope', data: [folder], answers: join(folder, 'run') });
		expect(result).toMatchObject({ questions: 1, official: { accuracy: 1 } });
	});

	it('that are images are found by path, by the end of it, or by a name that only one has', () => {
		const find = imageFinder(folder);
		expect(find('img/2D/count/1.png')).toBe(join(folder, 'img/2D/count/1.png'));
		expect(find('elsewhere/2D/relation/1.png')).toBe(join(folder, 'img/2D/relation/1.png'));
		expect(find('1.png')).toBeNull();
		expect(find('COCO_val2014_000000001455.jpg')).toBe(join(folder, 'val2014/COCO_val2014_000000001455.jpg'));
		expect(find('1455')).toBe(join(folder, 'val2014/COCO_val2014_000000001455.jpg'));
		expect(find('none.png')).toBeNull();
	});

	it('that are images are found in the folder where one is', () => {
		const before = process.cwd();
		process.chdir(join(folder, 'img/2D/count'));
		try {
			expect(imageFinder('.')('1.png')).toBe('1.png');
		} finally {
			process.chdir(before);
		}
	});

	it('make a task with its images, or say how many are missing', async () => {
		const task = await openTask('pope', { data: [folder], prompt: 'plain' });
		expect(new TextDecoder().decode(await task.image(task.questions[0]!.image))).toContain('COCO_val2014');
		const images = join(folder, 'img');
		expect((await openTask('pope', { data: [folder], images, asked: false })).questions.length).toBeGreaterThan(0);
		await expect(openTask('pope', { data: [folder], images })).rejects.toThrow(
			`${images}: 1 of the 1 images of pope is not there (first: "COCO_val2014_000000001455.jpg")`,
		);
	});
});
