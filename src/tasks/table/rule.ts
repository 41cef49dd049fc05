import { tidy } from '../closed.ts';
import { anyOption, phraseFinder, wholeOption } from '../score-choice.ts';
import type { Parsed } from '../task.ts';
import type { TableQuestion } from './data.ts';

/** The whole answer: a choice by letter or text; without choices the answer itself, case and a full stop aside. */
export function readWhole({ answer, choices }: TableQuestion, given: string): Parsed {
	if (choices) return wholeOption(given, choices);
	const whole = tidy(given);
	if (whole === '') return { value: null, status: 'none' };
	return { value: whole === tidy(answer) ? answer : given, status: 'ok' };
}

/** A choice named anywhere; without choices the right answer anywhere as whole words, else the answer as it is. */
export function readAny(question: TableQuestion, given: string): Parsed {
	if (question.choices) return anyOption(given, question.choices);
	const whole = readWhole(question, given);
	if (whole.status === 'none' || whole.value === question.answer) return whole;
	const found = phraseFinder([[question.answer, question.answer]])(given);
	return found.status === 'ok' ? found : whole;
}
