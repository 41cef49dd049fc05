import { VERSION } from '../../base/version.ts';
import { compareRuns } from '../../eval/compare.ts';
import { compareText } from '../../eval/compare-text.ts';
import { readRun } from '../../eval/store.node.ts';
import { renderComparison } from '../../report/comparison-page.ts';
import { writePage } from '../../report/write.node.ts';
import { common, limit, limitOf, out, seedOf, writeResult } from '../args.ts';
import { defineCommand } from '../command.ts';
import { refuseInputs } from '../output.ts';

export const compare = defineCommand({
	summary: 'What differs between two runs, with a paired test on the questions that both have answered.',
	details:
		'First come the differences of the manifests (model, prompt, data, settings, versions), the likelier cause\n' +
		'of other answers first; then, for each condition that both runs have, B − A with a 95 % bootstrap interval clustered\n' +
		'by image, the exact McNemar p, and the questions that flipped.',
	args: {
		a: { type: 'positional', required: true, description: 'folder of a run, or a .zip of it (the baseline)' },
		b: { type: 'positional', required: true, description: 'folder of the run to set against it' },
		...common,
		...limit('flipped questions shown a condition (default 10, on a page 50; --json has all)'),
		...out('FILE', 'also write the result to this file: a page where it ends in .html, else JSON'),
	},
	examples: [
		{ call: 'dorsal compare runs/base runs/normalised', does: 'is the new model better, and where?' },
		{ call: 'dorsal compare runs/base runs/normalised -o compare.html', does: 'the same as a page' },
		{ call: 'dorsal compare runs/monday runs/tuesday --limit 50', does: 'why do two runs differ?' },
	],
	async run(args, { commandLine }) {
		const seed = seedOf(args.seed);
		const flips = limitOf(args.limit);
		refuseInputs('out', args.out, [args.a, args.b]);
		const [a, b] = [await readRun(args.a), await readRun(args.b)];
		const comparison = await compareRuns(a, b, { seed });
		if (args.out?.endsWith('.html')) {
			const page = renderComparison(comparison, {
				version: VERSION,
				command: commandLine,
				...(flips !== undefined && { flips }),
			});
			await writePage(args.out, page);
		} else await writeResult(args.out, comparison);
		return { result: comparison, text: compareText(comparison, { ...(flips !== undefined && { flips }) }).trimEnd() };
	},
});
