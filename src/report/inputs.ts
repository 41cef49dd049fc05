import { z } from 'zod';
import type { ConditionResult, Manifest, Paired, Results, RunRecord } from '../eval/run.ts';
import {
	compressionProbeSchema,
	interventionsProbeSchema,
	permutationProbeSchema,
} from '../probes/accuracy-results.ts';
import { linearProbeSchema } from '../probes/linear-results.ts';
import { attentionProbeSchema, balanceProbeSchema, normsProbeSchema, ropeProbeSchema } from '../probes/results.ts';
import { plural } from './format.ts';

export { type NormDistribution, type NormsProbe, normDistributionSchema, normsProbeSchema } from '../probes/results.ts';

/** What the report is made from, as plain data. Nothing here calls a model or reads a disk. */

/** `where`: questions about position (2DS). `what`: the same images without spatial content (the ventral twin). */
export type Role = 'where' | 'what';

/** The tasks that the "what against where" comparison is made of. */
export const ROLE_OF_TASK: Readonly<Record<string, Role>> = { '2ds': 'where', '2ds-ventral': 'what' };

/** One picture of the gallery and what was asked about it, under every condition. */
export interface Scene {
	image: string;
	/** The picture as a `data:` address; null where the run keeps none or it is too large. */
	source: string | null;
	records: readonly RunRecord[];
}

/** The answer given most often in one category under `intact`. */
export interface Habit {
	category: string;
	questions: number;
	/** Null where most answers could not be read. */
	answer: string | null;
	/** Share of the questions that it was given to, and share of those that it is the right answer to. */
	given: number;
	right: number;
}

export interface ReportRun {
	/** Folder, as given. */
	dir: string;
	/** Name of the model in this report; unique among the runs of one data set. */
	model: string;
	/** Name of the data set in this report. */
	dataset: string;
	manifest: Manifest;
	results: Results;
	scenes: readonly Scene[];
	habits: readonly Habit[];
}

/** The same questions answered by two models, both `intact`: b − a. */
export interface Comparison {
	dataset: string;
	a: string;
	b: string;
	paired: Paired;
}

/** Every kind of probe result that the report can draw, told apart by `probe`. */
export const probeSchema = z.discriminatedUnion('probe', [
	permutationProbeSchema,
	compressionProbeSchema,
	normsProbeSchema,
	ropeProbeSchema,
	balanceProbeSchema,
	attentionProbeSchema,
	linearProbeSchema,
	interventionsProbeSchema,
]);
export type ProbeResult = z.infer<typeof probeSchema>;
export type ProbeKind = ProbeResult['probe'];

/** The names that `probe` may have for `probeSchema`. */
export const PROBE_KINDS: readonly string[] = probeSchema.options.map((option) => option.shape.probe.value);

/** The result of one probe on one model. */
export interface Measured<K extends ProbeKind> {
	/** Name in this report; unique among the results of one kind. */
	model: string;
	result: Extract<ProbeResult, { probe: K }>;
}

export interface ReportData {
	title: string;
	/** The command that made the report; null when a program did. */
	command: string | null;
	runs: readonly ReportRun[];
	comparisons: readonly Comparison[];
	/** Probe results with the model's name in this report. */
	probes: readonly { model: string; result: ProbeResult }[];
	/** Probe files of kinds that this version does not draw. */
	undrawn: readonly string[];
}

/** Results of one kind; where a model has several, each also goes by its data. */
export function probesOf<K extends ProbeKind>({ probes }: ReportData, kind: K): Measured<K>[] {
	const ofKind = probes.filter((probe): probe is Measured<K> => probe.result.probe === kind);
	const names = new Map<string, number>();
	return ofKind.map(({ model, result }) => {
		const alone = ofKind.filter((other) => other.model === model).length === 1;
		const name = alone ? model : `${model}, ${result.data}`;
		const count = (names.get(name) ?? 0) + 1;
		names.set(name, count);
		return { model: count === 1 ? name : `${name} (${count})`, result };
	});
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];

/** Names of the models, in the order of the runs. */
export const modelsOf = (runs: readonly ReportRun[]): string[] => unique(runs.map((run) => run.model));

/** Names of the data sets, in the order of the runs. */
export const datasetsOf = (runs: readonly ReportRun[]): string[] => unique(runs.map((run) => run.dataset));

/** For captions: the questions asked in each data set, such as `n = 3000 questions (2DS)`. */
export function sizesOf(runs: readonly ReportRun[]): string {
	return unique(runs.map((run) => `n = ${plural(run.manifest.questions, 'question')} (${run.dataset})`)).join(', ');
}

/** What a run's questions are about; null for tasks that stand for neither side. */
export const roleOf = (run: ReportRun): Role | null => ROLE_OF_TASK[run.manifest.task.name] ?? null;

export const conditionOf = (run: ReportRun, name: string): ConditionResult | undefined => run.results.conditions[name];

/** The paired comparison of `intact` with a condition: condition − intact. */
export function againstIntact(run: ReportRun, condition: string, category: string | null = null): Paired | undefined {
	return run.results.paired.find((p) => p.a === 'intact' && p.b === condition && p.category === category);
}
