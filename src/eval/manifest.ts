import type { BackendFacts, Condition, GenerationSettings } from '../backends/backend.ts';
import { jsonDifferences } from '../base/difference.ts';
import { show } from '../base/json.ts';
import { VERSION } from '../base/version.ts';
import type { Task } from '../tasks/task.ts';
import { type Manifest, RUN_FORMAT } from './run.ts';

export interface ManifestParts {
	task: Task;
	backend: BackendFacts;
	conditions: readonly Condition[];
	settings: GenerationSettings;
	seed: number;
	/** Number of questions a condition is asked. */
	questions: number;
	imagesPerBatch: number;
	/** Ids of the questions whose images are kept. */
	gallery: readonly string[];
}

/** Everything that determines a run's records, as it is stored. */
export function buildManifest(parts: ManifestParts): Manifest {
	const { name, title, dataHash, facts } = parts.task;
	const { maxNewTokens, temperature, seed } = parts.settings;
	return {
		format: RUN_FORMAT,
		dorsal: VERSION,
		task: { name, title, dataHash, facts: { ...facts } },
		backend: { ...parts.backend },
		conditions: [...parts.conditions],
		generation: { maxNewTokens, temperature, seed },
		seed: parts.seed,
		questions: parts.questions,
		imagesPerBatch: parts.imagesPerBatch,
		gallery: [...parts.gallery],
	};
}

/** One place where two manifests say different things; `undefined` is nothing there. */
export interface Difference {
	/** What it is about: `model`, `prompt`, `data`, `vision path`, `conditions`, `generation`, `versions`. */
	part: string;
	/** Where in the manifest, such as `backend.versions.onnxruntime` or `conditions.permuted #1.path.permute.seed`. */
	path: string;
	a: unknown;
	b: unknown;
}

/** What is compared, in the order in which it is reported: the likelier cause of other answers first. */
function compared({ task, backend, conditions, generation, ...manifest }: Manifest): [part: string, value: object][] {
	const { kind, model, modelHash, graphHash, promptTemplate, visionPath, versions } = backend;
	const { prompt, variants, ...facts } = task.facts;
	return [
		['model', { backend: { kind, model, modelHash, graphHash } }],
		['prompt', { task: { facts: { prompt, variants } }, backend: { promptTemplate } }],
		['data', { task: { ...task, facts }, questions: manifest.questions }],
		['vision path', { backend: { visionPath } }],
		[
			'conditions',
			{
				conditions: Object.fromEntries(conditions.map((c) => [c.draw === 0 ? c.name : `${c.name} #${c.draw}`, c])),
				seed: manifest.seed,
				imagesPerBatch: manifest.imagesPerBatch,
			},
		],
		['generation', { generation }],
		['versions', { format: manifest.format, dorsal: manifest.dorsal, backend: { versions } }],
	];
}

/**
 * All differences of two manifests, the likelier cause of other answers first. A model is known by its hash: where
 * both runs have the same one, another folder name is no difference. The gallery follows from data and questions.
 */
export function differences(a: Manifest, b: Manifest): Difference[] {
	const same = a.backend.modelHash !== null && a.backend.modelHash === b.backend.modelHash;
	const others = compared(b);
	return compared(a).flatMap(([part, value], i) =>
		[...jsonDifferences(value, others[i]![1])]
			.filter(({ path }) => !(same && path === 'backend.model'))
			.map((found) => ({ part, ...found })),
	);
}

/** The first of `differences`; undefined where the manifests agree. */
export function firstDifference(a: Manifest, b: Manifest): Difference | undefined {
	return differences(a, b)[0];
}

/** One line, such as `data: questions: 3000 there, 100 here`. */
export function describeDifference({ part, path, a, b }: Difference, [there, here] = ['there', 'here']): string {
	return `${part}: ${path}: ${show(a)} ${there}, ${show(b)} ${here}`;
}
