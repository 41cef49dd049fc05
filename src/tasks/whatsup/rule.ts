import { phraseFinder, wholePhrase } from '../score-choice.ts';
import type { Parsed } from '../task.ts';
import { PHRASES, phrasesOf, RELATIONS, type Relation, type WhatsUpQuestion } from './data.ts';

const finderOf = (relations: readonly Relation[]) =>
	phraseFinder(PHRASES.filter(([, relation]) => relations.includes(relation)));
const FINDERS = { A: finderOf(RELATIONS.A), B: finderOf(RELATIONS.B) };

/** The whole answer is a relation in words, or one of the captions. */
export function wholeRelation(question: WhatsUpQuestion, answer: string): Parsed {
	return wholePhrase(answer, phrasesOf(question));
}

/** The one relation that the answer names anywhere. */
export function anyRelation(question: WhatsUpQuestion, answer: string): Parsed {
	const whole = wholeRelation(question, answer);
	return whole.status === 'ok' ? whole : FINDERS[question.subset](answer);
}

const ADAPTVIS_WORD: Readonly<Record<Relation, string>> = {
	left: 'left',
	right: 'right',
	on: 'on',
	under: 'under',
	'in-front': 'front',
	behind: 'behind',
};

/**
 * AdaptVis' rule: an answer says a relation if its word is somewhere in it, inside another word too ("on" in "onion");
 * but an answer with "front" in it does not say "on".
 */
export function adaptVisSays(answer: string, relation: Relation): boolean {
	const text = answer.toLowerCase();
	return text.includes(ADAPTVIS_WORD[relation]) && !(relation === 'on' && text.includes('front'));
}
