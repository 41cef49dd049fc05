import { InputError } from '../../base/errors.ts';
import { phraseFinder } from '../score-choice.ts';
import { baseName } from '../score-file.ts';
import { buildTask, SHORT, type TaskInput, type Wordings } from '../score-task.ts';
import type { Task } from '../task.ts';
import { type HumanAnswer, type Judged, lenientAccuracy } from './accuracy.ts';
import { readAnnotations, readQuestions, type VqaQuestion, type VqaText } from './data.ts';
import { evalAi } from './normalize.ts';

interface AskedQuestion extends VqaQuestion {
	question: string;
}

const WORDINGS: Wordings<{ question: string }> = {
	llava: ({ question }) => question + SHORT,
	plain: ({ question }) => question,
};

/** People who must have given an answer for it to count as right: the VQA paper's rule for full credit. */
const ENOUGH = 3;

const enough = (humans: readonly HumanAnswer[]) => Math.min(ENOUGH, humans.length);

/** The answer that most people gave, normalised; of equally frequent ones the first. */
function majority(humans: readonly HumanAnswer[]): string {
	const given = humans.map(({ answer }) => evalAi(answer));
	const votes = (answer: string) => given.filter((other) => other === answer).length;
	return given.reduce((best, answer) => (votes(answer) > votes(best) ? answer : best));
}

const graded = ({ humans }: VqaQuestion, { value, votes }: Judged) =>
	value === ''
		? ({ value: null, status: 'none', correct: false } as const)
		: ({ value, status: 'ok', correct: votes >= enough(humans) } as const);

async function* withTexts(input: TaskInput): AsyncGenerator<AskedQuestion> {
	const texts = new Map<string, string>();
	for await (const { id, question } of readQuestions(input.files)) texts.set(id, question);
	for await (const annotation of readAnnotations(input.files)) {
		const question = texts.get(annotation.id);
		if (question === undefined) {
			const names = input.files.map((file) => file.name).join(', ');
			throw new InputError(
				`${names}: question ${annotation.id} has no text; v2_OpenEnded_mscoco_*_questions.json has the texts`,
				{ code: 'vqa-data' },
			);
		}
		yield { ...annotation, question };
	}
}

/** Whether files are the questions of a test split, `v2_OpenEnded_mscoco_test-dev2015_questions.json` and its like. */
const isTest = ({ files }: TaskInput): boolean =>
	files.length > 0 && files.every(({ name }) => /test(-dev)?2015/.test(baseName(name)));

/** The fact of a task by which it is known that nobody can say what is right. */
const HIDDEN = { 'right answers': 'not public' };

/** Whether a task's right answers are unknown, so that its accuracies say nothing. */
export const isUnscored = ({ facts }: Task): boolean => facts['right answers'] === HIDDEN['right answers'];

/** The questions of a test split, to be submitted to the VQA v2 server: every answer counts as wrong here. */
function testTask(input: TaskInput): Promise<Task> {
	const read = (_: VqaText, raw: string) => {
		const value = evalAi(raw);
		return value === ''
			? ({ value: null, status: 'none' } as const)
			: ({ value, status: 'ok', correct: false } as const);
	};
	return buildTask(input, {
		name: 'vqav2',
		title: 'VQA v2, test questions, whose right answers are not public',
		questions: readQuestions(input.files),
		wordings: WORDINGS,
		describe: ({ imageId }) => ({ image: imageId, answer: '', category: 'test', chance: 0, groups: {} }),
		facts: HIDDEN,
		strict: read,
		lenient: read,
	});
}

/**
 * VQA v2 to be asked, from its question and annotation files, or from the question file of a test split alone. An answer is right if at least three of the ten people
 * gave it; the accuracy that grows with each of them is `dorsal score`'s.
 */
export function vqaTask(input: TaskInput): Promise<Task> {
	if (isTest(input)) return testTask(input);
	return buildTask(input, {
		name: 'vqav2',
		title: 'VQA v2: open questions, ten human answers each',
		questions: withTexts(input),
		wordings: WORDINGS,
		describe: ({ imageId, humans, answerType, questionType }) => ({
			image: imageId,
			answer: majority(humans),
			category: answerType,
			chance: answerType === 'yes/no' ? 0.5 : 0,
			groups: { questionType },
		}),
		strict: (question, raw) => graded(question, lenientAccuracy(raw, question.humans)),
		lenient(question, raw) {
			const whole = lenientAccuracy(raw, question.humans);
			if (whole.votes > 0 || whole.value === '') return graded(question, whole);
			const answers = [...new Set(question.humans.map(({ answer }) => evalAi(answer)))];
			const found = phraseFinder(answers.map((answer) => [answer, answer]))(whole.value);
			return found.value === null ? found : graded(question, lenientAccuracy(found.value, question.humans));
		},
	});
}
