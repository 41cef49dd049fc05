import { anyOption, letterOf } from '../score-choice.ts';
import { lstrip, rstrip, split, strip } from '../score-python.ts';
import type { CvBenchQuestion } from './data.ts';

/** What a reader makes of an answer: a letter (or what it took for one), null if nothing; and whether it is right. */
export interface Reading {
	value: string | null;
	right: boolean;
}
export type Reader = (question: CvBenchQuestion, answer: string) => Reading;

const KEYWORDS = ['answer is', 'answer is:', 'answer:'];

/**
 * Cambrian's `extract_mcq_answer` (eval/eval/coco, ade and omni): what follows the last "answer is" or "answer:", one
 * bracket off on each side, and of that the first character. So "The answer is: (A)" reads as ":", and "Apple" as A.
 * The script for Omni3D also strips colons and commas, and takes a choice of one character for its letter.
 */
export const cambrian: Reader = ({ letter, choices, source }, answer) => {
	const omni = source === 'Omni3D';
	let text = strip(answer.toLowerCase());
	for (const keyword of KEYWORDS) if (text.includes(keyword)) text = text.split(keyword).at(-1)!;
	text = rstrip(lstrip(rstrip(strip(text), omni ? '.:,' : '.'), '('), ')');
	const [first = ''] = text;
	const index = letter.charCodeAt(0) - 65;
	const right = first === letter.toLowerCase() || (omni && first !== '' && first === choices[index]);
	return { value: first === '' ? null : first, right };
};

/** lmms-eval's `_extract_answer_letter`: the first letter, if nothing but brackets and spaces stands before it. */
export const lmmsEval: Reader = ({ letter }, answer) => {
	const value = /^[(\s]*([A-Z])/i.exec(strip(answer))?.[1]?.toUpperCase() ?? null;
	return { value, right: value === letter };
};

const REFUSALS = [
	"Sorry, I can't help with images of people yet.",
	"I can't process this file.",
	"I'm sorry, but without the image provided",
	'Cannot determine the answer',
];

/** Characters that VLMEvalKit turns into spaces before it looks for a letter. */
const MARKS = /[.()[\],:;!*#{}]/g;

/**
 * VLMEvalKit's `can_infer` with exact matching, no judge: one option letter among the words, within the last four; or
 * "answer is B"; or one option's text in an answer of at most twice the length of all options.
 */
export const vlmEvalKit: Reader = ({ letter, choices }, answer) => {
	const value = inferred(answer, choices);
	return { value, right: value === letter };
};

function inferred(answer: string, choices: readonly string[]): string | null {
	if (!answer.includes('Failed to obtain answer via API')) {
		if (REFUSALS.some((refusal) => answer.includes(refusal))) return null;
		const words = split(answer.replace(MARKS, ' '));
		const said = choices.map((_, i) => letterOf(i)).filter((letter) => words.includes(letter));
		if (said.length === 1 && words.indexOf(said[0]!) > words.length - 5) return said[0]!;
		if (said.length === 0 && words.includes('Z')) return null;
		const stated = /(?:correct\s+)?answer\s+is\s+\**([ABCD])\**/i.exec(answer)?.[1]?.toUpperCase();
		if (stated !== undefined && stated.charCodeAt(0) - 65 < choices.length) return stated;
	}
	const text = answer.toLowerCase();
	if (text.length > 2 * choices.reduce((sum, choice) => sum + choice.length, 0)) return null;
	const named = choices.flatMap((choice, i) => (text.includes(choice.toLowerCase()) ? [letterOf(i)] : []));
	return named.length === 1 ? named[0]! : null;
}

/** The option that a sensible reader would take the answer for. */
export const lenient: Reader = ({ letter, choices }, answer) => {
	const { value } = anyOption(answer, choices);
	return { value, right: value === letter };
};
