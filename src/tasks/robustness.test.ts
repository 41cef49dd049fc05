import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeTask } from '../../test/support/fake-eval.ts';
import { UsageError } from '../base/errors.ts';
import { twoDsTask, ventralTask } from './2ds.ts';
import { circular, paraphrased, thirdOption } from './robustness.ts';
import { letterOf, wholeOption } from './score-choice.ts';
import type { Question, Task } from './task.ts';

/** A task of questions with options, answered by a letter. */
function choiceTask(asked: Pick<Question, 'prompt' | 'choices' | 'answer'>[]): Task {
	const questions = asked.map(
		(question, i): Question => ({
			...question,
			id: `q${i}`,
			image: 'a',
			category: 'c',
			chance: 1 / question.choices!.length,
			groups: { 'set:pair': 'p0' },
		}),
	);
	const read = ({ choices, answer }: Question, raw: string) => {
		const parsed = wholeOption(raw, choices!);
		return { ...parsed, correct: parsed.value === answer };
	};
	return { ...fakeTask(), questions, strict: read, lenient: read };
}

const sideways = {
	prompt: 'Is the left thing left or right? Select one.\n(A) left (B) right\nAnswer with a letter, right?',
	choices: ['left', 'right'],
	answer: 'B',
};

describe('circular', () => {
	it('moves the options and the right letter with them', () => {
		const { questions, strict, lenient, title, facts } = circular(choiceTask([sideways]));
		expect(questions.map(({ prompt, answer, choices }) => [prompt, answer, choices])).toEqual([
			[sideways.prompt, 'B', ['left', 'right']],
			[sideways.prompt.replace('(A) left (B) right', '(A) right (B) left'), 'A', ['right', 'left']],
		]);
		const [, second] = questions;
		expect(second!.groups).toEqual({ circular: '1', 'set:circular': 'q0', 'set:pair': 'p0 ~1' });
		expect(strict(second!, 'A')).toEqual({ value: 'A', status: 'ok', correct: true });
		expect(strict(second!, 'right').correct).toBe(true);
		expect(strict(second!, 'B').correct).toBe(false);
		expect(lenient(second!, 'The answer is (A).').correct).toBe(true);
		expect(title).toBe('A fake task (options in every rotation)');
		expect(facts.variants).toBe('circular');
	});

	it('asks for the same option in every rotation, whatever the options are', () => {
		const option = fc.stringMatching(/^[a-z]{1,6}( [a-z]{1,6})?$/);
		const scenario = fc
			.uniqueArray(option, { minLength: 2, maxLength: 6 })
			.chain((choices) => fc.record({ choices: fc.constant(choices), right: fc.nat(choices.length - 1) }));
		fc.assert(
			fc.property(scenario, ({ choices, right }) => {
				const lines = (list: readonly string[]) => list.map((choice, i) => `${letterOf(i)}. ${choice}`).join('\n');
				const prompt = `Which?\n${lines(choices)}\n!`;
				const { questions } = circular(choiceTask([{ prompt, choices, answer: letterOf(right) }]));
				expect(questions).toHaveLength(choices.length);
				for (const question of questions) {
					expect(question.prompt).toBe(`Which?\n${lines(question.choices!)}\n!`);
					expect(question.choices![question.answer.charCodeAt(0) - 65]).toBe(choices[right]);
				}
			}),
		);
	});

	it('keeps an answer that is an option itself, with the rules of the task', () => {
		const question = {
			prompt: 'Where? Answer with left, right or on.',
			choices: ['left', 'right', 'on'],
			answer: 'on',
		};
		const task = choiceTask([question]);
		const strict: Task['strict'] = (_, raw) => ({ value: raw, status: 'ok', correct: raw === 'on' });
		const turned = circular({ ...task, strict });
		expect(turned.questions.map(({ prompt, answer }) => [prompt, answer])).toEqual([
			['Where? Answer with left, right or on.', 'on'],
			['Where? Answer with right, on or left.', 'on'],
			['Where? Answer with on, left or right.', 'on'],
		]);
		expect(turned.strict(turned.questions[2]!, 'on').correct).toBe(true);
	});

	it('refuses what has no options', () => {
		expect(() => circular(fakeTask())).toThrow(UsageError);
		expect(() => circular(fakeTask())).toThrow('--variants circular: fake has no question for it; its questions list');
		const lost = { ...sideways, prompt: 'Is it left?' };
		expect(() => circular(choiceTask([lost]))).toThrow('question "q0": its options ["left","right"] do not stand in');
	});
});

describe('paraphrased', () => {
	it('words every question of 2DS and its twin anew, with the same answer and image', () => {
		for (const task of [twoDsTask({ images: 3, form: 'both' }), ventralTask({ images: 3 })]) {
			const { questions, strict, dataHash } = paraphrased(task);
			const origins = new Map(task.questions.map((question) => [question.id, question]));
			expect(new Set(questions.map(({ groups }) => groups['set:paraphrases'])).size).toBe(task.questions.length);
			expect(questions.length).toBeGreaterThanOrEqual(3 * task.questions.length);
			expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length);
			expect(dataHash).not.toBe(task.dataHash);
			for (const question of questions) {
				const own = origins.get(question.groups['set:paraphrases']!)!;
				expect(question).toMatchObject({ image: own.image, answer: own.answer, chance: own.chance });
				expect(question.prompt === own.prompt).toBe(question.groups.paraphrases === '0');
				expect(question.prompt).not.toContain('$');
				expect(strict(question, own.answer).correct).toBe(true);
			}
		}
	});

	it('says what it has wordings for', () => {
		expect(() => paraphrased(fakeTask())).toThrow('there are other wordings for the questions of 2DS');
	});
});

describe('thirdOption', () => {
	it('asks with the right direction and its opposite, and with one of the other axis', () => {
		const task = twoDsTask({ images: 3, form: 'direction' });
		const { questions, strict } = thirdOption(task);
		const relative = task.questions.filter(({ groups }) => groups.form === 'direction');
		expect(questions).toHaveLength(2 * relative.length);
		for (const { prompt, answer, choices, chance, groups } of questions) {
			expect(choices).toContain(answer);
			expect(choices).toHaveLength(groups['third-option'] === 'two' ? 2 : 3);
			expect(chance).toBe(1 / choices!.length);
			expect(prompt).toMatch(/\? Answer (left or right|above or below|left, right or above|above, below or left)\.$/);
		}
		const two = questions.find(({ choices }) => choices!.join() === 'left,right')!;
		expect(strict(two, two.answer).correct).toBe(true);
		expect(strict(two, 'above')).toEqual({ value: null, status: 'none', correct: false });
	});

	it('refuses what has no directions', () => {
		expect(() => thirdOption(twoDsTask({ images: 2 }))).toThrow('--form direction');
	});
});
