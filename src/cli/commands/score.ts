import path from 'node:path';
import { UsageError } from '../../base/errors.ts';
import { benchmarkOf } from '../../tasks/score.ts';
import { dataFiles, scoreFiles } from '../../tasks/score-files.node.ts';
import { common, jsonText, limit, limitOf, out } from '../args.ts';
import { defineCommand } from '../command.ts';
import { refuseInputs, writeWhole } from '../output.ts';
import { scoreText } from '../score-text.ts';

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
		const { task, answers, protocol, condition, partial, 'per-question': perQuestion } = args;
		const questions = limitOf(args.limit);
		const benchmark = benchmarkOf(task);
		const inputs = [...dataFiles(benchmark, all('data')).map(({ name }) => name), answers];
		refuseInputs('out', args.out, inputs);
		refuseInputs('per-question', perQuestion, inputs);
		if (args.out !== undefined && perQuestion !== undefined && path.resolve(args.out) === path.resolve(perQuestion)) {
			throw new UsageError(`--per-question ${perQuestion}: is --out as well; give another file`, {
				code: 'option-conflict',
			});
		}
		const result = await writeWhole(args.out, (write) =>
			writeWhole(perQuestion, async (writeLine) => {
				const scored = await scoreFiles({
					task: benchmark.name,
					data: all('data'),
					answers,
					...(protocol !== undefined && { protocol }),
					...(condition !== undefined && { condition }),
					...(partial && { partial }),
					...(questions !== undefined && { limit: questions }),
					...(perQuestion !== undefined && {
						onQuestion: (question) => writeLine(`${JSON.stringify(question)}\n`),
					}),
				});
				write(jsonText(scored));
				return scored;
			}),
		);
		return { result, text: scoreText(result) };
	},
});
