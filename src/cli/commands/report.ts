import { fileSize } from '../../report/format.ts';
import { writeReport } from '../../report/write.node.ts';
import { findResults } from '../../study/layout.ts';
import { common, limit, limitOf, out } from '../args.ts';
import { defineCommand } from '../command.ts';

export const report = defineCommand({
	summary: 'One HTML page from stored runs; no model is called.',
	details:
		'The page needs no network and opens from disk. Its figures are also written as SVG and CSV to figures/ beside it.',
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
		{ call: 'dorsal report study -o study/report.html', does: 'draw the report of a study again' },
	],
	async run(args, { all, commandLine }) {
		const scenes = limitOf(args.limit);
		const written = await writeReport({
			...(await findResults(all('folders'))),
			out: args.out!,
			command: commandLine,
			...(args.title !== undefined && { title: args.title }),
			...(scenes !== undefined && { scenes }),
		});
		return {
			result: written,
			text: `${written.out} (${fileSize(written.bytes)}), ${written.figures.length} files of figures`,
		};
	},
});
