import { InputError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import { pairedComparisons } from './paired.ts';
import { type ConditionResult, type Manifest, type Paired, type Results, RUN_FORMAT, type RunRecord } from './run.ts';
import { type Marks, markOf, outcomeOf, type Split, scoreOf, scoresBy, setScoreOf } from './scores.ts';

/** A group of this prefix does not split the questions: its value names the set that a question belongs to. */
export const SET_PREFIX = 'set:';

/** Collects records in any order and in little memory: a number an answer, and each question's names once. */
export interface Tally {
	/** Throws an InputError (prefixed by `where`) where the record has no place in the run or is there already. */
	add(record: RunRecord, where: string): void;
	/** Statistics of what was added. Conditions without records are left out. */
	results(): Results;
}

/** What is known of the questions, by number. */
interface Questions {
	/** Number by id. */
	numbers: Map<string, number>;
	images: string[];
	categories: string[];
	chances: number[];
	byCategory: Split;
	byGroup: Map<string, Split>;
	bySet: Map<string, Split>;
}

/** Draws of each condition, by name and number of the draw. */
type Sheets = Map<string, Map<number, Marks>>;

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
	const known = map.get(key);
	if (known !== undefined) return known;
	const made = make();
	map.set(key, made);
	return made;
}

function described({ condition, draw }: RunRecord): string {
	return `${show(condition)} (draw ${draw})`;
}

function register(questions: Questions, record: RunRecord): number {
	const known = questions.numbers.get(record.id);
	if (known !== undefined) return known;
	const number = questions.numbers.size;
	questions.numbers.set(record.id, number);
	questions.images.push(record.image);
	questions.categories.push(record.category);
	questions.chances.push(record.chance);
	entry(questions.byCategory, record.category, () => []).push(number);
	for (const [group, value] of Object.entries(record.groups)) {
		const split = group.startsWith(SET_PREFIX)
			? entry(questions.bySet, group.slice(SET_PREFIX.length), () => new Map())
			: entry(questions.byGroup, group, () => new Map());
		entry(split, value, () => []).push(number);
	}
	return number;
}

function conditionResult(
	{ numbers, chances, byCategory, byGroup, bySet }: Questions,
	draws: readonly Marks[],
): ConditionResult | undefined {
	const score = scoreOf(numbers.values(), draws, chances);
	if (score === undefined) return undefined;
	const perDraw = draws.length === 1 ? [] : draws.map((marks) => scoreOf(numbers.values(), [marks], chances));
	const sets = [...bySet].flatMap(([name, split]) => {
		const setScore = setScoreOf(split, draws, chances);
		return setScore === undefined ? [] : [[name, setScore] as const];
	});
	return {
		...score,
		byCategory: scoresBy(byCategory, draws, chances),
		byGroup: Object.fromEntries([...byGroup].map(([name, split]) => [name, scoresBy(split, draws, chances)])),
		draws: perDraw.filter((part) => part !== undefined),
		...(sets.length > 0 ? { sets: Object.fromEntries(sets) } : {}),
	};
}

function comparePairs(questions: Questions, sheets: Sheets, names: readonly string[], seed: number): Paired[] {
	const reference = names.includes('intact') ? 'intact' : names[0];
	const sides = [...names]
		.sort((a, b) => Number(b === reference) - Number(a === reference))
		.map((name) => ({ name, draws: [...sheets.get(name)!.values()], mean: [] as number[], first: [] as number[] }));
	const shared: { image: string; category: string }[] = [];
	for (const number of questions.numbers.values()) {
		const outcomes = sides.map(({ draws }) => outcomeOf(draws, number));
		if (outcomes.includes(undefined)) continue;
		shared.push({ image: questions.images[number]!, category: questions.categories[number]! });
		for (const [s, side] of sides.entries()) {
			side.mean.push(outcomes[s]!.mean);
			side.first.push(outcomes[s]!.first);
		}
	}
	return pairedComparisons(sides, shared, { seed });
}

/**
 * An empty tally for the run of `manifest`. Scores are over all draws of a condition; paired comparisons set every
 * condition against `intact` (or the first one where there is no `intact`), on the questions that all of them have
 * answered in every draw.
 */
export function createTally(manifest: Manifest): Tally {
	const questions: Questions = {
		numbers: new Map(),
		images: [],
		categories: [],
		chances: [],
		byCategory: new Map(),
		byGroup: new Map(),
		bySet: new Map(),
	};
	const sheets: Sheets = new Map();
	for (const { name, draw } of manifest.conditions) entry(sheets, name, () => new Map()).set(draw, []);

	return {
		add(record, where) {
			const marks = sheets.get(record.condition)?.get(record.draw);
			if (marks === undefined) {
				throw new InputError(
					`${where}: condition ${described(record)} is not in manifest.json; were two runs mixed up?`,
					{ code: 'run-record' },
				);
			}
			const number = register(questions, record);
			if (marks[number]) {
				throw new InputError(
					`${where}: ${show(record.id)} is answered twice under ${described(record)}; delete the line`,
					{ code: 'run-record' },
				);
			}
			// An array with a gap would turn into a dictionary.
			while (marks.length < number) marks.push(0);
			marks[number] = markOf(record);
		},
		results() {
			const conditions: [string, ConditionResult][] = [];
			for (const [name, draws] of sheets) {
				const result = conditionResult(questions, [...draws.values()]);
				if (result !== undefined) conditions.push([name, result]);
			}
			return {
				format: RUN_FORMAT,
				task: manifest.task.name,
				model: manifest.backend.model,
				images: new Set(questions.images).size,
				conditions: Object.fromEntries(conditions),
				paired: comparePairs(
					questions,
					sheets,
					conditions.map(([name]) => name),
					manifest.seed,
				),
			};
		},
	};
}

/** Statistics of a run from its records alone, read once from first to last. */
export async function resultsOf(
	manifest: Manifest,
	records: AsyncIterable<RunRecord> | Iterable<RunRecord>,
): Promise<Results> {
	const tally = createTally(manifest);
	let count = 0;
	for await (const record of records) tally.add(record, `record ${++count}`);
	return tally.results();
}
