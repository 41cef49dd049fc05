import { tidy } from '../closed.ts';
import { lenientReading } from '../pope/rule.ts';
import { phraseFinder } from '../score-choice.ts';
import { buildTask, SHORT, type TaskInput } from '../score-task.ts';
import type { Task } from '../task.ts';
import { type GqaQuestion, isChoices, readGqa } from './data.ts';

const isYesNo = ({ answer }: GqaQuestion) => answer === 'yes' || answer === 'no';

async function* balanced(input: TaskInput): AsyncGenerator<GqaQuestion> {
	const files = input.files.filter((file) => !isChoices(file));
	for await (const question of readGqa(files)) if (question.balanced) yield question;
}

/** GQA's balanced questions to be asked. Wordings: `llava` (its short-answer suffix; the paper's too), `plain`. */
export function gqaTask(input: TaskInput): Promise<Task> {
	return buildTask(input, {
		name: 'gqa',
		title: 'GQA: compositional questions over scene graphs',
		questions: balanced(input),
		wordings: { llava: ({ text }) => text + SHORT, plain: ({ text }) => text },
		describe: (question) => ({
			image: `${question.imageId}.jpg`,
			answer: question.answer,
			category: question.structural,
			chance: isYesNo(question) || question.structural === 'choose' ? 0.5 : 0,
			groups: { semantic: question.semantic, detailed: question.detailed },
		}),
		strict(question, raw) {
			const value = tidy(raw);
			if (value === '') return { value: null, status: 'none' };
			return { value: value === tidy(question.answer) ? question.answer : value, status: 'ok' };
		},
		lenient(question, raw) {
			const whole = tidy(raw);
			if (whole === '') return { value: null, status: 'none' };
			if (isYesNo(question)) return lenientReading(raw);
			const found = phraseFinder([[question.answer, question.answer]])(raw);
			return found.status === 'ok' ? found : { value: whole, status: 'ok' };
		},
	});
}
