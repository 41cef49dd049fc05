import { add, div, min, mul, pow, reciprocal, reduceSum, scalar, sqrt, sub, type Value } from '../graph/index.ts';

export interface AdamWOptions {
	/** Decay of the two running means. Default 0.9 and 0.999. */
	beta1?: number;
	beta2?: number;
	/** Keeps the division defined. Default 1e-8. */
	epsilon?: number;
	/** Share of a parameter taken off at each step, times the learning rate. Default 0.01. */
	weightDecay?: number;
}

export interface AdamWState {
	parameter: Value;
	/** Running mean of the gradient. */
	mean: Value;
	/** Running mean of its square. */
	square: Value;
}

/**
 * One step of AdamW (Loshchilov and Hutter 2019), in PyTorch's order: decay, running means, bias correction, update.
 * `learningRate` and `step` (1 at the first) are float32 scalars.
 */
export function adamW(
	{ parameter, mean, square }: AdamWState,
	gradient: Value,
	{ learningRate, step }: { learningRate: Value; step: Value },
	{ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 }: AdamWOptions = {},
): AdamWState {
	const { graph } = parameter;
	const one = scalar(graph, 1);
	const decayed = mul(parameter, sub(one, mul(learningRate, weightDecay)));
	const newMean = add(mul(mean, beta1), mul(gradient, 1 - beta1));
	const newSquare = add(mul(square, beta2), mul(mul(gradient, gradient), 1 - beta2));
	const correction1 = sub(one, pow(scalar(graph, beta1), step));
	const correction2 = sub(one, pow(scalar(graph, beta2), step));
	const denominator = add(mul(sqrt(newSquare), reciprocal(sqrt(correction2))), epsilon);
	const update = div(mul(newMean, div(learningRate, correction1)), denominator);
	return { parameter: sub(decayed, update), mean: newMean, square: newSquare };
}

/** √ Σ g² over all gradients together: a scalar. */
export function globalNorm(gradients: readonly Value[]): Value {
	const squares = gradients.map((gradient) =>
		reduceSum(
			mul(gradient, gradient),
			gradient.shape.map((_, i) => i),
		),
	);
	return sqrt(squares.reduce((a, b) => add(a, b)));
}

/** Factor that brings a global norm down to `maxNorm`, 1 where it is not above: min(1, maxNorm / (norm + 1e-6)), as PyTorch's. */
export const clipFactor = (norm: Value, maxNorm: number): Value =>
	min(div(scalar(norm.graph, maxNorm), add(norm, 1e-6)), 1);
