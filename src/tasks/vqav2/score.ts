import type { Grade, Metrics, Scorer } from '../score-engine.ts';
import type { GivenAnswer } from '../score-record.ts';
import { type Judged, lenientAccuracy, officialAccuracy } from './accuracy.ts';
import type { VqaQuestion } from './data.ts';
import { evalAi } from './normalize.ts';

/** Running mean. The sum is taken in the order of the data, as the official code does. */
interface Mean {
	sum: number;
	count: number;
}

function addTo(groups: Map<string, Mean>, name: string, value: number): void {
	const mean = groups.get(name) ?? { sum: 0, count: 0 };
	groups.set(name, { sum: mean.sum + value, count: mean.count + 1 });
}

const exact = ({ sum, count }: Mean) => sum / count;

/** Percent to two decimals, ties away from zero (Python 2's `round`, and `toFixed`), as a fraction of 1. */
const rounded = ({ sum, count }: Mean) => Number(`${((100 * sum) / count).toFixed(2)}e-2`);

type Judge = (question: VqaQuestion, answer: GivenAnswer) => Judged;

function scorer(judge: Judge, figure: (mean: Mean) => number): Scorer<VqaQuestion> {
	const [all, byAnswer, byQuestion] = [new Map<string, Mean>(), new Map<string, Mean>(), new Map<string, Mean>()];
	const figures = (groups: ReadonlyMap<string, Mean>): Metrics =>
		Object.fromEntries([...groups].map(([name, mean]) => [name, figure(mean)]));
	return {
		add(question, answer): Grade {
			const { value, accuracy } = judge(question, answer);
			addTo(all, 'overall', accuracy);
			addTo(byAnswer, question.answerType, accuracy);
			addTo(byQuestion, question.questionType, accuracy);
			return { value: value === '' ? null : value, score: accuracy };
		},
		metrics: () => ({
			...figures(all),
			perAnswerType: figures(byAnswer),
			perQuestionType: figures(byQuestion),
		}),
	};
}

const converted: Judge = ({ humans }, { text }) => officialAccuracy(evalAi(text), humans);
const raw: Judge = ({ humans }, { text }) => officialAccuracy(text, humans);

/**
 * `official`: `vqaEval.py` over the answers as they are; answers in LLaVA's form go through LLaVA's processor first,
 * as LLaVA's own `convert_vqav2_for_submission.py` does. `vqaeval` never and `llava` always converts. `lenient`
 * normalises both sides, always. The official figures are rounded as the official code rounds them.
 */
export const vqaScorers: Record<string, () => Scorer<VqaQuestion>> = {
	official: () => scorer((question, answer) => (answer.llava ? converted : raw)(question, answer), rounded),
	lenient: () => scorer(({ humans }, { text }) => lenientAccuracy(text, humans), exact),
	vqaeval: () => scorer(raw, rounded),
	llava: () => scorer(converted, rounded),
};
