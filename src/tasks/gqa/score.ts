import type { Grade, Metrics, Scorer } from '../score-engine.ts';
import type { DataFile } from '../score-file.ts';
import { rstrip, strip } from '../score-python.ts';
import type { GivenAnswer } from '../score-record.ts';
import { choiceRates, type Predicted } from './choices.ts';
import { consistency, type Implication } from './consistency.ts';
import type { GqaQuestion } from './data.ts';
import { addAnswer, type Distributions, distributionScore } from './distribution.ts';

type Reading = (answer: GivenAnswer) => string;

/** LLaVA's `convert_gqa_for_eval.py`: trailing full stops off, then lower case; white space stays. */
export function llavaConversion(text: string): string {
	return rstrip(text, '.').toLowerCase();
}

/** Right and all, per name of a group. */
type Tally = Map<string, { right: number; count: number }>;

function addTo(tally: Tally, name: string, right: boolean): void {
	const { right: before, count } = tally.get(name) ?? { right: 0, count: 0 };
	tally.set(name, { right: before + (right ? 1 : 0), count: count + 1 });
}

const KINDS = ['perStructuralType', 'perSemanticType', 'perSteps', 'perWords'] as const;

const shares = (tally: Tally): Metrics =>
	Object.fromEntries(
		[...tally].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { right, count }]) => [name, right / count]),
	);
const share = (tally: Tally, name: string): number | null => {
	const found = tally.get(name);
	return found ? found.right / found.count : null;
};

function scorer(read: Reading, choices: DataFile | null, complete: boolean): Scorer<GqaQuestion> {
	const main: Tally = new Map();
	const kinds: Record<(typeof KINDS)[number], Tally> = {
		perStructuralType: new Map(),
		perSemanticType: new Map(),
		perSteps: new Map(),
		perWords: new Map(),
	};
	const distributions: Distributions = { right: new Map(), predicted: new Map() };
	const implications: Implication[] = [];
	const rights = new Map<string, boolean>();
	const predicted = new Map<string, Predicted>();
	return {
		add(question, answer): Grade {
			const prediction = read(answer);
			const right = prediction === question.answer;
			rights.set(question.id, right);
			if (question.balanced) {
				addTo(main, 'accuracy', right);
				addTo(main, question.structural === 'query' ? 'open' : 'binary', right);
				addTo(kinds.perStructuralType, question.structural, right);
				addTo(kinds.perSemanticType, question.semantic, right);
				addTo(kinds.perSteps, String(question.steps), right);
				addTo(kinds.perWords, String(question.words), right);
				if (question.group !== null) addAnswer(distributions, question.group, question.answer, prediction);
				if (right && question.entailed.length > 0) implications.push({ entailed: question.entailed });
				if (choices) predicted.set(question.id, { prediction, common: question.detailed.includes('Common') });
			}
			return { value: prediction === '' ? null : prediction, score: right ? 1 : 0 };
		},
		async metrics() {
			const rates = choices ? await choiceRates(choices, predicted) : { validity: null, plausibility: null };
			return {
				accuracy: share(main, 'accuracy'),
				binary: share(main, 'binary'),
				open: share(main, 'open'),
				consistency: consistency(implications, rights, { complete }),
				...rates,
				distribution: distributionScore(distributions),
				...Object.fromEntries(KINDS.map((kind) => [kind, shares(kinds[kind])])),
				counts: Object.fromEntries([...main].map(([name, { count }]) => [name, count])),
			};
		},
	};
}

/**
 * `official`: the same string as the answer; answers in LLaVA's form are converted first, as LLaVA's pipeline does.
 * `exact` never and `llava` always converts. `lenient`: LLaVA's conversion, and consistency over what is there.
 * `paper`: the paper's `strip().lower().rstrip('.')`.
 */
export function gqaScorers(choices: DataFile | null): Record<string, () => Scorer<GqaQuestion>> {
	const exact: Reading = ({ text }) => text;
	const llava: Reading = ({ text }) => llavaConversion(text);
	return {
		official: () => scorer((answer) => (answer.llava ? llava : exact)(answer), choices, true),
		lenient: () => scorer(llava, choices, false),
		exact: () => scorer(exact, choices, true),
		llava: () => scorer(llava, choices, true),
		paper: () => scorer(({ text }) => rstrip(strip(text).toLowerCase(), '.'), choices, true),
	};
}
