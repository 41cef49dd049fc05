import type { Scorer } from '../score-engine.ts';
import { Tally } from '../score-tally.ts';
import type { Parsed } from '../task.ts';
import type { WhatsUpQuestion } from './question.ts';
import { RELATIONS, type Relation } from './relations.ts';
import { adaptVisSays, anyRelation, wholeRelation } from './rule.ts';

type Read = (question: WhatsUpQuestion, answer: string) => { value: string | null; right: boolean };

/** Opposites: both photos of a pair must be right for the pair to be. */
const PAIRS: readonly (readonly [Relation, Relation])[] = [
	['left', 'right'],
	['on', 'under'],
	['in-front', 'behind'],
];

/**
 * Individual, pair and set accuracy as the official code counts them: pairs and sets that lack a photo are never
 * right, and the denominators are half and a quarter of the photos, whatever pairs there are. Photos of COCO and Visual
 * Genome are in no pairs: there the official code has the individual accuracy alone.
 */
function scorer(read: Read): Scorer<WhatsUpQuestion> {
	const [all, relations] = [new Tally(), new Tally()];
	const sets = new Map<string, Set<Relation>>();
	return {
		add(question, { text }) {
			const { value, right } = read(question, text);
			const { subject, object, relation, subset } = question;
			all.add('individual', right ? 1 : 0);
			relations.add(relation, right ? 1 : 0);
			if (subset !== 'A' && subset !== 'B') return { value, score: right ? 1 : 0 };
			const key = JSON.stringify([subject, object]);
			const rights = sets.get(key) ?? new Set();
			sets.set(key, rights);
			// A later photo of the same objects and relation replaces an earlier one, as in the official dictionary.
			if (right) rights.add(relation);
			else rights.delete(relation);
			return { value, score: right ? 1 : 0 };
		},
		metrics() {
			let [pairs, whole] = [0, 0];
			for (const rights of sets.values()) {
				pairs += PAIRS.filter((pair) => pair.every((relation) => rights.has(relation))).length;
				if (rights.size === 4) whole++;
			}
			const count = all.count('individual');
			const individual = all.mean('individual');
			return {
				accuracy: individual,
				individual,
				pair: sets.size === 0 ? null : pairs / (count / 2),
				set: sets.size === 0 ? null : whole / (count / 4),
				perRelation: relations.means(),
				counts: { perRelation: relations.counts(), sets: sets.size },
			};
		},
	};
}

const reading =
	(parse: (question: WhatsUpQuestion, answer: string) => Parsed): Read =>
	(question, answer) => {
		const { value } = parse(question, answer);
		return { value, right: value === question.relation };
	};

const adaptVis: Read = ({ relation, subset }, answer) => {
	const said = RELATIONS[subset].filter((known) => adaptVisSays(answer, known));
	return { value: said.length === 1 ? said[0]! : null, right: adaptVisSays(answer, relation) };
};

/**
 * `official`: the official metrics over whole answers, each a relation or a caption. `lenient`: the relation may
 * stand anywhere. `adaptvis`: the rule of the AdaptVis code, under the same metrics.
 */
export const whatsUpScorers: Record<string, () => Scorer<WhatsUpQuestion>> = {
	official: () => scorer(reading(wholeRelation)),
	lenient: () => scorer(reading(anyRelation)),
	adaptvis: () => scorer(adaptVis),
};
