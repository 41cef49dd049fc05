import { nativeBackend } from '../backends/native.ts';
import { UsageError } from '../base/errors.ts';
import { parseConditions } from '../eval/conditions.ts';
import type { Results } from '../eval/run.ts';
import { evaluate } from '../eval/runner.ts';
import { openRun } from '../eval/store.node.ts';
import { type WrittenReport, writeReport } from '../report/write.node.ts';
import { loadOneOf } from '../vlm/load.node.ts';
import type { Model } from '../vlm/model.ts';
import { visionTokensOf } from '../vlm/vision.ts';
import { layout, modelNames } from './layout.node.ts';
import {
	BESIDE_PROBES,
	PROBES,
	type ProbeStep,
	type Retrained,
	type SkippedProbe,
	type StudyProbes,
	studyProbes,
} from './probes.node.ts';
import { studiedModels } from './shipped.node.ts';
import { BESIDE_CONDITIONS, BESIDE_TASKS, CONDITIONS, checkLimit, type StudyTask, studyTasks } from './tasks.ts';

export interface StudyOptions {
	/** Checkpoint folders that everything is done on. Default: the package's base model. */
	models?: readonly string[];
	/**
	 * Checkpoint folders that stand beside them: 2DS in its yes-no form and its ventral twin, in order and shuffled, norms,
	 * RoPE's sensitivity and the entropy of attention; those that were trained on pooled tokens are points of Fig. 2.
	 * Default none; without `models` the other models that come with the package.
	 */
	compare?: readonly string[];
	/** Folder of everything the study writes; a study that was cut short there is gone on with. Default `study`. */
	out?: string;
	/** Default 0. */
	seed?: number;
	/** Most questions a task and condition. Default: all. */
	limit?: number;
	/** Default `cpu`. */
	device?: 'cpu' | 'webgpu' | 'cuda';
	threads?: number;
	/** CLIP folder, for those of the models that are in the original LLaVA's layout and leave the encoder out. */
	visionTower?: string;
	/** The command that makes the study, to be printed in the report. */
	command?: string;
	/** Stops after the answers under way, which are kept. */
	signal?: AbortSignal;
	onProgress?: (progress: StudyProgress) => void;
}

/** How far one part of a study has come. */
export interface StudyProgress {
	/** `base, 2ds`: the part under way. */
	part: string;
	done: number;
	total: number;
}

export interface StudyRun {
	model: string;
	task: string;
	title: string;
	dir: string;
	results: Results;
}

export interface Study {
	out: string;
	report: WrittenReport;
	runs: StudyRun[];
	/** Files of probe results. */
	probes: string[];
	/** Probes that a model does not support. */
	skipped: SkippedProbe[];
}

/**
 * Everything that the paper does, on the given models: 2DS in both forms and its ventral twin under every control, then
 * the probes, then one report. Call it again with the same `out` after a stop to go on from there.
 *
 * @example
 * const { report } = await study({ models: ['models/base'], out: 'study' });
 */
export async function study(options: StudyOptions = {}): Promise<Study> {
	const { out = 'study', seed = 0 } = options;
	const { models, compare } = studiedModels(options);
	if (models.length === 0) throw new UsageError('study: expected at least one model, got none', { code: 'models' });
	const tasks = studyTasks(seed);
	checkLimit(options.limit, tasks);
	const folders = [...models, ...compare];
	const pooled = await pooledAmong(folders.slice(1), options);
	const whole: Extent = { tasks, conditions: CONDITIONS, probes: PROBES };
	const beside: Extent = {
		tasks: tasks.filter(({ folder }) => BESIDE_TASKS.includes(folder)),
		conditions: BESIDE_CONDITIONS,
		probes: BESIDE_PROBES,
	};
	const runs: StudyRun[] = [];
	const probes: string[] = [];
	const skipped: SkippedProbe[] = [];
	for (const [i, name] of modelNames(folders).entries()) {
		const extent = i === 0 ? { ...whole, pooled } : i < models.length ? whole : beside;
		const part = { ...options, out, seed, folder: folders[i]!, name, ...extent };
		const plain = await askModel(part);
		const traced = await lookInside(part);
		runs.push(...plain.runs);
		for (const { files, skipped: left } of [plain.probes, traced]) {
			probes.push(...files);
			skipped.push(...left);
		}
	}
	const report = await writeReport({
		runs: runs.map(({ dir }) => dir),
		probes,
		out: layout.report(out),
		command: options.command ?? null,
	});
	return { out, report, runs, probes, skipped };
}

