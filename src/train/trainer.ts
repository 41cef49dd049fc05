import type { FileStore, WriteStore } from '../checkpoint/checkpoint.ts';
import { writeCheckpoint } from '../checkpoint/write.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { CAPTIONS, captionShapes } from './contrastive.ts';
import { checkLength, layoutOf } from './data/batch.ts';
import { checkRoom } from './data/scene.ts';
import { type OpenConversations, openSource, type SampleSource } from './data/source.ts';
import { askedAs, type EvaluationSet, evaluateStage, evaluationSet } from './evaluation.ts';
import { initialTensor } from './initial.ts';
import type { Metric } from './metrics.ts';
import { openRun } from './open-run.ts';
import { createOptimizer, type Optimizer, startMoments } from './optimizer.ts';
import { initialSeed, type Recipe, type Stage } from './recipe.ts';
import { type RunFolder, saveRun, saveStage } from './run-folder.ts';
import type { StageContext, StageRunner } from './stage.ts';
import { openContrastiveStage } from './stage-contrastive.ts';
import { openDialogueStage } from './stage-dialogue.ts';
import type { Start } from './start.ts';
import { checkTensors, STATE_FILE, type TrainingState } from './state.ts';
import { checkLoss, takeStep } from './step.ts';
import { summary, type TrainResult } from './summary.ts';
import { finalPath, measureWords, tailOf } from './tail.ts';
import { groupOf } from './weights.ts';

/** How far a run has come. */
export interface TrainingProgress {
	stage: string;
	/** Steps of the stage that are done, of `steps`. */
	step: number;
	steps: number;
	/** The last step; null before the first of this call. */
	metric: Metric | null;
}

export interface TrainOptions {
	recipe: Recipe;
	/** The model that the recipe begins with. */
	start: Start;
	runtime: Runtime;
	/** Where micro-batches are computed, several at a time where it has threads. Default `runtime`. */
	workers?: Runtime;
	folder: RunFolder;
	/** Runs that have carried out some of this recipe's first stages: these are taken from there. Default none. */
	reuse?: readonly FileStore[];
	/** Where the finished checkpoint is written. */
	model: WriteStore;
	openConversations: OpenConversations;
	/** Stops after the step under way; the state is kept. */
	signal?: AbortSignal;
	onProgress?: (progress: TrainingProgress) => void;
	/** Called each time the state and the metrics have been saved. */
	onSave?: () => void | Promise<void>;
}

/**
 * Carries out a recipe, or goes on with what an earlier call began in the same folder: the state is saved every so many
 * steps and when `signal` is aborted, and a run that was cut anywhere and resumed ends with the same weights, bit for
 * bit, as one that was not (same machine, same number of threads).
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
	const { recipe, start, folder, reuse = [] } = options;
	const { state, metrics } = await openRun(folder, recipe, start, reuse);
	const sources = await openSources(options, state);
	while (state.position.stage < recipe.stages.length) await trainStage(options, state, metrics, sources);
	await writeCheckpoint(
		options.model,
		{
			config: start.config,
			visionPath: finalPath(start.visionPath, state),
			read: (name) => state.weights.get(name)!,
			copyFrom: start.files,
		},
		{ dtype: 'F16' },
	);
	return summary(
		recipe.stages.map(({ name }) => name),
		metrics,
	);
}

type Sources = ReadonlyMap<string, SampleSource>;

/** The samples of all stages that are still to come, so that what is wrong with the last one is told before the first. */
async function openSources({ recipe, start, openConversations }: TrainOptions, state: TrainingState): Promise<Sources> {
	const context = { ...start, tail: tailOf(start.visionPath, state), seed: recipe.seed };
	const sources = new Map<string, SampleSource>();
	/** Ways of asking 2DS that have been looked at: most stages share one. */
	const known = new Set<string>();
	for (const stage of recipe.stages.slice(state.position.stage)) {
		if (stage.kind === 'dialogue') sources.set(stage.name, await openSource(stage, context, openConversations));
		else checkRoom(stage.data, `stages: ${stage.name}: data`);
		const asked = recipe.evaluate && askedAs(stage);
		const way = asked && `${asked.as} ${asked.cells}`;
		if (!way || known.has(way)) continue;
		known.add(way);
		for (const sample of evaluationSet({ ...recipe.evaluate!, images: 1 }, asked, context).samples) {
			checkLength(sample, layoutOf(context), `recipe: stages: ${stage.name}: evaluate: `);
		}
	}
	return sources;
}

