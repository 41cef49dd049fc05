import type { Phrase } from '../score-choice.ts';

export type Relation = 'left' | 'right' | 'on' | 'under' | 'in-front' | 'behind' | 'above' | 'below' | 'top' | 'bottom';

/** Relations of a subset, in the order of the prompt. A, B: controlled images; the others: one or two objects of photos. */
export const RELATIONS = {
	A: ['left', 'right', 'on', 'under'],
	B: ['left', 'right', 'in-front', 'behind'],
	'coco-one': ['left', 'right', 'top', 'bottom'],
	'coco-two': ['left', 'right', 'above', 'below'],
	'vg-one': ['left', 'right', 'in-front', 'behind', 'top', 'bottom'],
	'vg-two': ['left', 'right', 'in-front', 'behind', 'above', 'below'],
} as const satisfies Record<string, readonly Relation[]>;
export type Subset = keyof typeof RELATIONS;

const side = (word: string) => [
	...[word, `on the ${word}`, `to the ${word}`, `${word} of`, `to the ${word} of`, `on the ${word} of`],
];
const end = (word: string) => [...side(word), `at the ${word}`, `at the ${word} of`];

/** How a relation may be put in words. */
const PHRASES: Readonly<Record<Relation, readonly string[]>> = {
	left: side('left'),
	right: side('right'),
	on: ['on', 'on top', 'on top of'],
	under: ['under', 'underneath', 'beneath', 'below'],
	'in-front': ['front', 'in front', 'in front of', 'in-front', 'in-front of'],
	behind: ['behind'],
	above: ['above', 'over', 'on top', 'on top of', ...end('top')],
	below: ['below', 'under', 'underneath', 'beneath', ...end('bottom')],
	top: ['on top', ...end('top')],
	bottom: end('bottom'),
};

/** The relations of a subset in words. */
export function phrasesIn(subset: Subset): Phrase[] {
	return RELATIONS[subset].flatMap((relation) => PHRASES[relation].map((phrase): Phrase => [phrase, relation]));
}
