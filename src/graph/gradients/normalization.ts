import { add, div, exp, mul, neg, sqrt, sub } from '../ops/elementwise.ts';
import { reduceMean, reduceSum } from '../ops/reduce.ts';
import { rotaryEmbedding } from '../ops/rotary.ts';
import type { Node, Value } from '../types.ts';
import { type Gradient, sumTo } from './gradient.ts';

const last = (x: Value) => [x.shape.length - 1];
const mean = (x: Value) => reduceMean(x, last(x), { keepDims: true });
const epsilonOf = ({ attributes }: Node) => (attributes.epsilon as { float: number }).float;

/** With n = (x − mean)/σ and g = dy·scale: dx = (g − mean(g) − n·mean(g·n)) / σ */
const layerNorm: Gradient = (node, [dy]) => {
	const [x, scale, bias] = node.inputs as [Value, Value, Value];
	const centred = sub(x, mean(x));
	const deviation = sqrt(add(mean(mul(centred, centred)), epsilonOf(node)));
	const normed = div(centred, deviation);
	const g = mul(dy!, scale);
	const dx = div(sub(sub(g, mean(g)), mul(normed, mean(mul(g, normed)))), deviation);
	return [dx, sumTo(mul(dy!, normed), scale.shape), sumTo(dy!, bias.shape)];
};

/** With r = √(mean(x²) + ε), n = x/r and g = dy·scale: dx = (g − n·mean(g·n)) / r */
const rmsNorm: Gradient = (node, [dy]) => {
	const [x, scale] = node.inputs as [Value, Value];
	const root = sqrt(add(mean(mul(x, x)), epsilonOf(node)));
	const normed = div(x, root);
	const g = mul(dy!, scale);
	return [div(sub(g, mul(normed, mean(mul(g, normed)))), root), sumTo(mul(dy!, normed), scale.shape)];
};

export const normalizationGradients: Record<string, Gradient> = {
	LayerNormalization: layerNorm,
	RMSNormalization: rmsNorm,
	// y·(dy − Σ dy·y)
	Softmax: ({ outputs, attributes }, [dy]) => {
		const [y] = outputs as [Value];
		return [mul(y, sub(dy!, reduceSum(mul(dy!, y), [attributes.axis as number], { keepDims: true })))];
	},
	// dy − softmax·Σ dy
	LogSoftmax: ({ outputs, attributes }, [dy]) => {
		const [y] = outputs as [Value];
		return [sub(dy!, mul(exp(y), reduceSum(dy!, [attributes.axis as number], { keepDims: true })))];
	},
	// A rotation's transpose turns the other way.
	RotaryEmbedding: ({ inputs }, [dy]) => {
		const [, cos, sin, positions] = inputs as [Value, Value, Value, Value];
		return [rotaryEmbedding(dy!, cos, neg(sin), positions), null, null, null];
	},
};
