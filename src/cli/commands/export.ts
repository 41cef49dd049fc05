import { UsageError } from '../../base/errors.ts';
import { EXPORTS, type ExportFormat, exportRun } from '../../eval/export/export.ts';
import { readRun } from '../../eval/store.node.ts';
import { plural } from '../../report/format.ts';
import { dataFiles } from '../../tasks/score-files.node.ts';
import { vqav2 } from '../../tasks/vqav2/benchmark.ts';
import { readQuestionIds } from '../../tasks/vqav2/data.ts';
import { common, limit, limitOf } from '../args.ts';
import { defineCommand } from '../command.ts';
import { listing } from '../help.ts';
import { given } from '../options.ts';
import { refuseInputs, writeWhole } from '../output.ts';

const isFormat = (text: string): text is ExportFormat => Object.hasOwn(EXPORTS, text);

/** The run and the format that were asked for; models come under this command too, but not yet. */
function chosen({ run, model, to }: { run?: string; model?: string; to?: string }): { run: string; to: ExportFormat } {
	const missing = (option: string, hint: string) =>
		new UsageError(`--${option} is missing; write --${option} ${hint}`, { code: 'option-missing' });
	if (model !== undefined) {
		throw new UsageError('--model: this version exports answers, not models; give --run RUN', { code: 'unsupported' });
	}
	if (run === undefined) throw missing('run', 'RUN');
	if (to === undefined) throw missing('to', Object.keys(EXPORTS).join('|'));
	if (isFormat(to)) return { run, to };
	throw new UsageError(`--to ${to}: expected one of ${Object.keys(EXPORTS).join(', ')}`, { code: 'option-value' });
}

export const exportAnswers = defineCommand({
	summary: "Writes a run's answers in the form of another tool.",
	details:
		`Forms:\n${listing(Object.entries(EXPORTS))}\n` +
		'dorsal score reads each of them back to the same official figures. A submission must have every question of its\n' +
		'split: --data names the split, and what is missing is named, counted and refused.',
	args: {
		run: { type: 'string', valueHint: 'RUN', description: 'folder of the run, or a .zip of it' },
		to: { type: 'string', valueHint: 'FORM', description: Object.keys(EXPORTS).join(', ') },
		out: { type: 'string', alias: 'o', required: true, valueHint: 'FILE', description: 'the file to write' },
		condition: {
			type: 'string',
			valueHint: 'NAME',
			description: 'whose answers; of its draws the first (default intact)',
		},
		data: {
			type: 'string',
			repeatable: true,
			valueHint: 'PATH',
			description: 'evalai: the question file of the split (default: the questions of the run)',
		},
		'fill-missing': { type: 'boolean', description: 'evalai: submit an empty answer where there is none' },
		model: { type: 'string', valueHint: 'DIR', description: 'a model instead of a run: not in this version' },
		...common,
		...limit('export only the first N answers'),
	},
	examples: [
		{
			call: 'dorsal export --run runs/pope --to llava --out answers.jsonl',
			does: "for LLaVA's eval_pope.py; the run must have all questions",
		},
		{ call: 'dorsal export --run runs/gqa.zip --to lmms-eval --out samples_gqa.jsonl', does: 'from a zipped run' },
		{
			call: 'dorsal export --run runs/vqa --to evalai --data v2_OpenEnded_mscoco_test2015_questions.json --out vqa.json',
			does: 'for the VQA v2 server',
		},
	],
	async run(args, { all }) {
		const { run: path, to } = chosen(given(args));
		const data = all('data');
		if (to !== 'evalai' && (data.length > 0 || args['fill-missing'])) {
			const option = data.length > 0 ? 'data' : 'fill-missing';
			throw new UsageError(`--${option}: is for --to evalai; leave it out`, { code: 'option-conflict' });
		}
		const most = limitOf(args.limit);
		refuseInputs('out', args.out, [path, ...dataFiles(vqav2, data).map(({ name }) => name)]);
		const run = await readRun(path);
		try {
			const split = data.length > 0 ? await readQuestionIds(dataFiles(vqav2, data)) : undefined;
			const exported = await writeWhole(args.out, (write) =>
				exportRun(run, {
					to,
					write,
					...given({ condition: args.condition, limit: most, split, fillMissing: args['fill-missing'] }),
				}),
			);
			const { answers, filled } = exported;
			const result = { run: path, task: run.manifest.task.name, to, out: args.out, ...exported };
			const more = filled > 0 ? `, and ${plural(filled, 'empty answer')} where there was none` : '';
			return { result, text: `${args.out}: ${EXPORTS[to]}, ${plural(answers, 'answer')} of ${result.task}${more}` };
		} finally {
			await run.close();
		}
	},
});
