import { type Phrase, phraseFinder, wholePhrase } from '../score-choice.ts';
import type { Parsed } from '../task.ts';
import { captionSays } from './photo.ts';
import type { WhatsUpQuestion } from './question.ts';
import { phrasesIn, RELATIONS, type Relation, type Subset } from './relations.ts';

const subsets = Object.keys(RELATIONS) as Subset[];
const RELATION_PHRASES = new Map(subsets.map((subset) => [subset, phrasesIn(subset)]));
const FINDERS = new Map(subsets.map((subset) => [subset, phraseFinder(phrasesIn(subset))]));

const WORDS: readonly (readonly [string, Relation])[] = [
	['left', 'left'],
	['right', 'right'],
	['on', 'on'],
	['under', 'under'],
	['front', 'in-front'],
	['behind', 'behind'],
];

/** The relation of a caption of the controlled images, by its words. */
function controlledSays(caption: string): Relation | null {
	const words = caption.split(/\s+/);
	return WORDS.find(([word]) => words.includes(word))?.[1] ?? null;
}

const isControlled = (subset: Subset) => subset === 'A' || subset === 'B';

function captionPhrases({ captions, subset }: WhatsUpQuestion): Phrase[] {
	return captions.flatMap((caption): Phrase[] => {
		const relation = isControlled(subset) ? controlledSays(caption) : (captionSays(caption)?.relation ?? null);
		return relation ? [[caption, relation]] : [];
	});
}

/** The whole answer is a relation in words, or one of the captions. */
export function wholeRelation(question: WhatsUpQuestion, answer: string): Parsed {
	return wholePhrase(answer, [...RELATION_PHRASES.get(question.subset)!, ...captionPhrases(question)]);
}

/** The one relation that the answer names anywhere. */
export function anyRelation(question: WhatsUpQuestion, answer: string): Parsed {
	const whole = wholeRelation(question, answer);
	return whole.status === 'ok' ? whole : FINDERS.get(question.subset)!(answer);
}

/** The word that AdaptVis looks for, where it is not the relation's own. */
const ADAPTVIS_WORD: Partial<Record<Relation, string>> = { 'in-front': 'front' };

/**
 * AdaptVis' rule: an answer says a relation if its word is somewhere in it, inside another word too ("on" in "onion");
 * but an answer with "front" in it does not say "on".
 */
export function adaptVisSays(answer: string, relation: Relation): boolean {
	const text = answer.toLowerCase();
	return text.includes(ADAPTVIS_WORD[relation] ?? relation) && !(relation === 'on' && text.includes('front'));
}
