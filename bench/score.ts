/**
 * Scores 100,000 made-up answers of each of three benchmarks from disk and prints the time and the memory it took:
 * `node scripts/run.js bench/score.ts [records]`.
 */
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rng } from '../src/base/random.ts';
import { scoreFiles } from '../src/tasks/score-files.node.ts';

const records = Number(process.argv[2] ?? 100_000);
const folder = mkdtempSync(join(tmpdir(), 'dorsal-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Writes text made one record at a time, so that making it takes no memory either. */
function write(name: string, before: string, between: string, after: string, record: (i: number) => unknown): string {
	const path = join(folder, name);
	const handle = openSync(path, 'w');
	let text = before;
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
}
const lines = (name: string, record: (i: number) => unknown) => write(name, '', '\n', '\n', record);
const list = (name: string, record: (i: number) => unknown) => write(name, '[', ', ', ']', record);

const random = rng(0, 'bench/score');
const WORDS = ['yes', 'no', 'red', 'a red car', 'two', "don't know", '3.5', 'on the left', 'the dog, running'];
const word = () => random.pick(WORDS);
const SUFFIX = '\nAnswer the question using a single word or phrase.';
const thing = (i: number) => `Is there a thing number ${i} in the image?`;
const image = (i: number) => `COCO_val2014_${String(i).padStart(12, '0')}.jpg`;

const jobs = [
	{
		task: 'pope',
		data: lines('coco_pope_random.json', (i) => ({
			question_id: i + 1,
			image: image(i),
			text: thing(i),
			label: random.pick(['yes', 'no']),
		})),
		answers: lines('pope.jsonl', (i) => ({
			question_id: i + 1,
			prompt: thing(i) + SUFFIX,
			text: random.pick(['Yes', 'No', 'No, there is not.', 'Yes. It is there.']),
			answer_id: 'RaRLWFZiWLZrCUy6vaPMFQ',
			model_id: 'llava-v1.5-7b',
			metadata: {},
		})),
	},
	{
		task: 'vqav2',
		data: write('annotations.json', '{"info": {}, "annotations": [', ', ', ']}', (i) => ({
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
		answers: list('vqa.json', (i) => ({ question_id: i * 1000, answer: word() })),
	},
	{
		task: 'gqa',
		data: lines('questions.json', (i) => ({
			id: String(i),
			question: thing(i),
			imageId: `n${i}`,
			answer: word(),
			isBalanced: true,
			types: { structural: random.pick(['query', 'verify']), semantic: 'attr', detailed: 'color' },
			semantic: [{ operation: 'select', argument: 'thing' }],
			groups: { global: random.pick(['color', null]) },
			entailed: [],
		})),
		answers: list('gqa.json', (i) => ({ questionId: String(i), prediction: word() })),
	},
];

const megabytes = (bytes: number) => Math.round(bytes / 1e6);
const rest = process.memoryUsage().rss;
let peak = rest;
const watch = setInterval(() => {
	peak = Math.max(peak, process.memoryUsage().rss);
}, 10);
for (const { task, data, answers } of jobs) {
	peak = process.memoryUsage().rss;
	const start = performance.now();
	const { questions } = await scoreFiles({ task, data: [data], answers });
	const seconds = (performance.now() - start) / 1000;
	const size = megabytes(statSync(data).size + statSync(answers).size);
	console.log(
		`${task}: ${questions} records (${size} MB on disk) in ${seconds.toFixed(2)} s, ` +
			`${Math.round(questions / seconds)} a second, peak memory ${megabytes(peak)} MB (${megabytes(rest)} before the first)`,
	);
}
clearInterval(watch);
