import type { Backend, Condition, GenerationSettings } from '../backends/backend.ts';
import type { Paired, Results, RunRecord, Score } from '../eval/run.ts';
import { evaluate } from '../eval/runner.ts';
import { wilsonInterval } from '../eval/statistics.ts';
import { memoryStore, type RunStore, readRecords } from '../eval/store.ts';
import type { Task } from '../tasks/task.ts';
import type { Change, Changes, Flips } from './accuracy-results.ts';
import type { ProbeRunOptions } from './data.ts';

/** What every probe takes that asks a task's questions. `onProgress` counts answers. */
export interface AccuracyProbeOptions extends ProbeRunOptions {
	task: Task;
	backend: Backend;
	/** Where the run is kept, so that a probe that was cut short can be gone on with. Default: nowhere. */
	store?: RunStore;
	/** Of permutations, selections and bootstraps. Default 0. */
	seed?: number;
	/** Most questions a condition; default all. */
	limit?: number;
	/** Default: greedy, at most 32 new tokens. */
	settings?: GenerationSettings;
	/** Images prepared together; default 16. */
	imagesPerBatch?: number;
}

/** What `intact` and the other conditions of a run came to. */
export interface Asked {
	header: {
		model: string;
		modelHash: string | null;
		data: string;
		images: number;
		task: string;
		questions: number;
		seed: number;
		intact: { overall: Score; byCategory: Record<string, Score> };
	};
	/** Of a condition of the run, by name. */
	changes(name: string): Changes;
}

/** Asks the questions under `intact` and some other conditions and sets each against `intact`. */
export async function askUnder(
	conditions: readonly Condition[],
	{ onProgress, signal, ...options }: AccuracyProbeOptions,
): Promise<Asked> {
	const { task, backend, store = memoryStore(), seed = 0 } = options;
	const intact: Condition = { name: 'intact', image: 'own', path: {}, draw: 0 };
	const results = await evaluate({
		...options,
		store,
		seed,
		conditions: [intact, ...conditions],
		...(signal && { signal }),
		onProgress: ({ done, total }) => onProgress?.(done, total),
	});
	const flips = createFlips();
	for await (const record of readRecords(store)) flips.add(record);
	const { byCategory, ...overall } = results.conditions.intact!;
	return {
		header: {
			model: backend.facts.model,
			modelHash: backend.facts.modelHash,
			data: `${task.title}, ${flips.images()} images`,
			images: flips.images(),
			task: task.name,
			questions: overall.questions,
			seed,
			intact: { overall: scoreOnly(overall), byCategory },
		},
		changes: (name) => changesOf(name, results, flips),
	};
}

const scoreOnly = ({ questions, accuracy, interval, lenient, unparsed, chance }: Score): Score => ({
	questions,
	accuracy,
	interval,
	lenient,
	unparsed,
	chance,
});

function changesOf(name: string, { conditions, paired }: Results, flips: FlipCounter): Changes {
	const { byCategory, draws, ...overall } = conditions[name]!;
	const against = (category: string | null) =>
		paired.find(({ b, category: about }) => b === name && about === category)!;
	return {
		name,
		draws: Math.max(1, draws.length),
		overall: changeOf(overall, against(null), flips.of(name, null)),
		byCategory: Object.fromEntries(
			Object.entries(byCategory).map(([category, score]) => [
				category,
				changeOf(score, against(category), flips.of(name, category)),
			]),
		),
	};
}

function changeOf(score: Score, { difference, interval, p, psi, psiInterval }: Paired, flips: Flips): Change {
	return { score: scoreOnly(score), difference, interval, p, psi, psiInterval, flips };
}

interface FlipCounter {
	/** Takes the records in the order of a run: a question's `intact` one before its others. */
	add(record: RunRecord): void;
	of(condition: string, category: string | null): Flips;
	/** Number of images asked about. */
	images(): number;
}

/** Questions, answers to them in all draws, and answers that changed. */
interface Count {
	questions: number;
	answers: number;
	changed: number;
}

const shareOf = ({ questions, answers, changed }: Count) => {
	const interval = wilsonInterval((changed * questions) / answers, questions);
	return interval && { share: changed / answers, interval };
};

function createFlips(): FlipCounter {
	const plain = new Map<string, { answer: string; correct: boolean }>();
	const images = new Set<string>();
	const counts = new Map<string, Count>();
	const count = (key: readonly (string | null | boolean)[], draw: number, changed: boolean) => {
		const name = JSON.stringify(key);
		const sum = counts.get(name) ?? { questions: 0, answers: 0, changed: 0 };
		if (draw === 0) sum.questions++;
		sum.answers++;
		if (changed) sum.changed++;
		counts.set(name, sum);
	};
	const key = (condition: string, category: string | null, right: boolean) => [condition, category, right];
	return {
		add({ id, image, condition, draw, category, value, raw, correct }) {
			const answer = JSON.stringify([value, value === null ? raw : null]);
			images.add(image);
			if (condition === 'intact') {
				plain.set(id, { answer, correct });
				return;
			}
			const before = plain.get(id)!;
			for (const about of [null, category]) {
				count(key(condition, about, false), draw, answer !== before.answer);
				if (before.correct) count(key(condition, about, true), draw, answer !== before.answer);
			}
		},
		of(condition, category) {
			const [all, right] = [false, true].map((only) => counts.get(JSON.stringify(key(condition, category, only))));
			return { all: shareOf(all!)!, right: (right && shareOf(right)) ?? null };
		},
		images: () => images.size,
	};
}