async function trainStage(
	options: TrainOptions,
	state: TrainingState,
	metrics: Metric[],
	sources: Sources,
): Promise<void> {
	const { recipe, folder, signal, onProgress = () => {}, onSave } = options;
	const { position } = state;
	const stage = recipe.stages[position.stage]!;
	const { runner, optimizer, evaluation } = await openStage(stage, options, state, sources.get(stage.name));
	const { steps } = runner;
	const save = async () => {
		await saveRun(folder, state, metrics);
		await onSave?.();
	};
	const began = position.step;
	/** Whether the state is to be saved once its loss is known to be finite, that is, in the next step. */
	let isDue = false;
	const saveIfDue = async () => {
		if (isDue) await save();
		isDue = false;
	};
	try {
		onProgress({ stage: stage.name, step: position.step, steps, metric: null });
		while (position.step < steps) {
			if (signal?.aborted) {
				if (position.step > began) await checkLoss(stage, position.step, runner, folder);
				await save();
				throw signal.reason;
			}
			const step = position.step + 1;
			const metric = await takeStep(stage, step, { runner, optimizer, saveIfDue }, folder);
			position.step = step;
			if (evaluation && (step % recipe.evaluate!.every === 0 || step === steps)) {
				metric.evaluation = await evaluateStage(evaluation, runner.answers!);
			}
			metrics.push(metric);
			onProgress({ stage: stage.name, step, steps, metric });
			isDue = step % recipe.saveEvery === 0 && step < steps;
		}
		if (steps > began) await checkLoss(stage, steps, runner, folder);
	} finally {
		await runner.release();
		await optimizer.release();
	}
	for (const name of state.weights.keys()) if (groupOf(name) === CAPTIONS) state.weights.delete(name);
	state.moments.clear();
	await saveStage(folder, stage.name, state);
	state.position = { ...position, stage: position.stage + 1, step: 0 };
	await save();
}

interface OpenStage {
	runner: StageRunner;
	optimizer: Optimizer;
	evaluation: EvaluationSet | null;
}

async function openStage(
	stage: Stage,
	options: TrainOptions,
	state: TrainingState,
	source: SampleSource | undefined,
): Promise<OpenStage> {
	const { recipe, runtime, start, workers = runtime } = options;
	if (source?.vision) measureWords(start.visionPath, state);
	const { layers, postLayerNorm } = start.visionPath;
	const context: StageContext = {
		// A contrastive loss compares a whole batch: it is one graph.
		runtime: stage.kind === 'contrastive' ? runtime : workers,
		config: start.config,
		text: start.text,
		preprocess: start.preprocess,
		features: { layers, postLayerNorm },
		tail: tailOf(start.visionPath, state),
		seed: recipe.seed,
		weights: state.weights,
	};
	let runner: StageRunner;
	if (stage.kind === 'contrastive') {
		for (const [name, shape] of captionShapes(start.config, stage)) {
			if (state.weights.has(name)) continue;
			state.weights.set(
				name,
				initialTensor(name, shape, { seed: initialSeed(recipe, CAPTIONS), config: start.config }),
			);
		}
		runner = await openContrastiveStage(stage, context);
	} else {
		runner = openDialogueStage(stage, context, source!);
	}
	const { trained, steps } = runner;
	const where = `${options.folder.read.location}/${STATE_FILE}`;
	checkTensors(where, state.weights, trained);
	startMoments(state.moments, trained);
	const optimizer = await createOptimizer(stage, { runtime, trained, steps }, state);
	const asked = recipe.evaluate && askedAs(stage);
	return { runner, optimizer, evaluation: asked && evaluationSet(recipe.evaluate!, asked, context) };
}
