import { InputError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import type { Answers } from './score-answers.ts';
import type { Pairing, ScoredQuestion } from './score-pairing.ts';
import { type GivenAnswer, unclear } from './score-record.ts';

/** How often something is wrong, and the first case of it in words. */
interface Tally {
	count: number;
	first: string;
}

/**
 * Share of answers to other questions above which a file is that of another split. Splits share ids, and questions in
 * part: POPE's categories more than half of them.
 */
const MOST_OTHER = 0.25;

const tally = (): Tally => ({ count: 0, first: '' });

function note(into: Tally, first: () => string): void {
	if (into.count++ === 0) into.first = first();
}

const some = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

const named = (answer: GivenAnswer) => `${answer.id === null ? '' : `${show(answer.id)}, `}line ${answer.line}`;

/** Everything about an answers file that does not fit the data: named, counted, never silently scored. */
export class Problems {
	private readonly tallies = {
		missing: tally(),
		unknown: tally(),
		duplicates: tally(),
		mismatched: tally(),
		broken: tally(),
	};

	constructor(
		private readonly answers: Answers,
		private readonly data: string,
	) {
		for (const { line, why } of answers.broken) note(this.tallies.broken, () => `line ${line}: ${why}`);
	}

	missing(id: string): void {
		note(this.tallies.missing, () => show(id));
	}
	unknown(answer: GivenAnswer): void {
		note(this.tallies.unknown, () => named(answer));
	}
	duplicate(answer: GivenAnswer): void {
		note(this.tallies.duplicates, () => named(answer));
	}
	unclear({ line }: GivenAnswer): void {
		note(this.tallies.broken, () => `line ${line}: ${unclear('text', 'answer')}`);
	}
	mismatched(answer: GivenAnswer, question: ScoredQuestion): void {
		note(
			this.tallies.mismatched,
			() =>
				`line ${answer.line} answers ${show(answer.asked)}, question ${show(question.id)} is ${show(question.text)}`,
		);
	}

	counts() {
		const { missing, unknown, duplicates, broken, mismatched } = this.tallies;
		return {
			mismatched: mismatched.count,
			missing: missing.count,
			unknown: unknown.count,
			duplicates: duplicates.count,
			broken: broken.count,
			otherConditions: this.answers.otherConditions,
		};
	}

	/**
	 * Throws if the answers cannot be scored. With `partial` only where a score would mean nothing: answers to other
	 * questions, none that fits, or lines that must be as many as the questions and are not.
	 */
	check(found: {
		questions: number;
		scored: number;
		checked: number;
		pairing: Pairing;
		partial: boolean;
		hint: ((counts: { answers: number; questions: number }) => string | null) | undefined;
	}): void {
		const { missing, unknown, duplicates, mismatched, broken } = this.tallies;
		const given = this.answers.given.length;
		const counts = `${given} answers, ${found.questions} questions in ${this.data}`;
		const advice = found.hint?.({ answers: given, questions: found.questions });
		const fail = (what: readonly string[], last: string): never => {
			const end = [...what, ...(advice ? [advice] : []), last].join('; ');
			throw new InputError(`${this.answers.file}: ${end} (${counts})`, { code: 'answers' });
		};
		if (found.questions === 0) return;
		const byLine = found.pairing.by === 'line';
		const isOther = mismatched.count > MOST_OTHER * (mismatched.count + found.checked);
		if (mismatched.count > 0 && (isOther || byLine || !found.partial)) {
			const which = `${some(mismatched.count, 'answer is', 'answers are')} to another question than the id or line says (${mismatched.first})`;
			const wording = isOther
				? ' If not, leave what was asked out of its records'
				: ' If only the wording differs, give --partial to go by the ids';
			fail([which], `is it an answers file of another task or split?${byLine ? '' : wording}`);
		}
		const brokenText = `${some(broken.count, 'record holds', 'records hold')} no answer (${broken.first})`;
		if (found.scored === 0) {
			if (given === 0 && this.answers.otherConditions > 0) fail([], 'the run has no records of that condition');
			fail(
				broken.count > 0 ? [brokenText] : [],
				unknown.count > 0
					? `no answer belongs to a question (first answer: ${unknown.first}; first question: ${missing.first}); is it an answers file of another task or split?`
					: 'no answer to score',
			);
		}
		const isUneven = byLine && (missing.count > 0 || unknown.count > 0 || broken.count > 0);
		if (found.partial && !isUneven) return;
		const parts = [
			broken.count > 0 && brokenText,
			missing.count > 0 &&
				`${some(missing.count, 'question has', 'questions have')} no answer (first: ${missing.first})`,
			unknown.count > 0 &&
				`${some(unknown.count, 'answer belongs', 'answers belong')} to no question (first: ${unknown.first})`,
			duplicates.count > 0 &&
				`${some(duplicates.count, 'answer is', 'answers are')} to a question already answered (first: ${duplicates.first})`,
		].filter((part) => part !== false);
		if (parts.length === 0) return;
		fail(
			parts,
			isUneven
				? 'answers without ids are paired by line, so there must be one for each question'
				: 'put it right, or give --partial to score the questions that have an answer',
		);
	}
}
