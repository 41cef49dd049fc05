import { InputError, UsageError } from '../base/errors.ts';
import { twoDsBenchmarks } from './2ds-score.ts';
import { cvBench } from './cv-bench/benchmark.ts';
import { gqa } from './gqa/benchmark.ts';
import { pope } from './pope/benchmark.ts';
import { type AnswerOptions, readAnswers } from './score-answers.ts';
import type { Benchmark } from './score-benchmark.ts';
import type { Counts, Metrics, ScoreOptions } from './score-engine.ts';
import { type DataFile, hashFiles } from './score-file.ts';
import { table } from './table/benchmark.ts';
import { vqav2 } from './vqav2/benchmark.ts';
import { vsr } from './vsr/benchmark.ts';
import { whatsup } from './whatsup/benchmark.ts';

/** The standard benchmarks. */
export const benchmarks: readonly Benchmark[] = [pope, vqav2, gqa, cvBench, vsr, whatsup, table];

/** A benchmark by name or alias. Throws a UsageError that lists them. */
export function benchmarkOf(name: string): Benchmark {
	const scored = [...benchmarks, ...twoDsBenchmarks];
	const found = scored.find((known) => known.name === name || known.aliases.includes(name));
	if (found) return found;
	const names = scored.map((known) => known.name).join(', ');
	throw new UsageError(`no benchmark ${JSON.stringify(name)} to score; there are ${names}`, { code: 'task' });
}

export interface ScoreRequest extends ScoreOptions, AnswerOptions {
	/** `pope`, `vqav2`, `gqa`, `cv-bench`, `vsr`, `whatsup`, `table`, `2ds`, `2ds-ventral`. */
	task: string;
	/** The benchmark's own files. */
	data: readonly DataFile[];
	/** Answers made elsewhere. */
	answers: DataFile;
	/** One more protocol, beside `official` and `lenient`; its figures stand under `protocols`. */
	protocol?: string;
}

export interface ScoreResult {
	task: string;
	/** Questions scored. */
	questions: number;
	/** Questions of the data by their right answer; null where answers are open. */
	balance: Record<string, number> | null;
	/** Questions in whose answer the lenient protocol found no answer, or more than one. */
	unparsed: number;
	/** What the benchmark's own scorer says, its quirks included. Fractions of 1. */
	official: Metrics;
	/** What a sensible reader says. */
	lenient: Metrics;
	/** The protocol that was asked for, by its name. */
	protocols: Record<string, Metrics>;
	/** How the answers met the questions. */
	answers: Counts;
}

/** Throws if the answers are a data file, whose right answers would be scored. */
async function refuseData(answers: DataFile, data: readonly DataFile[]): Promise<void> {
	for (const file of data) {
		if (file.size !== answers.size || (await hashFiles([file])) !== (await hashFiles([answers]))) continue;
		throw new InputError(`${answers.name}: is the data file itself (${file.name}); give a file of answers`, {
			code: 'answers',
		});
	}
}

/**
 * Scores answers made elsewhere, exactly as the benchmark's official scorer does, and as a sensible reader would.
 * Both files are streamed. Answers that do not fit the questions are named, counted and refused (an InputError),
 * unless `partial`.
 * @example
 * const { official } = await scoreAnswers({ task: 'pope', data: [memoryFile('popular.jsonl', labels)], answers });
 */
export async function scoreAnswers(request: ScoreRequest): Promise<ScoreResult> {
	const { task, data, answers, protocol, condition, ...options } = request;
	const known = benchmarkOf(task);
	if (protocol !== undefined && !known.protocols.includes(protocol)) {
		const names = known.protocols.join(', ');
		throw new UsageError(`${task}: no protocol ${JSON.stringify(protocol)}; it has ${names}`, { code: 'protocol' });
	}
	const protocols = [...new Set(['official', 'lenient', ...(protocol === undefined ? [] : [protocol])])];
	const read = await readAnswers(answers, condition === undefined ? {} : { condition });
	if (read.given.length > 0) await refuseData(answers, data);
	const scored = await known.score({ files: data, answers: read, protocols, ...options });
	return {
		task: known.name,
		questions: scored.questions,
		balance: scored.balance,
		unparsed: scored.unparsed,
		official: scored.metrics.official!,
		lenient: scored.metrics.lenient!,
		protocols: protocol === undefined ? {} : { [protocol]: scored.metrics[protocol]! },
		answers: scored.answers,
	};
}
