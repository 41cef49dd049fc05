import { probePermutation } from '../../probes/permutation.ts';
import { defineCommand } from '../command.ts';
import { wholeNumber } from '../numbers.ts';
import { given, numberList } from '../options.ts';
import { askInOtherWays } from '../probe.ts';
import { askingArgs } from '../probe-args.ts';
import { permutationText } from '../probe-text/asked.ts';

export const permutation = defineCommand({
	summary: "Which part of the vision tokens' order the answers rest on.",
	details:
		'Asks with the tokens shuffled anywhere, within rows, within columns and within blocks, and last to first; each order\n' +
		'with PSI, (accuracy - accuracy shuffled) / accuracy, and with the share of answers that change (Sec. 3.1).',
	args: {
		draws: { type: 'string', valueHint: 'N', default: '3', description: 'random orders of each kind, from --seed on' },
		blocks: { type: 'string', valueHint: 'LIST', description: 'sides of the blocks (default: those of 2,4 that fit)' },
		...askingArgs,
	},
	examples: [
		{ call: 'dorsal probe permutation', does: 'the shipped model on 100 images of 2DS' },
		{
			call: 'dorsal probe permutation --task pope --data coco_pope_popular.json --photos val2014 --model DIR',
			does: 'on another task',
		},
	],
	run(args, context) {
		const draws = wholeNumber('draws', args.draws, { min: 1, max: 1000 })!;
		const blocks = numberList('blocks', args.blocks, { min: 1 });
		return askInOtherWays('permutation', args, context, {
			probe: (options) => probePermutation({ ...options, draws, ...given({ blocks }) }),
			text: permutationText,
		});
	},
});
