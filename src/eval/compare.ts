import { type Difference, differences } from './manifest.ts';
import { pairedComparisons } from './paired.ts';
import type { Manifest, Paired, RunRecord } from './run.ts';
import type { Run } from './store.ts';

/** A question that one run has right and the other has not, in the first draw. */
export interface Flip {
	id: string;
	category: string;
	prompt: string;
	/** The right answer. */
	answer: string;
	/** Raw answers of the two runs. */
	a: string;
	b: string;
	/** The run that has it right. */
	right: 'a' | 'b';
}

/** The paired test on all shared questions (`category` null) or on those of a category, with both accuracies. */
export interface PairedRuns extends Paired {
	accuracyA: number;
	accuracyB: number;
	/** Accuracy in each draw, in their order. */
	drawsA: number[];
	drawsB: number[];
}

/** One condition that both runs have. */
export interface ConditionComparison {
	condition: string;
	/**
	 * Questions that both runs have answered: same id and right answer, and the same prompt or the same data. Of scenes that
	 * were drawn from other seeds none is shared, whatever their ids.
	 */
	shared: number;
	/** Questions that one run alone has answered. */
	onlyInA: number;
	onlyInB: number;
	/** Shared questions that the runs put in different words. */
	reworded: number;
	/** Questions of the same id that are others; left out of all that follows. */
	differing: number;
	/** Shared questions whose raw answers are not the same text (first draw). */
	changed: number;
	/** First over all shared questions, then by category; empty where none is shared. */
	paired: PairedRuns[];
	flips: Flip[];
}

export interface ComparedRun {
	location: string;
	model: string;
	task: string;
}

export interface Comparison {
	a: ComparedRun;
	b: ComparedRun;
	/** What differs in the manifests, the likelier cause of other answers first. */
	differences: Difference[];
	conditions: ConditionComparison[];
	/** Conditions that one run alone has. */
	onlyInA: string[];
	onlyInB: string[];
}

/** What a run answered to one question under one condition. */
interface Answered {
	/** That of the lowest draw. */
	record: RunRecord;
	/** 1 where the answer is right, else 0; by draw. */
	correct: Map<number, number>;
}

type Answers = Map<string, Map<string, Answered>>;

async function collect(run: Run, wanted: ReadonlySet<string>): Promise<Answers> {
	const answers: Answers = new Map();
	for (const condition of wanted) answers.set(condition, new Map());
	for await (const record of run.records()) {
		const byId = answers.get(record.condition);
		if (byId === undefined) continue;
		const known = byId.get(record.id);
		const correct = Number(record.correct);
		if (known === undefined) {
			byId.set(record.id, { record, correct: new Map([[record.draw, correct]]) });
		} else {
			known.correct.set(record.draw, correct);
			if (record.draw < known.record.draw) known.record = record;
		}
	}
	return answers;
}

/** Share of a question's draws that have it right. */
const shareRight = ({ correct }: Answered) => mean([...correct.values()]);

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Accuracy in each draw, in their order. */
function drawsOf(answers: readonly Answered[]): number[] {
	const draws = new Set(answers.flatMap(({ correct }) => [...correct.keys()]));
	return [...draws]
		.sort((a, b) => a - b)
		.map((draw) => mean(answers.flatMap(({ correct }) => correct.get(draw) ?? [])));
}

function compareCondition(
	condition: string,
	answersA: ReadonlyMap<string, Answered>,
	answersB: ReadonlyMap<string, Answered>,
	{ names, seed, data }: { names: [a: string, b: string]; seed: number; data: SameData },
): ConditionComparison {
	const both = [...answersA].flatMap(([id, a]) => {
		const b = answersB.get(id);
		return b === undefined ? [] : [{ a, b }];
	});
	const isReworded = ({ a, b }: (typeof both)[number]) => a.record.prompt !== b.record.prompt;
	const shared = both.filter((pair) => {
		const { a, b } = pair;
		if (data === 'none' || a.record.answer !== b.record.answer) return false;
		return data === 'all' || !isReworded(pair);
	});
	const side = (name: string, of: 'a' | 'b') => ({
		name,
		mean: shared.map((pair) => shareRight(pair[of])),
		first: shared.map((pair) => Number(pair[of].record.correct)),
	});
	const sides = [side(names[0], 'a'), side(names[1], 'b')];
	const questions = shared.map(({ a: { record } }) => ({ image: record.image, category: record.category }));
	return {
		condition,
		shared: shared.length,
		onlyInA: answersA.size - both.length,
		onlyInB: answersB.size - both.length,
		reworded: shared.filter(isReworded).length,
		differing: both.length - shared.length,
		changed: shared.filter(({ a, b }) => a.record.raw !== b.record.raw).length,
		paired: pairedComparisons(sides, questions, { seed }).map((paired) => {
			const members = shared.filter(({ a }) => paired.category === null || a.record.category === paired.category);
			const [own, others] = [members.map(({ a }) => a), members.map(({ b }) => b)];
			return {
				...paired,
				accuracyA: mean(own.map(shareRight)),
				accuracyB: mean(others.map(shareRight)),
				drawsA: drawsOf(own),
				drawsB: drawsOf(others),
			};
		}),
		flips: shared
			.filter(({ a, b }) => a.record.correct !== b.record.correct)
			.map(({ a: { record }, b }) => ({
				id: record.id,
				category: record.category,
				prompt: record.prompt,
				answer: record.answer,
				a: record.raw,
				b: b.record.raw,
				right: record.correct ? 'a' : 'b',
			})),
	};
}

function conditionNames({ conditions }: Manifest): Set<string> {
	return new Set(conditions.map(({ name }) => name));
}

function identify({ location, manifest }: Run): ComparedRun {
	return { location, model: manifest.backend.model, task: manifest.task.name };
}

/** Whether two runs were asked about the same data, perhaps in part, or about scenes of which none is the same. */
type SameData = 'all' | 'perhaps' | 'none';

function sameData(a: Manifest['task'], b: Manifest['task']): SameData {
	if (a.dataHash === b.dataHash) return 'all';
	const { seed: seedA, placement: placementA } = a.facts;
	const { seed: seedB, placement: placementB } = b.facts;
	if (seedA === undefined || seedB === undefined) return 'perhaps'; // read from files
	return seedA === seedB && placementA === placementB ? 'perhaps' : 'none';
}

/**
 * Sets run b against run a: what differs in the manifests, then, for each condition of the same name, the paired test
 * on the questions both have answered and the questions that flipped. Differences are b − a; where a condition has
 * several draws, a question counts with its mean over them. `seed` is the bootstrap's, default 0.
 */
export async function compareRuns(a: Run, b: Run, { seed = 0 }: { seed?: number } = {}): Promise<Comparison> {
	const [namesA, namesB] = [conditionNames(a.manifest), conditionNames(b.manifest)];
	const shared = new Set([...namesA].filter((name) => namesB.has(name)));
	const [answersA, answersB] = [await collect(a, shared), await collect(b, shared)];
	const data = sameData(a.manifest.task, b.manifest.task);
	const names: [string, string] = [a.location, b.location];
	return {
		a: identify(a),
		b: identify(b),
		differences: differences(a.manifest, b.manifest),
		conditions: [...shared].map((name) =>
			compareCondition(name, answersA.get(name)!, answersB.get(name)!, { names, seed, data }),
		),
		onlyInA: [...namesA].filter((name) => !shared.has(name)),
		onlyInB: [...namesB].filter((name) => !shared.has(name)),
	};
}
