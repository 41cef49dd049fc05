import type { Manifest } from '../eval/run.ts';

/** A name in one line, for tables and legends. */
const oneLine = (name: string): string => name.replace(/\s+/g, ' ');

/** A short name of a model: the last part of its folder, or the whole address of a remote one. */
export function shortName(model: string): string {
	const name = model.includes('://') ? model : model.split(/[\\/]/).filter(Boolean).at(-1);
	return oneLine(name ?? model);
}

const hashMark = (hash: string | null): string => (hash === null ? 'unknown hash' : hash.slice(0, 8));

/** Gives every item its first candidate name, or the next one where another identity already goes by it. */
function distinct(items: readonly { identity: string; names: readonly string[] }[]): string[] {
	const taken = new Map<string, string>();
	const given = new Map<string, string>();
	return items.map(({ identity, names }) => {
		const known = given.get(identity);
		if (known !== undefined) return known;
		const free = names.find((name) => !taken.has(name)) ?? `${names.at(-1)} (${given.size + 1})`;
		taken.set(free, identity);
		given.set(identity, free);
		return free;
	});
}

/** Names for each run's data set and model, such that no two different things share a name within a report. */
export function labels(runs: readonly { dir: string; manifest: Manifest }[]): { model: string; dataset: string }[] {
	const datasets = distinct(
		runs.map(({ manifest: { task } }) => ({
			identity: `${task.name}\n${task.dataHash}`,
			names: [oneLine(task.title), `${oneLine(task.title)} (${hashMark(task.dataHash)})`],
		})),
	);
	const seen = new Map<string, number>();
	const models = distinct(
		runs.map(({ dir, manifest: { backend } }, i) => {
			const model = `${backend.model}\n${backend.modelHash}\n${JSON.stringify(backend.visionPath)}`;
			const copies = seen.get(`${model}\n${datasets[i]}`) ?? 0;
			seen.set(`${model}\n${datasets[i]}`, copies + 1);
			const short = shortName(backend.model);
			// A second run of one model over one data set is a model of its own in the report, named by its folder.
			return copies === 0
				? { identity: model, names: [short, oneLine(backend.model), `${short} (${hashMark(backend.modelHash)})`] }
				: { identity: `${model}\n${dir}`, names: [`${short}, ${oneLine(dir)}`] };
		}),
	);
	return runs.map((_, i) => ({ model: models[i]!, dataset: datasets[i]! }));
}
