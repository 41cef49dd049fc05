import { nativeBackend } from '../backends/native.ts';
import { UsageError } from '../base/errors.ts';
import { parseConditions } from '../eval/conditions.ts';
import type { Results } from '../eval/run.ts';
import { evaluate } from '../eval/runner.ts';
import { openRun } from '../eval/store.node.ts';
import { type WrittenReport, writeReport } from '../report/write.node.ts';
import type { Task } from '../tasks/task.ts';
import { load } from '../vlm/load.node.ts';
import { layout, modelNames } from './layout.ts';
import { shippedModels } from './shipped.ts';
import { CONDITIONS, studyTasks } from './tasks.ts';

export interface StudyOptions {
	/** Checkpoint folders. Default: the models that come with the package. */
	models?: readonly string[];
	/** Folder of everything the study writes; a study that was cut short there is gone on with. Default `study`. */
	out?: string;
	/** Default 0. */
	seed?: number;
	/** Most questions a task and condition. Default: all. */
	limit?: number;
	/** Default `cpu`. */
	device?: 'cpu' | 'webgpu' | 'cuda';
	threads?: number;
	/** The command that makes the study, to be printed in the report. */
	command?: string;
	/** Stops after the answers under way, which are kept. */
	signal?: AbortSignal;
	onProgress?: (progress: StudyProgress) => void;
}

/** How far one part of a study has come. */
export interface StudyProgress {
	/** `tiny-llava, 2ds`: the part under way. */
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
}

/**
 * Everything that the paper does, on the given models: 2DS in both forms and its ventral twin under every control, then
 * the probes, then one report. Call it again with the same `out` after a stop to go on from there.
 *
 * @example
 * const { report } = await study({ models: ['models/tiny-llava'], out: 'study' });
 */
export async function study(options: StudyOptions = {}): Promise<Study> {
	const { models = shippedModels(), out = 'study', seed = 0 } = options;
	if (models.length === 0) throw new UsageError('study: expected at least one model, got none', { code: 'models' });
	const tasks = studyTasks(seed);
	const runs: StudyRun[] = [];
	for (const [i, name] of modelNames(models).entries()) {
		runs.push(...(await studyModel(models[i]!, name, tasks, { ...options, out, seed })));
	}
	const report = await writeReport({
		runs: runs.map(({ dir }) => dir),
		out: layout.report(out),
		command: options.command ?? null,
	});
	return { out, report, runs, probes: [] };
}

async function studyModel(
	folder: string,
	name: string,
	tasks: readonly { folder: string; task: Task }[],
	{ out, seed, limit, device, threads, signal, onProgress }: StudyOptions & { out: string; seed: number },
): Promise<StudyRun[]> {
	const model = await load(folder, { ...(device && { device }), ...(threads !== undefined && { threads }) });
	try {
		const backend = await nativeBackend(model);
		const runs: StudyRun[] = [];
		for (const { folder: taskFolder, task } of tasks) {
			const dir = layout.run(out, name, taskFolder);
			const store = await openRun(dir);
			try {
				const results = await evaluate({
					task,
					backend,
					conditions: parseConditions(CONDITIONS, { seed }),
					store,
					seed,
					...(limit !== undefined && { limit }),
					...(signal && { signal }),
					onProgress: ({ done, total }) => onProgress?.({ part: `${name}, ${taskFolder}`, done, total }),
				});
				runs.push({ model: name, task: taskFolder, title: task.title, dir, results });
			} finally {
				await store.close();
			}
		}
		return runs;
	} finally {
		await model.close();
	}
}
