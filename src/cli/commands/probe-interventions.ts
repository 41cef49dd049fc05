import { conditionHelp } from '../../eval/conditions.ts';
import { INTERVENTIONS, probeInterventions } from '../../probes/interventions.ts';
import { defineCommand } from '../command.ts';
import { listing } from '../help.ts';
import { askInOtherWays } from '../probe.ts';
import { askingArgs } from '../probe-args.ts';
import { interventionsText } from '../probe-text/asked.ts';

const KINDS = /^(normalize|scale|attention|adaptvis|path)/;

export const interventions = defineCommand({
	summary: 'Accuracy with vision tokens or attention changed at inference.',
	details: `What may be tried, with commas between, several at once by &:\n${listing(
		conditionHelp.filter(({ usage }) => KINDS.test(usage)).map(({ usage, meaning }) => [usage, meaning]),
	)}\nAll other conditions of dorsal eval may be named too.`,
	args: {
		condition: {
			type: 'string',
			valueHint: 'LIST',
			description: 'what to try (default: normalisations, scalings, attention scalings, AdaptVis)',
		},
		...askingArgs,
	},
	examples: [
		{ call: 'dorsal probe interventions', does: 'the shipped model on 100 images of 2DS' },
		{ call: 'dorsal probe interventions --condition "normalize:paper,normalize:clip&scale:2"', does: 'some of them' },
	],
	run(args, context) {
		const conditions = args.condition ?? INTERVENTIONS;
		return askInOtherWays('interventions', args, context, {
			probe: (options) => probeInterventions({ ...options, conditions }),
			text: interventionsText,
		});
	},
});
