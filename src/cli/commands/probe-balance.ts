import { probeBalance } from '../../probes/balance-probe.ts';
import { seedOf } from '../args.ts';
import { defineCommand } from '../command.ts';
import { given } from '../options.ts';
import { lookInside, pathOf } from '../probe.ts';
import { lookingArgs } from '../probe-args.ts';
import { balanceText } from '../probe-text/looked.ts';

export const balance = defineCommand({
	summary: 'Attention on the image against attention on the text, by layer and head.',
	details:
		'Cross-modal balance, and the shares of the first token (BOS), system prompt, image, question and answer, over every\n' +
		'step of the answers; with and without the system prompt.',
	args: {
		system: { type: 'string', valueHint: 'TEXT', description: "system prompt (default: the chat template's)" },
		...lookingArgs('100'),
	},
	examples: [
		{ call: 'dorsal probe balance', does: 'the shipped model on 100 images of 2DS' },
		{ call: 'dorsal probe balance --data coco --model DIR --json', does: 'photos; every layer and head as JSON' },
	],
	run(args, context) {
		const options = { ...pathOf(args.condition, seedOf(args.seed)), ...given({ system: args.system }) };
		return lookInside('balance', args, context, {
			probe: (model, data, run) => probeBalance(model, data, { ...run, ...options }),
			text: balanceText,
		});
	},
});
