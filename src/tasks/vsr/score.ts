import type { Scorer } from '../score-engine.ts';
import { Tally } from '../score-tally.ts';
import type { Parsed } from '../task.ts';
import { kindOfRelation } from './categories.ts';
import type { VsrQuestion } from './data.ts';
import { adaptVisRight, anyTruth, wholeTruth } from './rule.ts';

type Read = (answer: string, label: boolean) => { value: string | null; right: boolean };

function scorer(read: Read): Scorer<VsrQuestion> {
	const [all, relations, kinds] = [new Tally(), new Tally(), new Tally()];
	let uncategorized = 0;
	return {
		add({ label, relation }, { text }) {
			const { value, right } = read(text, label);
			const score = right ? 1 : 0;
			all.add('accuracy', score);
			all.add('yes', value === 'true' ? 1 : 0);
			relations.add(relation, score);
			const kind = kindOfRelation.get(relation);
			if (kind === undefined) uncategorized++;
			else kinds.add(kind, score);
			return { value, score };
		},
		metrics: () => ({
			accuracy: all.mean('accuracy'),
			yesRatio: all.mean('yes'),
			perCategory: kinds.means(),
			perRelation: relations.means(),
			counts: { perCategory: kinds.counts(), perRelation: relations.counts(), uncategorized },
		}),
	};
}

const reading =
	(parse: (answer: string) => Parsed): Read =>
	(answer, label) => {
		const { value } = parse(answer);
		return { value, right: value === String(label) };
	};

/** AdaptVis reads no answer, it only asks for the word it hopes for; what was said is told by which words are there. */
const adaptVis: Read = (answer, label) => {
	const [yes, no] = [adaptVisRight(answer, true), adaptVisRight(answer, false)];
	return { value: yes === no ? null : String(yes), right: label ? yes : no };
};

/**
 * `official`: the authors' scripts compare labels, so the whole answer must be one (1 or 0, or its word). `lenient`:
 * yes or no anywhere. `adaptvis`: the rule of the AdaptVis code.
 */
export const vsrScorers: Record<string, () => Scorer<VsrQuestion>> = {
	official: () => scorer(reading(wholeTruth)),
	lenient: () => scorer(reading(anyTruth)),
	adaptvis: () => scorer(adaptVis),
};
