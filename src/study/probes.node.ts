import { readFile } from 'node:fs/promises';
import { nativeBackend } from '../backends/native.ts';
import { UsageError } from '../base/errors.ts';
import { replaceFile } from '../base/replace-file.node.ts';
import { VERSION } from '../base/version.ts';
import { openRun } from '../eval/store.node.ts';
import type { RunStore } from '../eval/store.ts';
import { probeAttention } from '../probes/attention.ts';
import { probeBalance } from '../probes/balance-probe.ts';
import { probeCompression, type RetrainedModel } from '../probes/compression.ts';
import { type ProbeData, type ProbeRunOptions, taskData } from '../probes/data.ts';
import { probeInterventions } from '../probes/interventions.ts';
import { probeLinear } from '../probes/linear.ts';
import { probeNorms } from '../probes/norms.ts';
import { probePermutation } from '../probes/permutation.ts';
import { probeRope } from '../probes/rope.ts';
import { taskPart } from '../probes/task-part.ts';
import type { Task } from '../tasks/task.ts';
import type { Model } from '../vlm/model.ts';
import { visionTokensOf } from '../vlm/vision.ts';
import { layout } from './layout.node.ts';

/** Images that a study's probes look at. */
const IMAGES = 100;
/** Norms are cheap, and their outliers rare. */
const NORM_IMAGES = 500;
/** Linear probes are cross-validated with so many parts of the images. */
const FOLDS = 5;

/** What one step of a study has to work with. */
export interface ProbeInput {
	/** Loaded with `trace` where the step says so. */
	model: Model;
	task: Task;
	seed: number;
	/** Most images, and most questions a condition; default all that the step is meant for. */
	limit?: number | undefined;
	/** Keeps the answers of a step that asks, so that it can be gone on with. */
	store?: RunStore;
	/** Models that were trained with fewer vision tokens (Fig. 2); default none. */
	retrained?: Retrained | undefined;
	run: ProbeRunOptions;
}

/** Models that stand beside the one under study, loaded for as long as they are used. */
export interface Retrained {
	/** Hashes of their checkpoints. */
	hashes: readonly string[];
	lend<T>(use: (models: readonly RetrainedModel[]) => Promise<T>): Promise<T>;
}

export interface ProbeStep {
	/** Name of the result's file. */
	name: string;
	/** Whether it looks inside the decoder; others ask questions. */
	trace: boolean;
	/** Images of the task that it looks at. */
	images: number;
	/** Whether it compares the model with those that were trained with fewer tokens. */
	retrained?: boolean;
	run(input: ProbeInput): Promise<object>;
}

type Asking = Parameters<typeof probePermutation>[0];

const asking = (
	name: string,
	probe: (options: Asking, model: Model, retrained: Retrained | undefined) => Promise<object>,
): ProbeStep => ({
	name,
	trace: false,
	images: IMAGES,
	async run({ model, task, seed, limit, store, retrained, run }) {
		const backend = await nativeBackend(model);
		const part = taskPart(task, IMAGES);
		const options = {
			...run,
			task: part,
			backend,
			seed,
			...(limit !== undefined && { limit }),
			...(store && { store }),
		};
		return probe(options, model, retrained);
	},
});

const looking = (
	name: string,
	probe: (model: Model, data: ProbeData, run: ProbeRunOptions) => Promise<object>,
	images = IMAGES,
): ProbeStep => ({
	name,
	trace: true,
	images,
	run: ({ model, task, limit = images, run }) => probe(model, taskData(task, { limit: Math.min(images, limit) }), run),
});

const compression: ProbeStep = {
	...asking('compression', (options, model, others) => {
		const probe = (retrained: readonly RetrainedModel[]) =>
			probeCompression({ ...options, tokens: visionTokensOf(model), retrained });
		return others ? others.lend(probe) : probe([]);
	}),
	retrained: true,
};

const linear: ProbeStep = {
	name: 'linear',
	trace: true,
	images: IMAGES,
	run: ({ model, seed, limit = IMAGES, run }) =>
		probeLinear(model, { ...run, images: Math.max(FOLDS, Math.min(IMAGES, limit)), folds: FOLDS, seed }),
};

/** Every probe of a study, in order. */
export const PROBES: readonly ProbeStep[] = [
	asking('permutation', (options) => probePermutation(options)),
	compression,
	asking('interventions', (options) => probeInterventions(options)),
	looking('norms', probeNorms, NORM_IMAGES),
	looking('rope', probeRope),
	looking('balance', probeBalance),
	looking('attention', probeAttention),
	linear,
];

/** Those that tell models apart which differ in their vision path: Fig. 3, RoPE's sensitivity (App. A) and Table 4. */
export const BESIDE_PROBES: readonly ProbeStep[] = [
	looking('norms', probeNorms),
	looking('rope', probeRope),
	looking('attention', probeAttention),
];

export interface StudyProbesOptions extends Pick<ProbeInput, 'task' | 'seed' | 'limit' | 'retrained'> {
	/** Folder of the study and the model's name in it. */
	out: string;
	name: string;
	signal?: AbortSignal | undefined;
	onProgress?: ((probe: string, done: number, total: number) => void) | undefined;
}

/** A probe that a model does not support, and why. */
export interface SkippedProbe {
	model: string;
	probe: string;
	reason: string;
}

export interface StudyProbes {
	/** Files of results. */
	files: string[];
	skipped: SkippedProbe[];
}

/** Runs each of `steps` that has no result yet, of those that look inside the decoder or of those that do not, as `model` was loaded. */
export async function studyProbes(
	model: Model,
	steps: readonly ProbeStep[],
	{ out, name, signal, onProgress, ...input }: StudyProbesOptions,
): Promise<StudyProbes> {
	const { task, seed, limit = null, retrained } = input;
	const found: StudyProbes = { files: [], skipped: [] };
	for (const { name: probe, trace, images, retrained: compares, run } of steps) {
		if (trace !== model.trace) continue;
		const file = layout.probe(out, name, probe);
		const modelHash = await model.checkpoint.hash();
		const others = compares && retrained ? { retrained: retrained.hashes } : {};
		const madeFrom = { dorsal: VERSION, modelHash, dataHash: task.dataHash, images, seed, limit, ...others };
		if (!(await isMadeFrom(file, madeFrom))) {
			const store = trace ? undefined : await openRun(layout.probeRun(out, name, probe));
			try {
				const progress = (done: number, total: number) => onProgress?.(probe, done, total);
				const options = { ...(signal && { signal }), onProgress: progress };
				const result = await run({ ...input, model, run: options, ...(store && { store }) });
				await replaceFile(file, `${JSON.stringify({ ...result, madeFrom }, null, '\t')}\n`);
			} catch (error) {
				if (!(error instanceof UsageError) || error.code === 'run-differs') throw error;
				found.skipped.push({ model: name, probe, reason: error.message });
				continue;
			} finally {
				await store?.close();
			}
		}
		found.files.push(file);
	}
	return found;
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
