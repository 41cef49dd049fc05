import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Zippable, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConditions } from '../src/eval/conditions.ts';
import { evaluate } from '../src/eval/runner.ts';
import { openRun } from '../src/eval/store.node.ts';
import { openTask } from '../src/tasks/score-files.node.ts';
import { dorsal } from './support/cli.ts';
import { fakeBackend, fakeFacts } from './support/fake-eval.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'dorsal-export-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => path.join(folder, name);
const text = (name: string) => readFileSync(at(name), 'utf8');

const POPE = Array.from({ length: 12 }, (_, i) => ({
	question_id: i + 1,
	image: `${i % 4}.jpg`,
	text: `Is there a thing ${i} in the image?`,
	label: i % 2 === 0 ? 'yes' : 'no',
}));
const human = ['cup', 'cup', 'cup', 'mug', 'mug', 'mug', 'can', 'tin', '2', 'two'].map((answer, i) => ({
	answer,
	answer_id: i + 1,
}));
const VQA = [501, 502, 503].map((question_id) => ({ question_id, image_id: 7, question: 'What is it?' }));

async function runOf(task: string, data: string, { limit }: { limit?: number } = {}): Promise<string> {
	const store = await openRun(at(`runs/${task}`));
	await evaluate({
		task: await openTask(task, { data: [at(data)], images: folder }),
		backend: fakeBackend({ facts: { ...fakeFacts, model: '/no/such/place/llava' } }),
		conditions: parseConditions('intact'),
		store,
		...(limit !== undefined && { limit }),
	});
	await store.close();
	return at(`runs/${task}`);
}

/** A run's folder as the bytes of a `.zip`, in one folder as file managers make it. */
function zipped(run: string): Uint8Array {
	const files: Zippable = {};
	for (const entry of readdirSync(run, { recursive: true, withFileTypes: true })) {
		const file = path.join(entry.parentPath, entry.name);
		if (entry.isFile()) files[path.posix.join('run', path.relative(run, file))] = new Uint8Array(readFileSync(file));
	}
	return zipSync(files);
}

beforeAll(async () => {
	for (let i = 0; i < 4; i++) writeFileSync(at(`${i}.jpg`), new Uint8Array([0xff, 0xd8, i]));
	writeFileSync(at('000000000007.jpg'), 'seven');
	writeFileSync(at('coco_pope_popular.json'), POPE.map((row) => `${JSON.stringify(row)}\n`).join(''));
	const annotation = { answer_type: 'other', question_type: 'what', answers: human };
	writeFileSync(
		at('vqa.json'),
		JSON.stringify({
			questions: VQA,
			annotations: VQA.map((row) => ({ ...row, ...annotation })),
		}),
	);
	await runOf('pope', 'coco_pope_popular.json');
	await runOf('vqav2', 'vqa.json', { limit: 2 });
	writeFileSync(at('pope.zip'), zipped(at('runs/pope')));
});

