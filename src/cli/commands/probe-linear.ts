import { probeLinear } from '../../probes/linear.ts';
import { common, engine, limit, limitOf, out, seedOf } from '../args.ts';
import { defineCommand } from '../command.ts';
import { wholeNumber } from '../numbers.ts';
import { lookAtScenes, pathOf } from '../probe.ts';
import { linearText } from '../probe-text/linear.ts';

export const linear = defineCommand({
	summary: 'Where in the network "where" and "what" can be read off single vision tokens.',
	details:
		'Ridge regression, cross-validated, on each layer of the vision encoder, the projected tokens and each layer of the\n' +
		'decoder: row, column and cell of the grid, and colour and shape of the object there. Beside each figure stands what\n' +
		'the same regression makes of labels in random order. Scenes are drawn for it, since their truth must be known.',
	args: {
		model: { type: 'string', valueHint: 'DIR', description: 'checkpoint folder (default: the shipped model)' },
		images: { type: 'string', valueHint: 'N', default: '100', description: 'scenes of 2 to 6 objects' },
		folds: { type: 'string', valueHint: 'N', default: '5', description: 'parts of the scenes in cross-validation' },
		condition: {
			type: 'string',
			valueHint: 'NAME',
			description: 'look under a change of the vision tokens, such as normalize:paper',
		},
		...common,
		...limit('the same as --images'),
		...out('FILE', 'also write the result to this JSON file'),
		...engine,
	},
	examples: [
		{ call: 'dorsal probe linear', does: 'the shipped model on 100 scenes' },
		{ call: 'dorsal probe linear --model DIR --images 200 --json', does: 'your own model' },
	],
	run(args, context) {
		const seed = seedOf(args.seed);
		const folds = wholeNumber('folds', args.folds, { min: 3 })!;
		const most = wholeNumber('images', args.images, { min: folds })!;
		const images = Math.min(most, limitOf(args.limit) ?? most);
		const options = { ...pathOf(args.condition, seed), seed, folds, images };
		return lookAtScenes('linear', args, context, {
			probe: (model, run) => probeLinear(model, { ...run, ...options }),
			text: linearText,
		});
	},
});
