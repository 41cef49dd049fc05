import { emit, shapeError } from '../graph.ts';
import { resolveAxis } from '../shape.ts';
import type { Operator, Value } from '../types.ts';

const scaleMustFit = (type: string, inputs: readonly (Value | null)[]) => {
	const [x, ...parameters] = inputs;
	const width = x!.shape.at(-1);
	if (parameters.some((p) => p && (p.shape.length !== 1 || p.shape[0] !== width))) {
		throw shapeError(type, inputs, `scale and bias must be [${width}]`);
	}
	return [{ dtype: x!.dtype, shape: x!.shape }];
};

const layerNormOperator: Operator = {
	type: 'LayerNormalization',
	infer: (inputs) => scaleMustFit('LayerNormalization', inputs),
};

/** (x − mean) / sqrt(variance + epsilon) · scale + bias over the last axis. */
export const layerNorm = (x: Value, scale: Value, bias: Value, epsilon: number): Value =>
	emit(x.graph, layerNormOperator, [x, scale, bias], { axis: -1, epsilon: { float: epsilon } })[0]!;

const rmsNormOperator: Operator = {
	type: 'RMSNormalization',
	infer: (inputs) => scaleMustFit('RMSNormalization', inputs),
};

/** x / sqrt(mean(x²) + epsilon) · scale over the last axis (Zhang and Sennrich 2019). */
export const rmsNorm = (x: Value, scale: Value, epsilon: number): Value =>
	emit(x.graph, rmsNormOperator, [x, scale], { axis: -1, epsilon: { float: epsilon } })[0]!;

const alongAxis = (type: string): Operator => ({
	type,
	infer: ([x], { axis }) => {
		if (resolveAxis(axis as number, x!.shape.length) === undefined) {
			throw shapeError(type, [x!], `there is no axis ${axis}`);
		}
		return [{ dtype: x!.dtype, shape: x!.shape }];
	},
});
const softmaxOperator = alongAxis('Softmax');
const logSoftmaxOperator = alongAxis('LogSoftmax');

/** exp(x) / Σ exp(x) along one axis, default the last. */
export const softmax = (x: Value, axis = -1): Value => emit(x.graph, softmaxOperator, [x], { axis })[0]!;

/** x − log Σ exp(x) along one axis, default the last. */
export const logSoftmax = (x: Value, axis = -1): Value => emit(x.graph, logSoftmaxOperator, [x], { axis })[0]!;