describe('dorsal export', () => {
	it.each(['llava', 'lmms-eval'])('%s: dorsal score reads the same figures back', async (to) => {
		const exported = await dorsal(['export', '--run', at('runs/pope'), '--to', to, '--out', at(`${to}.jsonl`)]);
		expect(exported).toMatchObject({ code: 0, stderr: '' });
		const score = async (answers: string) => {
			const data = at('coco_pope_popular.json');
			const { stdout } = await dorsal(['score', 'pope', '--data', data, '--answers', answers, '--json']);
			return JSON.parse(stdout);
		};
		const own = await score(at('runs/pope'));
		expect(own).toMatchObject({ task: 'pope', questions: 12 });
		expect(await score(at(`${to}.jsonl`))).toMatchObject({ official: own.official, lenient: own.lenient });
	});

	it('says what it wrote', async () => {
		const args = ['export', '--run', at('pope.zip'), '--to', 'llava', '--out', at('out.jsonl')];
		const { stdout } = await dorsal(args);
		expect(stdout).toBe(`${at('out.jsonl')}: LLaVA's answers file, 12 answers of pope\n`);
		const { stdout: json } = await dorsal([...args, '--limit', '3', '--json']);
		expect(JSON.parse(json)).toEqual({
			run: at('pope.zip'),
			task: 'pope',
			to: 'llava',
			out: at('out.jsonl'),
			answers: 3,
			filled: 0,
		});
		expect(text('out.jsonl').trim().split('\n')).toHaveLength(3);
	});

	it('refuses a submission that lacks questions, and leaves no file; or fills them in', async () => {
		const args = ['export', '--run', at('runs/vqav2'), '--to', 'evalai', '--data', at('vqa.json')];
		expect(await dorsal([...args, '--out', at('vqa-out.json')])).toMatchObject({
			code: 1,
			stdout: '',
			stderr:
				`dorsal: error [answers]: ${at('runs/vqav2')}: 1 of the 3 questions of the split have no answer (503); ` +
				'answer them, or give --fill-missing to submit empty answers\n',
		});
		expect(readdirSync(folder).filter((name) => name.startsWith('vqa-out'))).toEqual([]);
		const filled = await dorsal([...args, '--out', at('vqa-out.json'), '--fill-missing']);
		expect(filled.stdout).toContain('2 answers of vqav2, and 1 empty answer where there was none\n');
		expect(JSON.parse(text('vqa-out.json'))).toEqual([
			{ question_id: 501, answer: expect.any(String) },
			{ question_id: 502, answer: expect.any(String) },
			{ question_id: 503, answer: '' },
		]);
	});

	it.each([
		[['--model', 'm', '--to', 'transformers.js'], 'unsupported', '--model: this version exports answers, not models'],
		[['--to', 'llava'], 'option-missing', '--run is missing; write --run RUN'],
		[['--run', 'r'], 'option-missing', '--to is missing; write --to lmms-eval|llava|evalai'],
		[['--run', 'r', '--to', 'toString'], 'option-value', '--to toString: expected one of lmms-eval, llava, evalai'],
		[['--run', 'r', '--to', 'llava', '--fill-missing'], 'option-conflict', '--fill-missing: is for --to evalai'],
		[
			['--run', 'nowhere', '--to', 'llava'],
			'no-run',
			'nowhere: has no manifest.json; give the folder of a run, or a .zip',
		],
	])('%j is bad usage', async (args, code, message) => {
		const refused = await dorsal(['export', ...args, '--out', at('none')]);
		expect(refused).toMatchObject({ code: 2, stdout: '' });
		expect(refused.stderr).toContain(`dorsal: error [${code}]: ${message}`);
		expect(refused.stderr.trim().split('\n')).toHaveLength(1);
		expect(existsSync(at('none'))).toBe(false);
	});
});

describe('a run that was moved or zipped', () => {
	it('is reported, compared, exported and scored as before', async () => {
		const outputs = async (run: string) => {
			const report = await dorsal(['report', run, '--out', at('page/report.html')]);
			expect(report).toMatchObject({ code: 0, stderr: '' });
			await dorsal(['export', '--run', run, '--to', 'lmms-eval', '--out', at('samples.jsonl')]);
			// The page names the run's place and the command that made it.
			const page = text('page/report.html').replaceAll(run, 'RUN');
			return { page, samples: text('samples.jsonl') };
		};
		const before = await outputs(at('runs/pope'));
		renameSync(at('runs/pope'), at('elsewhere'));
		expect(await outputs(at('elsewhere'))).toEqual(before);
		expect(await outputs(at('pope.zip'))).toEqual(before);

		const { stdout } = await dorsal(['compare', at('elsewhere'), at('pope.zip'), '--json']);
		expect(JSON.parse(stdout)).toMatchObject({ differences: [], conditions: [{ shared: 12, changed: 0, flips: [] }] });
		const scored = await dorsal([
			...['score', 'pope', '--data', at('coco_pope_popular.json'), '--answers', at('pope.zip'), '--json'],
		]);
		expect(JSON.parse(scored.stdout)).toMatchObject({ questions: 12 });
		renameSync(at('elsewhere'), at('runs/pope'));
	});
});
