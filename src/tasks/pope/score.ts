import type { Grade, Scorer } from '../score-engine.ts';
import type { PopeQuestion } from './data.ts';
import { type Confusion, confusion, count, lmmsEvalRates, ratesByCategory, sum } from './metrics.ts';
import { lenientReading, officialReading, wholeReading } from './rule.ts';

type Reading = (answer: string) => string | null;
type Figures = typeof ratesByCategory;

function scorer(read: Reading, figures: Figures): Scorer<PopeQuestion> {
	const parts = new Map<string, Confusion>();
	return {
		add({ category, label }, { text }): Grade {
			const part = parts.get(category) ?? confusion();
			parts.set(category, part);
			const value = read(text);
			count(part, label, value);
			return { value, score: value === label ? 1 : 0 };
		},
		metrics: () => figures(parts),
	};
}

/**
 * `official`: POPE's and LLaVA's rule, which reads every answer as yes or no. `lenient`: the sensible reading.
 * `lmms-eval`: the whole answer must be yes or no; all categories pooled.
 */
export const popeScorers: Record<string, () => Scorer<PopeQuestion>> = {
	official: () => scorer(officialReading, ratesByCategory),
	lenient: () => scorer((answer) => lenientReading(answer).value, ratesByCategory),
	'lmms-eval': () => scorer(wholeReading, (parts) => lmmsEvalRates(sum([...parts.values()]))),
};
