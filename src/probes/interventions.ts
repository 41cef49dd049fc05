import { UsageError } from '../base/errors.ts';
import { parseConditions } from '../eval/conditions.ts';
import { type AccuracyProbeOptions, askUnder } from './accuracy.ts';
import type { InterventionsProbe } from './accuracy-results.ts';

/** Every normalisation with constants measured from the word embeddings, and the values of the AdaptVis paper. */
export const INTERVENTIONS = [
	'normalize:paper',
	'normalize:match-mean',
	'normalize:match-median',
	'normalize:clip',
	'normalize:layernorm',
	'scale:0.5',
	'scale:2',
	'attention:0.5',
	'attention:1.5',
	'attention:2',
	'adaptvis:0.35:0.5:1.5',
].join(',');

export interface InterventionsProbeOptions extends AccuracyProbeOptions {
	/** What to try, as for `--condition`; default `INTERVENTIONS`. */
	conditions?: string;
}

/** Accuracy with vision tokens or attention changed at inference, each beside the model as it is. */
export async function probeInterventions({
	conditions: list = INTERVENTIONS,
	...options
}: InterventionsProbeOptions): Promise<InterventionsProbe> {
	const conditions = parseConditions(list, { seed: options.seed ?? 0 }).filter(({ name }) => name !== 'intact');
	if (conditions.length === 0) {
		throw new UsageError('probe interventions: intact is compared with; name something else', { code: 'condition' });
	}
	const { header, changes } = await askUnder(conditions, options);
	const names = new Set(conditions.map(({ name }) => name));
	return { probe: 'interventions', ...header, conditions: [...names].map(changes) };
}
