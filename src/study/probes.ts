import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { VERSION } from '../base/version.ts';
import { type ProbeData, type ProbeRunOptions, taskData } from '../probes/data.ts';
import { probeNorms } from '../probes/norms.ts';
import type { Task } from '../tasks/task.ts';
import type { Model } from '../vlm/model.ts';
import { layout } from './layout.ts';

interface ProbeStep {
	/** Name of the result's file. */
	name: string;
	/** Most images it looks at. */
	images: number;
	run(model: Model, data: ProbeData, options: ProbeRunOptions): Promise<object>;
}

/** The probes of a study, in order; each looks at images of the first task. */
const PROBES: readonly ProbeStep[] = [{ name: 'norms', images: 500, run: probeNorms }];

export interface StudyProbesOptions {
	/** Folder of the study and the model's name in it. */
	out: string;
	name: string;
	task: Task;
	limit?: number | undefined;
	signal?: AbortSignal | undefined;
	onProgress?: ((probe: string, done: number, total: number) => void) | undefined;
}

/** Runs every probe that has no result yet; returns the files of all results. `model` must be loaded with `trace`. */
export async function studyProbes(
	model: Model,
	{ out, name, task, limit, signal, onProgress }: StudyProbesOptions,
): Promise<string[]> {
	const files: string[] = [];
	for (const { name: probe, images, run } of PROBES) {
		const file = layout.probe(out, name, probe);
		const data = taskData(task, { limit: Math.min(images, limit ?? images) });
		const madeFrom = {
			dorsal: VERSION,
			modelHash: await model.checkpoint.hash(),
			dataHash: task.dataHash,
			images: data.items.length,
		};
		if (!(await isMadeFrom(file, madeFrom))) {
			const result = await run(model, data, {
				...(signal && { signal }),
				onProgress: (done, total) => onProgress?.(probe, done, total),
			});
			await writeWhole(file, `${JSON.stringify({ ...result, madeFrom }, null, '\t')}\n`);
		}
		files.push(file);
	}
	return files;
}

/** Whether a result is there already, made by this version from the same model and data. */
async function isMadeFrom(file: string, madeFrom: object): Promise<boolean> {
	try {
		const stored = JSON.parse(await readFile(file, 'utf8')) as { madeFrom?: unknown };
		return JSON.stringify(stored.madeFrom) === JSON.stringify(madeFrom);
	} catch {
		return false;
	}
}

async function writeWhole(file: string, text: string): Promise<void> {
	await mkdir(path.dirname(file), { recursive: true });
	await writeFile(`${file}.part`, text);
	await rename(`${file}.part`, file);
}
