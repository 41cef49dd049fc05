import { InputError } from '../base/errors.ts';
import { compareRuns } from '../eval/compare.ts';
import type { Run } from '../eval/store.ts';
import { type Comparison, datasetsOf, type ProbeResult, type ReportData, type ReportRun } from './inputs.ts';
import { labels, shortName } from './labels.ts';
import { type PictureBudget, readScenes } from './scenes.ts';

/** Scenes shown for one data set unless told otherwise, and in a whole report however many data sets it has. */
const SCENES = { dataset: 6, report: 24 } as const;
/** All pictures together; with a third more as base64 they leave half of the report's 5 MB for everything else. */
const PICTURES_BYTES = 1_800_000;

const TITLE = 'Does it know where things are?';

export interface ReportOptions {
	/** Heading of the page; default "Does it know where things are?". */
	title?: string;
	/** The command that makes the report, to be printed in it; default none. */
	command?: string | null;
	/** Most scenes in the gallery of one data set; default 6, and at most 24 in all. */
	scenes?: number;
	probes?: readonly ProbeResult[];
	/** Probe files of kinds that are not drawn. */
	undrawn?: readonly string[];
}

/** Paired differences of every model against the first one that answered the same data set. */
async function compareModels(runs: readonly Run[], named: readonly ReportRun[]): Promise<Comparison[]> {
	const comparisons: Comparison[] = [];
	for (const dataset of datasetsOf(named)) {
		const members = named.flatMap((run, i) => (run.dataset === dataset ? [{ ...run, run: runs[i]! }] : []));
		const [first, ...others] = members;
		for (const other of others) {
			const compared = await compareRuns(first!.run, other.run, { seed: first!.manifest.seed });
			const intact = compared.conditions.find(({ condition }) => condition === 'intact');
			for (const paired of intact?.paired ?? []) {
				comparisons.push({ dataset, a: first!.model, b: other.model, paired });
			}
		}
	}
	return comparisons;
}

/** Reads everything that a report shows out of finished runs. */
export async function reportData(runs: readonly Run[], options: ReportOptions = {}): Promise<ReportData> {
	const { title = TITLE, command = null, scenes = SCENES.dataset, probes = [], undrawn = [] } = options;
	const names = labels(runs.map(({ location, manifest }) => ({ dir: location, manifest })));
	const datasets = new Set(names.map(({ dataset }) => dataset));
	const count = Math.min(scenes, Math.max(1, Math.floor(SCENES.report / datasets.size)));
	const pictures: PictureBudget = { bytes: PICTURES_BYTES };
	const pictured = new Set<string>();

	const named: ReportRun[] = [];
	for (const [i, run] of runs.entries()) {
		const { location: dir, manifest, results } = run;
		if (results === null) {
			throw new InputError(`${dir}: the run is not finished; give its command again to finish it`, {
				code: 'unfinished',
			});
		}
		if (Object.keys(results.conditions).length === 0) {
			throw new InputError(`${dir}: the run holds no answers; there is nothing to report`, { code: 'no-answers' });
		}
		const { model, dataset } = names[i]!;
		// Runs of one data set show the same pictures, so the first one's are enough.
		const first = !pictured.has(dataset);
		pictured.add(dataset);
		const read = await readScenes(run, { count, pictures: first ? pictures : null });
		named.push({ dir, model, dataset, manifest, results, ...read });
	}
	const modelOf = (probe: ProbeResult) =>
		named.find(({ manifest: { backend } }) => probe.modelHash !== null && backend.modelHash === probe.modelHash)
			?.model ??
		named.find(({ manifest: { backend } }) => backend.model === probe.model)?.model ??
		shortName(probe.model);
	return {
		title,
		command,
		runs: named,
		comparisons: await compareModels(runs, named),
		probes: probes.map((result) => ({ model: modelOf(result), result })),
		undrawn,
	};
}
