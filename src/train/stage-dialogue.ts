import { type Graph, output } from '../graph/index.ts';
import type { Session } from '../runtime/runtime.ts';
import { forRows, layoutOf, type MicroBatch, packBatch } from './data/batch.ts';
import type { Sample } from './data/sample.ts';
import type { SampleSource } from './data/source.ts';
import { type DialogueSetup, dialogueHits, dialogueLoss } from './dialogue.ts';
import { gradientGraph, type TrainingGraph, trainingGraph } from './graphs.ts';
import { ahead, runParts } from './overlap.ts';
import type { DialogueStage } from './recipe.ts';
import { accumulate, type StageContext, type StageRunner, type StepGradients } from './stage.ts';
import { bindSession, groupOf, inputsFrom } from './weights.ts';

interface Made {
	session: Session;
	trained: TrainingGraph['trained'];
}

/** Questions and answers: stages 1 and 2 of LLaVA, and the text-only pre-training of the decoder. */
export function openDialogueStage(
	{ microBatch, learningRate, recompute }: DialogueStage,
	context: StageContext,
	source: SampleSource,
): StageRunner {
	const { weights, runtime, features, tail } = context;
	const layout = layoutOf(context);
	const config = forRows(context.config);
	const trains = (name: string) => {
		const group = groupOf(name);
		return group !== undefined && group !== 'captions' && learningRate[group] !== undefined;
	};
	const setup = (imageAt: number | null): DialogueSetup => ({
		config,
		vision: imageAt === null ? null : { features, tail, imageAt },
		recompute,
	});
	const lossGraph = (imageAt: number | null) =>
		gradientGraph(trains, (graph, p) => dialogueLoss(graph, p, setup(imageAt)));
	const hitsGraph = (imageAt: number | null) =>
		trainingGraph('hits', trains, (graph, p) => output('hits', dialogueHits(graph, p, setup(imageAt))));

	const sessions = new Map<string, Promise<Made>>();
	const made = (name: string, { graph, trained }: { graph: Graph; trained: TrainingGraph['trained'] }) => {
		const session = bindSession(runtime, graph, weights, config.text).then((bound) => ({ session: bound, trained }));
		sessions.set(name, session);
		return session;
	};
	const known = (name: string, graph: () => TrainingGraph) => sessions.get(name) ?? made(name, graph());
	const lossOf = (imageAt: number | null) => known(`loss ${imageAt}`, () => lossGraph(imageAt));
	const hitsOf = (imageAt: number | null) => known(`hits ${imageAt}`, () => hitsGraph(imageAt));
	const run = async (of: (imageAt: number | null) => Promise<Made>, { feeds, imageAt }: MicroBatch) => {
		const { session, trained } = await of(imageAt);
		return { fetches: await session.run({ ...feeds, ...inputsFrom(weights, trained) }), trained };
	};
	const batches = ahead(
		async (step) => packBatch(await source.samples(step), microBatch, layout),
		runtime,
		source.steps,
	);

	return {
		steps: source.steps,
		trained: lossGraph(source.vision ? source.imageAt : null).trained.map(({ name, shape }) => ({
			name,
			shape: shape as readonly number[],
		})),
		async gradients(step) {
			const sum: StepGradients = { loss: 0, accuracy: 0, gradients: new Map() };
			await runParts(
				await batches(step),
				runtime,
				(part) => run(lossOf, part),
				({ fetches, trained }) => accumulate(sum, fetches, trained),
			);
			return sum;
		},
		async answers(samples) {
			const right = new Map<Sample, boolean[]>();
			await runParts(
				packBatch(samples, microBatch, layout),
				runtime,
				(part) => run(hitsOf, part),
				({ fetches }, part) => readHits(fetches.hits!.data as Float32Array, part.samples, right),
			);
			return samples.map((sample) => right.get(sample)!);
		},
		async release() {
			for (const one of await Promise.allSettled(sessions.values())) {
				if (one.status === 'fulfilled') await one.value.session.release();
			}
		},
	};
}

/** A branch is right where all its targets are hit; rows are samples, each with as many places. */
function readHits(hits: Float32Array, samples: readonly Sample[], right: Map<Sample, boolean[]>): void {
	const asked = hits.length / samples.length;
	samples.forEach((sample, b) => {
		let at = b * asked;
		right.set(
			sample,
			sample.branches.map(({ targets }) => {
				const own = hits.subarray(at, at + targets.length);
				at += targets.length;
				return own.every((hit) => hit === 1);
			}),
		);
	});
}
