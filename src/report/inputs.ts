import { z } from 'zod';
import type { ConditionResult, Manifest, Paired, Results, RunRecord } from '../eval/run.ts';
import { plural } from './format.ts';

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

const grid = z.object({ rows: z.int().positive(), columns: z.int().positive(), mean: z.array(z.number()) });

/** L2 norms of many tokens. */
export const normDistributionSchema = z.object({
	count: z.int().positive(),
	mean: z.number(),
	min: z.number(),
	max: z.number(),
	/** Fractions to values, of type 7: `{ "0.25": 21.9, "0.5": 25.1, "0.75": 36.8 }`; 0.5 must be there. */
	quantiles: z.record(z.string(), z.number()).refine((q) => q['0.5'] !== undefined, 'quantile 0.5 is missing'),
	/** Counts in bins that are equally wide on a logarithmic axis; bin i begins at 10^(start + i · width). */
	histogram: z.object({ start: z.number(), width: z.number().positive(), counts: z.array(z.int().nonnegative()) }),
});
export type NormDistribution = z.infer<typeof normDistributionSchema>;

/** `probes/*.json` of `dorsal probe norms`: vision tokens after the projector against text embeddings (Sec. 4.1). */
export const normsProbeSchema = z.object({
	probe: z.literal('norms'),
	/** Folder of the model and the hash that the runs' manifests carry. */
	model: z.string(),
	modelHash: z.string().nullable(),
	/** The images and texts that were measured, in words. */
	data: z.string(),
	images: z.int().positive(),
	vision: normDistributionSchema,
	text: normDistributionSchema,
	/** Vision over text. */
	ratio: z.object({ mean: z.number(), median: z.number() }),
	/** Vision tokens above `threshold`; `rule` says how that was chosen, in words. */
	outliers: z.object({ threshold: z.number(), share: z.number(), rule: z.string() }),
	/** Mean norm at each place of the token grid, row by row. */
	grid: grid.refine((g) => g.mean.length === g.rows * g.columns, 'mean needs rows × columns values'),
});
export type NormsProbe = z.infer<typeof normsProbeSchema>;

/** Every kind of probe result that the report can draw, told apart by `probe`. */
export const probeSchema = z.discriminatedUnion('probe', [normsProbeSchema]);
export type ProbeResult = z.infer<typeof probeSchema>;

/** The names that `probe` may have for `probeSchema`. */
export const PROBE_KINDS: readonly string[] = ['norms'];

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
