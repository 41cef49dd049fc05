import type { Scorer } from '../score-engine.ts';
import { Tally } from '../score-tally.ts';
import type { Parsed } from '../task.ts';
import type { TableQuestion } from './data.ts';
import { readAny, readWhole } from './rule.ts';

function scorer(read: (question: TableQuestion, given: string) => Parsed): Scorer<TableQuestion> {
	const [all, byCategory] = [new Tally(), new Tally()];
	return {
		add(question, { text }) {
			const { value } = read(question, text);
			const score = value === question.answer ? 1 : 0;
			all.add('accuracy', score);
			byCategory.add(question.category, score);
			return { value, score };
		},
		metrics: () => ({
			accuracy: all.mean('accuracy'),
			byCategory: byCategory.means(),
			counts: { byCategory: byCategory.counts() },
		}),
	};
}

/** `official`: the whole answer, case and a full stop aside. `lenient`: the right answer anywhere. */
export const tableScorers: Record<string, () => Scorer<TableQuestion>> = {
	official: () => scorer(readWhole),
	lenient: () => scorer(readAny),
};