/** What is done on a model. */
interface Extent {
	tasks: readonly StudyTask[];
	conditions: string;
	probes: readonly ProbeStep[];
	/** Models that were trained with fewer vision tokens, points of its Fig. 2. */
	pooled?: readonly PooledModel[];
}

/** One model's part of a study. */
interface ModelPart extends StudyOptions, Extent {
	out: string;
	seed: number;
	/** Its checkpoint, and its name in the study's folders. */
	folder: string;
	name: string;
}

interface PooledModel {
	folder: string;
	hash: string;
}

/** Those of the models that were trained on pooled vision tokens. */
async function pooledAmong(folders: readonly string[], options: StudyOptions): Promise<PooledModel[]> {
	const pooled: PooledModel[] = [];
	for (const folder of folders) {
		const model = await loadOneOf(folder, engineOf(options));
		try {
			const { visionPath, hash } = model.checkpoint;
			if (visionPath.pool !== null) pooled.push({ folder, hash: await hash() });
		} finally {
			await model.close();
		}
	}
	return pooled;
}

const engineOf = ({ device, threads, visionTower }: StudyOptions) => ({
	...(device && { device }),
	...(threads !== undefined && { threads }),
	...(visionTower !== undefined && { visionTower }),
});

/** The pooled models of a part, for the probe that compares it with them. */
function retrainedOf({ pooled = [], ...part }: ModelPart): Retrained | undefined {
	if (pooled.length === 0) return undefined;
	return {
		hashes: pooled.map(({ hash }) => hash),
		async lend(use) {
			const models: Model[] = [];
			try {
				for (const { folder } of pooled) models.push(await loadOneOf(folder, engineOf(part)));
				const lent = models.map(async (model) => {
					return { backend: await nativeBackend(model), tokens: visionTokensOf(model) };
				});
				return await use(await Promise.all(lent));
			} finally {
				for (const model of models) await model.close();
			}
		},
	};
}

/** Loads the part's model for as long as `use` takes. */
async function withModel<T>(
	part: ModelPart,
	{ trace }: { trace: boolean },
	use: (model: Model) => Promise<T>,
): Promise<T> {
	// What asks questions also tries interventions, for which a large model should not be loaded twice.
	const model = await loadOneOf(part.folder, { trace, interventions: !trace, ...engineOf(part) });
	try {
		return await use(model);
	} finally {
		await model.close();
	}
}

/** Everything that asks questions: the evaluations, and the probes that compare answers. */
function askModel(part: ModelPart): Promise<{ runs: StudyRun[]; probes: StudyProbes }> {
	const { out, seed, name, tasks, conditions, limit, signal, onProgress } = part;
	return withModel(part, { trace: false }, async (model) => {
		const backend = await nativeBackend(model);
		const runs: StudyRun[] = [];
		for (const { folder, task } of tasks) {
			const dir = layout.run(out, name, folder);
			const store = await openRun(dir);
			try {
				const results = await evaluate({
					task,
					backend,
					conditions: parseConditions(conditions, { seed }),
					store,
					seed,
					...(limit !== undefined && { limit }),
					...(signal && { signal }),
					onProgress: ({ done, total }) => onProgress?.({ part: `${name}, ${folder}`, done, total }),
				});
				runs.push({ model: name, task: folder, title: task.title, dir, results });
			} finally {
				await store.close();
			}
		}
		return { runs, probes: await probeModel(model, part) };
	});
}

/** The probes that look inside the decoder. */
const lookInside = (part: ModelPart): Promise<StudyProbes> =>
	withModel(part, { trace: true }, (model) => probeModel(model, part));

function probeModel(model: Model, part: ModelPart): Promise<StudyProbes> {
	const { out, seed, name, tasks, probes, limit, signal, onProgress } = part;
	return studyProbes(model, probes, {
		out,
		seed,
		name,
		task: tasks[0]!.task,
		limit,
		retrained: retrainedOf(part),
		signal,
		onProgress: (probe, done, total) => onProgress?.({ part: `${name}, ${probe}`, done, total }),
	});
}
