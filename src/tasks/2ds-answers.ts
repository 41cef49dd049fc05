import { COLORS, SHAPES } from '../bench2ds/shapes.ts';
import { NUMBER_WORDS } from '../bench2ds/ventral.ts';
import { type AnswerReader, closed, closedPair, yesNo } from './closed.ts';

const colors = closed(COLORS, {
	loose: { violet: 'purple', turquoise: 'cyan', aqua: 'cyan', 'light blue': 'cyan' },
});

const shapes = closed(SHAPES, {
	loose: { plus: 'cross', rhombus: 'diamond', donut: 'ring', doughnut: 'ring' },
});

const directions = closed(['left', 'right', 'above', 'below'], {
	loose: {
		over: 'above',
		upper: 'above',
		top: 'above',
		under: 'below',
		underneath: 'below',
		beneath: 'below',
		lower: 'below',
		bottom: 'below',
	},
});

const numbers = closed(NUMBER_WORDS, {
	same: Object.fromEntries(NUMBER_WORDS.map((word, number) => [String(number), word])),
});

/** The vocabularies of 2DS and its twin, the first that has all the answers of a kind of question being taken. */
const VOCABULARIES: readonly { form: string; reader: AnswerReader }[] = [
	{ form: 'yes-no', reader: yesNo },
	{ form: 'direction', reader: directions },
	{ form: 'open', reader: colors },
	{ form: 'open', reader: shapes },
	{ form: 'open', reader: closedPair(colors, shapes) },
	{ form: 'count', reader: numbers },
];

/**
 * How answers to one kind of question are read, from the right answers that occur. Data with words that are not ours
 * (the paper's vocabulary is not published) get a vocabulary of just those right answers.
 */
export function readerOf(answers: readonly string[]): { form: string; reader: AnswerReader } {
	const known = VOCABULARIES.find(({ reader }) => answers.every((answer) => reader.strict(answer).status === 'ok'));
	return known ?? { form: 'open', reader: closed(answers) };
}
