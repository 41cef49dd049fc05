import { DorsalError } from '../base/errors.ts';
import type { Metric } from './metrics.ts';
import type { Optimizer } from './optimizer.ts';
import type { Stage } from './recipe.ts';
import type { RunFolder } from './run-folder.ts';
import type { StageRunner } from './stage.ts';
import { STATE_FILE } from './state.ts';

interface Step {
	runner: StageRunner;
	optimizer: Optimizer;
	/** Called when the loss at the present weights is known to be finite. */
	saveIfDue(): Promise<void>;
}

/** One update. Throws where loss, gradients or new weights are not finite, before anything is changed or saved. */
export async function takeStep(
	stage: Stage,
	step: number,
	{ runner, optimizer, saveIfDue }: Step,
	{ read }: RunFolder,
): Promise<Metric> {
	const before = performance.now();
	const { loss, accuracy, gradients } = await runner.gradients(step);
	if (!Number.isFinite(loss)) throw await notFinite(`the loss is ${loss}`, stage, step, read);
	const saving = performance.now();
	await saveIfDue();
	const saved = performance.now();
	const { gradientNorm, updated } = await optimizer.update(step, gradients);
	if (!updated) {
		const what = Number.isFinite(gradientNorm)
			? 'the new weights would not be finite'
			: `the gradients' norm is ${gradientNorm}`;
		throw await notFinite(what, stage, step, read);
	}
	const seconds = (performance.now() - saved + saving - before) / 1000;
	return {
		stage: stage.name,
		step,
		loss,
		accuracy,
		learningRate: optimizer.learningRate(step),
		gradientNorm,
		imagesPerSecond: stage.batch / seconds,
	};
}

/** Throws where step `step` left weights at which the loss on its samples is not finite: such weights are not kept. */
export async function checkLoss(stage: Stage, step: number, runner: StageRunner, { read }: RunFolder): Promise<void> {
	const { loss } = await runner.gradients(step);
	if (!Number.isFinite(loss)) throw await notFinite(`after it the loss is ${loss}`, stage, step, read);
}

async function notFinite(what: string, { name }: Stage, step: number, read: RunFolder['read']): Promise<DorsalError> {
	const kept = (await read.has(STATE_FILE))
		? `the last good state is kept in ${read.location}/${STATE_FILE}`
		: 'no state had been saved yet';
	return new DorsalError(
		`stage ${name}, step ${step}: ${what}; ${kept}: lower learningRate or clip in the recipe, and give another --out`,
		{ code: 'not-finite' },
	);
}
