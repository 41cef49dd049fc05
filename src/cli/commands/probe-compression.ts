import { nativeBackend } from '../../backends/native.ts';
import { probeCompression, type RetrainedModel } from '../../probes/compression.ts';
import { visionTokensOf } from '../../vlm/vision.ts';
import { engineOf } from '../args.ts';
import { defineCommand } from '../command.ts';
import { wholeNumber } from '../numbers.ts';
import { given, numberList, wordList } from '../options.ts';
import { askInOtherWays } from '../probe.ts';
import { askingArgs } from '../probe-args.ts';
import { compressionText } from '../probe-text/asked.ts';

const SELECTIONS = ['random', 'strided', 'attention', 'class-attention', 'farthest'] as const;
const POSITIONS = ['original', 'repacked'] as const;

export const compression = defineCommand({
	summary: 'Accuracy with fewer vision tokens.',
	details:
		'Pools the tokens to smaller grids, and leaves most of them out, chosen in several ways. Tokens that are kept have\n' +
		'their own position ids (original) or consecutive ones (repacked) (Sec. 3.2).',
	args: {
		sides: { type: 'string', valueHint: 'LIST', description: 'pool to these sides (default: powers of two)' },
		counts: { type: 'string', valueHint: 'LIST', description: 'keep so many tokens (default: the squares of --sides)' },
		selection: { type: 'string', valueHint: 'LIST', description: `${SELECTIONS.join(', ')} (default: all that fit)` },
		positions: { type: 'string', valueHint: 'LIST', default: 'original', description: POSITIONS.join(', ') },
		draws: { type: 'string', valueHint: 'N', default: '3', description: 'draws of random selection' },
		retrained: {
			type: 'string',
			valueHint: 'DIR',
			repeatable: true,
			description: 'a model trained at its own number of tokens, to be set beside',
		},
		...askingArgs,
	},
	examples: [
		{ call: 'dorsal probe compression', does: 'the shipped model on 100 images of 2DS' },
		{ call: 'dorsal probe compression --sides 4,2,1 --selection farthest --positions original,repacked', does: 'some' },
		{
			call: 'dorsal probe compression --model full --retrained pooled-4 --retrained pooled-1',
			does: "the paper's Fig. 2",
		},
	],
	run(args, context) {
		const options = given({
			sides: numberList('sides', args.sides, { min: 1 }),
			counts: numberList('counts', args.counts, { min: 1 }),
			selections: wordList('selection', args.selection, SELECTIONS),
			positions: wordList('positions', args.positions, POSITIONS),
			draws: wholeNumber('draws', args.draws, { min: 1, max: 1000 }),
		});
		return askInOtherWays('compression', args, context, {
			async probe(asking, model) {
				const { loadOneOf } = await import('../../vlm/load.node.ts');
				const retrained: RetrainedModel[] = [];
				try {
					for (const folder of context.all('retrained')) {
						const other = await loadOneOf(folder, engineOf(args));
						retrained.push({ backend: await nativeBackend(other), tokens: visionTokensOf(other) });
					}
					return await probeCompression({ ...asking, ...options, tokens: visionTokensOf(model), retrained });
				} finally {
					for (const { backend } of retrained) await backend.close();
				}
			},
			text: compressionText,
		});
	},
});
