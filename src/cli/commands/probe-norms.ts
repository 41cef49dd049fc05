import { probeNorms } from '../../probes/norms.ts';
import { seedOf } from '../args.ts';
import { defineCommand } from '../command.ts';
import { wholeNumber } from '../numbers.ts';
import { lookInside, pathOf } from '../probe.ts';
import { lookingArgs } from '../probe-args.ts';
import { normsText } from '../probe-text/looked.ts';

export const norms = defineCommand({
	summary: 'Norms of vision tokens against those of text embeddings.',
	details:
		'Over images and their captions, in constant memory: distribution, ratio, outliers and where they sit; norms of hidden\n' +
		"states layer by layer; each vision token's nearest word (Sec. 4.1, Fig. 3).",
	args: {
		hidden: { type: 'string', valueHint: 'N', default: '100', description: 'images whose hidden states are read too' },
		...lookingArgs('500'),
	},
	examples: [
		{ call: 'dorsal probe norms', does: 'the shipped model on 500 images of 2DS' },
		{ call: 'dorsal probe norms --data coco --images 5000 --model DIR', does: 'photos with captions' },
		{ call: 'dorsal probe norms --condition normalize:paper', does: 'after normalisation' },
	],
	run(args, context) {
		const options = { ...pathOf(args.condition, seedOf(args.seed)), hidden: wholeNumber('hidden', args.hidden)! };
		return lookInside('norms', args, context, {
			probe: (model, data, run) => probeNorms(model, data, { ...run, ...options }),
			text: normsText,
		});
	},
});
