import { probeRope } from '../../probes/rope.ts';
import { seedOf } from '../args.ts';
import { defineCommand } from '../command.ts';
import { given } from '../options.ts';
import { lookInside, pathOf } from '../probe.ts';
import { lookingArgs } from '../probe-args.ts';
import { ropeText } from '../probe-text/looked.ts';

export const rope = defineCommand({
	summary: 'Sensitivity of attention to the position of the vision tokens.',
	details:
		'Turns the vision keys alone by one position and reports |Δg_V| and Δα_V per layer and head, before and after\n' +
		'normalisation; and the theory for norms of vision over text from 0.1 to 1,000 (Sec. 4.2, App. A).',
	args: {
		normalize: {
			type: 'enum',
			valueHint: 'MODE',
			options: ['paper', 'match-mean', 'match-median', 'clip', 'layernorm'],
			description: "the normalisation to compare with (default: the model's own, else paper)",
		},
		...lookingArgs('100'),
	},
	examples: [
		{ call: 'dorsal probe rope', does: 'the shipped model on 100 images of 2DS' },
		{ call: 'dorsal probe rope --normalize match-mean --data coco --model DIR', does: 'another normalisation, photos' },
	],
	run(args, context) {
		const { normalize: mode } = args;
		const normalize = mode && { mode, targetMean: null, maxNorm: null };
		const options = { ...pathOf(args.condition, seedOf(args.seed)), ...given({ normalize }) };
		return lookInside('rope', args, context, {
			probe: (model, data, run) => probeRope(model, data, { ...run, ...options }),
			text: ropeText,
		});
	},
});
