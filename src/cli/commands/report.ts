import { existsSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../../base/errors.ts';
import { fileSize } from '../../report/format.ts';
import { writeTrainingReport } from '../../report/training/write.node.ts';
import { type WrittenReport, writeReport } from '../../report/write.node.ts';
import { findResults } from '../../study/layout.node.ts';
import { METRICS_FILE } from '../../train/metrics.ts';
import { RECIPE_FILE } from '../../train/run-folder.ts';
import { common, limit, limitOf, out } from '../args.ts';
import { defineCommand, type Output } from '../command.ts';
import { refuseInputs } from '../output.ts';

export const report = defineCommand({
	summary: 'One HTML page from stored runs; no model is called.',
	details:
		'The page needs no network and opens from disk. Its figures are also written as SVG and CSV to figures/ beside it. Of\n' +
		'runs of training it draws loss, accuracy, 2DS, learning rate and speed by step, several runs over each other.',
	args: {
		folders: {
			type: 'positional',
			required: true,
			repeatable: true,
			description: 'folders of runs or .zips of them, or folders of studies with all their runs and probes',
		},
		title: { type: 'string', description: 'heading of the page' },
		...common,
		...limit('most scenes in the gallery of one data set'),
		...out('FILE', 'the page to write', 'report.html'),
	},
	examples: [
		{ call: 'dorsal report runs/try -o report.html', does: 'the page of one run' },
		{ call: 'dorsal report runs/base-2ds runs/normalised-2ds -o both.html', does: 'two models side by side' },
		{ call: 'dorsal report runs/base runs/normalize -o training.html', does: 'the curves of two runs of dorsal train' },
		{ call: 'dorsal report study -o study/report.html', does: 'draw the report of a study again' },
	],
	async run(args, { all, commandLine }) {
		const scenes = limitOf(args.limit);
		if (all('folders').some(isTraining)) return trainingPage(all('folders'), args.out!, args.title);
		const found = await findResults(all('folders'));
		refuseInputs('out', args.out, [...found.runs.flatMap(filesOf), ...found.probes]);
		const written = await writeReport({
			...found,
			out: args.out!,
			command: commandLine,
			...(args.title !== undefined && { title: args.title }),
			...(scenes !== undefined && { scenes }),
		});
		return { result: written, text: writtenText(written) };
	},
});

const writtenText = ({ out, bytes, figures }: Omit<WrittenReport, 'verdicts'>) =>
	`${out} (${fileSize(bytes)}), ${figures.length} files of figures`;

/** What is read of a run, a folder or a .zip. The page may lie in its folder. */
function filesOf(run: string): string[] {
	const names = isTraining(run) ? [RECIPE_FILE, METRICS_FILE] : ['manifest.json', 'records.jsonl', 'results.json'];
	const files = names.map((name) => path.join(run, name));
	return existsSync(files[0]!) ? files : [run];
}

/** Whether a folder is a run of training, not of an evaluation. */
const isTraining = (folder: string) =>
	existsSync(path.join(folder, RECIPE_FILE)) && !existsSync(path.join(folder, 'manifest.json'));

async function trainingPage(folders: readonly string[], out: string, title: string | undefined): Promise<Output> {
	const other = folders.find((folder) => !isTraining(folder));
	if (other !== undefined) {
		throw new UsageError(`${other}: is no run of training, as ${folders.find(isTraining)} is; report them apart`, {
			code: 'mixed-runs',
		});
	}
	refuseInputs('out', out, folders.flatMap(filesOf));
	const written = await writeTrainingReport({ runs: folders, out, title });
	return { result: written, text: writtenText(written) };
}
