import { InputError, UsageError } from '../../base/errors.ts';
import { show } from '../../base/json.ts';
import type { RunRecord } from '../run.ts';
import type { Run } from '../store.ts';
import { type EvalAiOptions, evalAiSubmission } from './eval-ai.ts';
import { inPopeOrder, llavaLine } from './llava.ts';
import { lmmsEvalLine } from './lmms-eval.ts';

/** What a run's answers can be written as: one answer a line, or one list. */
export const EXPORTS = {
	'lmms-eval': "lmms-eval's sample log",
	llava: "LLaVA's answers file",
	evalai: 'a submission for the VQA v2 server on EvalAI',
} as const;
export type ExportFormat = keyof typeof EXPORTS;

export interface ExportOptions extends EvalAiOptions {
	to: ExportFormat;
	/** Of which condition; of its draws the first. Default `intact`. */
	condition?: string;
	/** Only so many answers, from the first. Default all. */
	limit?: number;
	/** Takes the text, piece by piece. */
	write(text: string): void | Promise<void>;
}

export interface Exported {
	/** Answers of the run that were written. */
	answers: number;
	/** Questions beside them that were given the empty answer. */
	filled: number;
}

/** The answers to export, in order. Throws unless every question that the run asks has exactly one. */
async function* answersOf(run: Run, condition: string, limit: number): AsyncGenerator<RunRecord> {
	const { location, manifest } = run;
	const names = [...new Set(manifest.conditions.map(({ name }) => name))];
	if (!names.includes(condition)) {
		throw new UsageError(`--condition ${condition}: ${location} has ${names.join(', ')}`, { code: 'condition' });
	}
	const seen = new Set<string>();
	for await (const record of run.records()) {
		if (record.condition !== condition || record.draw !== 0) continue;
		if (seen.size >= limit) return;
		if (seen.has(record.id)) {
			throw new InputError(`${location}/records.jsonl: two answers to ${show(record.id)} under ${condition}`, {
				code: 'run-record',
			});
		}
		seen.add(record.id);
		yield record;
	}
	if (seen.size < Math.min(limit, manifest.questions)) {
		throw new InputError(
			`${location}: has ${seen.size} of ${manifest.questions} answers under ${condition}; give its command again to finish it`,
			{ code: 'unfinished' },
		);
	}
}

/**
 * Writes a run's answers as other tools have them. `dorsal score` reads each form back to the same official figures.
 * @example await exportRun(await readRun('runs/pope'), { to: 'llava', write: (text) => file.write(text) })
 */
export async function exportRun(
	run: Run,
	{ to, condition = 'intact', limit = Number.POSITIVE_INFINITY, write, ...evalAi }: ExportOptions,
): Promise<Exported> {
	const isPope = to === 'llava' && run.manifest.task.name === 'pope';
	const records = answersOf(run, condition, isPope ? Number.POSITIVE_INFINITY : limit);
	if (to === 'evalai') {
		const { pieces, ...exported } = await evalAiSubmission(run.manifest, records, { ...evalAi, where: run.location });
		for (const piece of pieces) await write(piece);
		return exported;
	}
	let answers = 0;
	const ordered = isPope ? (await inPopeOrder(run.manifest, records, run.location)).slice(0, limit) : records;
	for await (const record of ordered) {
		const line = to === 'llava' ? llavaLine(run.manifest, record) : lmmsEvalLine(record, answers);
		await write(`${line}\n`);
		answers++;
	}
	return { answers, filled: 0 };
}
