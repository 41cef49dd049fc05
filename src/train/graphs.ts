import type { LlavaConfig } from '../checkpoint/config.ts';
import type { VisionPath } from '../checkpoint/vision-path.ts';
import {
	concat,
	createGraph,
	type Graph,
	gather,
	gradients,
	input,
	mul,
	output,
	product,
	reshape,
	slice,
	type Value,
	weight,
} from '../graph/index.ts';
import { visionFeatures } from '../vlm/graphs.ts';
import { embedTokens, llama, logits } from '../vlm/llama.ts';
import type { Parameters } from '../vlm/parameters.ts';
import { projector } from '../vlm/projector.ts';
import { type VisionTail, visionTail } from '../vlm/vision-tail.ts';
import { type AdamWOptions, adamW, clipFactor, globalNorm } from './adamw.ts';
import { crossEntropy } from './loss.ts';

/** What a training graph is built for. */
export interface TrainingSetup {
	config: LlavaConfig;
	features: Pick<VisionPath, 'layers' | 'postLayerNorm'>;
	tail: VisionTail;
	/** Where the image's id stands in `input_ids`; the same in every sequence. */
	imageAt: number;
	/** Whether a tensor is trained; the others are weights of the graph. */
	trains(name: string): boolean;
}

export const meanName = (name: string) => `adamw.mean.${name}`;
export const squareName = (name: string) => `adamw.square.${name}`;
export const gradientName = (name: string) => `gradient.${name}`;

/** The names of the parameters that a training graph takes as inputs, in their order of use. */
export const trainedNames = (graph: Graph, setup: TrainingSetup): string[] =>
	graph.inputs.map(({ name }) => name).filter(setup.trains);

/**
 * `pixel_values` [batch, 3, size, size], `input_ids` int64 [batch, text], `position_ids` int64 [batch, length],
 * `attention_bias` [1, 1, length, length], `target_rows` int64 [targets] (which of the batch · length tokens predict a
 * target), `target_ids` int64 [targets] and every trained parameter under its own name → the mean loss over all targets.
 */
function lossOf(graph: Graph, setup: TrainingSetup): { loss: Value; trained: Value[] } {
	const { config, features, tail, imageAt } = setup;
	const { vision, text } = config;
	const trained = new Map<string, Value>();
	const p: Parameters = (name, shape) => {
		if (!setup.trains(name)) return weight(graph, name, shape);
		const value = trained.get(name) ?? input(graph, name, 'float32', shape);
		trained.set(name, value);
		return value;
	};
	const pixels = input(graph, 'pixel_values', 'float32', [
		'batch',
		vision.channels,
		vision.imageSize,
		vision.imageSize,
	]);
	const ids = input(graph, 'input_ids', 'int64', ['batch', 'text']);
	const positions = input(graph, 'position_ids', 'int64', ['batch', 'length']);
	const bias = input(graph, 'attention_bias', 'float32', [1, 1, 'length', 'length']);
	const rows = input(graph, 'target_rows', 'int64', ['targets']);
	const targets = input(graph, 'target_ids', 'int64', ['targets']);

	const tokens = visionTail(
		p,
		projector(p, visionFeatures(p, pixels, config, features), text.hiddenSize, config.projector),
		tail,
	);
	const words = embedTokens(p, ids, text);
	const before = slice(words, 1, 0, imageAt, imageAt);
	const after = slice(words, 1, imageAt + 1, Number.MAX_SAFE_INTEGER, 'rest');
	const embeddings = concat([before, tokens, after], 1, { dim: 'length' });
	const { hiddenStates } = llama(p, { embeddings, positions, bias, past: [] }, text);
	const final = reshape(hiddenStates.at(-1)!, [product('batch', 'length'), text.hiddenSize]);
	const loss = crossEntropy(logits(p, gather(final, rows), text), targets);
	return { loss, trained: [...trained.values()] };
}

/** `loss` and `gradient.NAME` for every trained parameter: what data-parallel workers and accumulation need. */
export function gradientGraph(setup: TrainingSetup): Graph {
	const graph = createGraph('gradient');
	const { loss, trained } = lossOf(graph, setup);
	gradients(loss, trained).forEach((gradient, i) => {
		output(gradientName(trained[i]!.name), gradient);
	});
	output('loss', loss);
	return graph;
}

export interface UpdateOptions extends AdamWOptions {
	/** Global norm that gradients are clipped to. Default 1. */
	maxGradNorm?: number;
}

/**
 * A whole training step: besides the inputs of the loss takes `learning_rate`, `step` (scalars) and AdamW's state
 * (`adamw.mean.NAME`, `adamw.square.NAME`), and gives `loss`, `gradient_norm` (before clipping) and every parameter and
 * state anew, as `next.…`.
 */
export function stepGraph(setup: TrainingSetup, { maxGradNorm = 1, ...options }: UpdateOptions = {}): Graph {
	const graph = createGraph('step');
	const { loss, trained } = lossOf(graph, setup);
	update(graph, trained, gradients(loss, trained), maxGradNorm, options);
	output('loss', loss);
	return graph;
}

function update(
	graph: Graph,
	parameters: readonly Value[],
	raw: readonly Value[],
	maxGradNorm: number,
	options: AdamWOptions,
): void {
	const learningRate = input(graph, 'learning_rate', 'float32', []);
	const step = input(graph, 'step', 'float32', []);
	const norm = globalNorm(raw);
	const factor = clipFactor(norm, maxGradNorm);
	parameters.forEach((parameter, i) => {
		const mean = input(graph, meanName(parameter.name), 'float32', parameter.shape);
		const square = input(graph, squareName(parameter.name), 'float32', parameter.shape);
		const next = adamW({ parameter, mean, square }, mul(raw[i]!, factor), { learningRate, step }, options);
		output(`next.${parameter.name}`, next.parameter);
		output(`next.${mean.name}`, next.mean);
		output(`next.${square.name}`, next.square);
	});
	output('gradient_norm', norm);
}
