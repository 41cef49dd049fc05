import {
	createGraph,
	type Graph,
	gradients,
	input,
	mul,
	output,
	type Shape,
	type Value,
	weight,
} from '../graph/index.ts';
import type { Parameters } from '../vlm/parameters.ts';
import { type AdamWOptions, adamW, clipFactor, globalNorm } from './adamw.ts';

export const gradientName = (name: string) => `gradient.${name}`;
export const meanName = (name: string) => `adamw.mean.${name}`;
export const squareName = (name: string) => `adamw.square.${name}`;
export const nextName = (name: string) => `next.${name}`;
export const rateName = (group: string) => `learning_rate.${group}`;

/** A graph whose trained parameters are inputs, under their own names, in the order of their use. */
export interface TrainingGraph {
	graph: Graph;
	trained: Value[];
}

/**
 * Builds a graph over parameters of which those that `trains` names are inputs and the others weights, bound when the
 * session is made.
 */
export function trainingGraph(
	name: string,
	trains: (parameter: string) => boolean,
	build: (graph: Graph, p: Parameters) => void,
): TrainingGraph {
	const graph = createGraph(name);
	const trained = new Map<string, Value>();
	build(graph, (parameter, shape) => {
		if (!trains(parameter)) return weight(graph, parameter, shape);
		const value = trained.get(parameter) ?? input(graph, parameter, 'float32', shape);
		trained.set(parameter, value);
		return value;
	});
	return { graph, trained: [...trained.values()] };
}

/** `loss`, `accuracy` and, for every trained parameter, `gradient.NAME`. */
export function gradientGraph(
	trains: (parameter: string) => boolean,
	build: (graph: Graph, p: Parameters) => { loss: Value; accuracy: Value },
): TrainingGraph {
	let made: { loss: Value; accuracy: Value } | undefined;
	const built = trainingGraph('gradient', trains, (graph, p) => {
		made = build(graph, p);
	});
	const { loss, accuracy } = made!;
	gradients(loss, built.trained).forEach((gradient, i) => {
		output(gradientName(built.trained[i]!.name), gradient);
	});
	output('loss', loss);
	output('accuracy', accuracy);
	return built;
}

export interface UpdateSetup {
	/** Name and shape of every parameter. */
	parameters: readonly { name: string; shape: Shape }[];
	/** The group of a parameter; each has a learning rate of its own. */
	group(name: string): string;
	/** Share of a parameter taken off at each step, times the learning rate. */
	weightDecay(name: string): number;
	/** Global norm that gradients are clipped to; null leaves them. */
	maxGradNorm: number | null;
	adamW?: Omit<AdamWOptions, 'weightDecay'>;
}

/**
 * Clipping and one step of AdamW: takes every parameter, its `gradient.NAME` and state (`adamw.mean.NAME`,
 * `adamw.square.NAME`), `learning_rate.GROUP` and `step` (scalars, 1 at the first step), and gives `gradient_norm`
 * (before clipping) and every parameter and state anew, as `next.…`.
 */
export function updateGraph({ parameters, group, weightDecay, maxGradNorm, adamW: options }: UpdateSetup): Graph {
	const graph = createGraph('update');
	const step = input(graph, 'step', 'float32', []);
	const groups = [...new Set(parameters.map(({ name }) => group(name)))];
	const rates = new Map(groups.map((name) => [name, input(graph, rateName(name), 'float32', [])]));
	const raw = parameters.map(({ name, shape }) => input(graph, gradientName(name), 'float32', shape));
	const norm = globalNorm(raw);
	const factor = maxGradNorm === null ? null : clipFactor(norm, maxGradNorm);
	parameters.forEach(({ name, shape }, i) => {
		const parameter = input(graph, name, 'float32', shape);
		const mean = input(graph, meanName(name), 'float32', shape);
		const square = input(graph, squareName(name), 'float32', shape);
		const gradient = factor ? mul(raw[i]!, factor) : raw[i]!;
		const next = adamW(
			{ parameter, mean, square },
			gradient,
			{ learningRate: rates.get(group(name))!, step },
			{
				...options,
				weightDecay: weightDecay(name),
			},
		);
		output(nextName(name), next.parameter);
		output(nextName(mean.name), next.mean);
		output(nextName(square.name), next.square);
	});
	output('gradient_norm', norm);
	return graph;
}
