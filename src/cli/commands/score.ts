import { closeSync, openSync, writeSync } from 'node:fs';
import { benchmarkOf } from '../../tasks/score.ts';
import type { QuestionGrades } from '../../tasks/score-engine.ts';
import { scoreFiles } from '../../tasks/score-files.node.ts';
import { common, limit, limitOf, out, writeResult } from '../args.ts';
import { defineCommand } from '../command.ts';
import { scoreText } from '../score-text.ts';

/** Text that is gathered before it is written to disk. */
const GATHERED = 1 << 16;

/** One line a question, written as they are scored; nothing where no file is named. */
function questionLines(file: string | undefined) {
	if (file === undefined) return { onQuestion: undefined, close: () => {} };
	const handle = openSync(file, 'w');
	let text = '';
	const flush = () => {
		writeSync(handle, text);
		text = '';
	};
	return {
		onQuestion(question: QuestionGrades) {
			text += `${JSON.stringify(question)}\n`;
			if (text.length > GATHERED) flush();
		},
		close() {
			flush();
			closeSync(handle);
		},
	};
}

export const score = defineCommand({
	summary: 'Scores answers made elsewhere, exactly as the official scorer of the benchmark does.',
	details:
		'Tasks: pope, vqav2, gqa, cv-bench, vsr, whatsup, table, 2ds, 2ds-ventral; docs/tasks has a card for each. Two\n' +
		'protocols are always computed: official, which keeps the quirks of the benchmark’s own code, and lenient, the\n' +
		"sensible reading. Raw output of a model (LLaVA's answers with question_id and text, a run, lmms-eval's sample log)\n" +
		"goes through LLaVA's own conversion first, as in its pipeline. Answers may also be JSON lines, a list, or one object\n" +
		'by id. What does not fit (a wrong id, missing or double answers, a broken line, another split) is named, counted and\n' +
		'refused.',
	args: {
		task: { type: 'positional', required: true, description: 'the benchmark' },
		data: {
			type: 'string',
			required: true,
			repeatable: true,
			valueHint: 'PATH',
			description: "the benchmark's own file, or a folder that holds it; may be given several times",
		},
		answers: {
			type: 'string',
			required: true,
			valueHint: 'FILE',
			description: 'the answers, or a run: its folder or .zip',
		},
		protocol: { type: 'string', valueHint: 'NAME', description: 'one more protocol, such as lmms-eval or llava' },
		partial: { type: 'boolean', description: 'score what has an answer, and only count what does not fit' },
		condition: { type: 'string', valueHint: 'NAME', description: 'of a run: the condition (default intact)' },
		'per-question': { type: 'string', valueHint: 'FILE', description: 'also write one JSON line a question' },
		...common,
		...limit('score only the first N questions'),
		...out('FILE', 'also write the result to this JSON file'),
	},
	examples: [
		{
			call: 'dorsal score pope --data coco_pope_popular.json --answers llava-v1.5-13b.jsonl',
			does: 'one category of POPE',
		},
		{ call: 'dorsal score vqav2 --data vqa/ --answers results.json --json', does: 'fractions of 1' },
		{
			call: 'dorsal score cv-bench --data test_2d.jsonl --answers a.jsonl --protocol lmms-eval',
			does: 'another protocol beside',
		},
	],
	async run(args, { all }) {
		const { task, answers, protocol, condition, partial } = args;
		const questions = limitOf(args.limit);
		const lines = questionLines(args['per-question']);
		const result = await scoreFiles({
			task: benchmarkOf(task).name,
			data: all('data'),
			answers,
			...(protocol !== undefined && { protocol }),
			...(condition !== undefined && { condition }),
			...(partial && { partial }),
			...(questions !== undefined && { limit: questions }),
			...(lines.onQuestion && { onQuestion: lines.onQuestion }),
		});
		lines.close();
		await writeResult(args.out, result);
		return { result, text: scoreText(result) };
	},
});
