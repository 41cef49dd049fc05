import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../base/errors.ts';
import { isZip } from '../eval/store.node.ts';

/** Where a study keeps its parts below its folder. `model` is a name from `modelNames`. */
export const layout = {
	run: (out: string, model: string, task: string) => path.join(out, 'runs', model, task),
	probe: (out: string, model: string, probe: string) => path.join(out, 'probes', model, `${probe}.json`),
	/** Answers that a probe was given. */
	probeRun: (out: string, model: string, probe: string) => path.join(out, 'probe-runs', model, probe),
	report: (out: string) => path.join(out, 'report.html'),
};

/** A short name for each model folder, its last part; numbered where two have the same. */
export function modelNames(folders: readonly string[]): string[] {
	const seen = new Map<string, number>();
	return folders.map((folder) => {
		const name = path.basename(path.resolve(folder)) || 'model';
		const count = (seen.get(name) ?? 0) + 1;
		seen.set(name, count);
		return count === 1 ? name : `${name}-${count}`;
	});
}

/** Files below a folder by name, in order; none where there is no such folder. */
async function filesBelow(folder: string, wanted: (name: string) => boolean): Promise<string[]> {
	if (!existsSync(folder)) return [];
	const files = await readdir(folder, { recursive: true });
	return files
		.filter((file) => wanted(path.basename(file)))
		.sort()
		.map((file) => path.join(folder, file));
}

/** Runs and probe results in what is each a run, a `.zip` of one, or a study. */
export async function findResults(folders: readonly string[]): Promise<{ runs: string[]; probes: string[] }> {
	const runs: string[] = [];
	const probes: string[] = [];
	for (const folder of folders) {
		if (existsSync(path.join(folder, 'manifest.json')) || (await isZip(folder))) {
			runs.push(folder);
			continue;
		}
		const manifests = await filesBelow(path.join(folder, 'runs'), (name) => name === 'manifest.json');
		if (manifests.length === 0) {
			throw new UsageError(
				`${folder}: holds neither a run nor a study; give a folder that dorsal eval or study wrote, or a .zip of a run`,
				{
					code: 'no-run',
				},
			);
		}
		runs.push(...manifests.map((file) => path.dirname(file)).sort());
		probes.push(...(await filesBelow(path.join(folder, 'probes'), (name) => name.endsWith('.json'))));
	}
	return { runs, probes };
}
