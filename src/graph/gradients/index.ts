import { GraphError } from '../../base/errors.ts';
import { float32 } from '../../base/tensor.ts';
import { constant, emit } from '../graph.ts';
import type { Node, Operator, Value } from '../types.ts';
import { elementwiseGradients } from './elementwise.ts';
import { gatherGradients } from './gather.ts';
import { addUp, type Gradient } from './gradient.ts';
import { layoutGradients } from './layout.ts';
import { matmulGradients } from './matmul.ts';
import { normalizationGradients } from './normalization.ts';
import { atBackward } from './recompute.ts';
import { reduceGradients } from './reduce.ts';

/** The gradient of every operator that has one, by its ONNX name. */
const GRADIENTS: Record<string, Gradient> = {
	...elementwiseGradients,
	...gatherGradients,
	...layoutGradients,
	...matmulGradients,
	...normalizationGradients,
	...reduceGradients,
};

const stopOperator: Operator = { type: 'Identity', infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }] };

/** x, through which no derivative passes. */
export const stopGradient = (x: Value): Value => emit(x.graph, stopOperator, [x])[0]!;

/**
 * Reverse-mode differentiation: appends to the graph what computes d loss / d value for each of `wrt`, as ordinary
 * operators. `loss` must hold a single number. What `recomputed` has marked is computed anew and not kept. Throws a
 * GraphError where the loss does not depend on one of them or passes through an operator without a gradient.
 */
export function gradients(loss: Value, wrt: readonly Value[]): Value[] {
	const { graph } = loss;
	if (loss.shape.some((dim) => dim !== 1)) {
		throw new GraphError(`gradients: the loss must be a single number, got [${loss.shape}]`, {
			code: 'graph-gradient',
		});
	}
	const path = between(wrt, loss);
	const collected = new Map<Value, Value[]>([[loss, [constant(graph, float32([], [1]))]]]);
	const total = (value: Value): Value | null => {
		const terms = collected.get(value);
		if (!terms) return null;
		const sum = addUp(terms);
		collected.set(value, [sum]);
		return sum;
	};

	// Derivatives that are asked for and known by now: a block is computed anew only after them, so that they do not keep
	// what the blocks before it held.
	const ready = new Set<Value>();
	const asked = new Set(wrt);
	for (const node of path.reverse()) {
		const outputGradients = node.outputs.map(total);
		const known = outputGradients.find((gradient) => gradient !== null);
		if (!known) continue;
		gradientOf(node)(atBackward(node, [known, ...ready]), outputGradients).forEach((gradient, i) => {
			const value = node.inputs[i];
			if (!gradient || !value) return;
			collected.set(value, [...(collected.get(value) ?? []), gradient]);
			if (asked.has(value)) ready.add(gradient);
		});
	}
	return wrt.map((value) => {
		const gradient = total(value);
		if (!gradient) {
			throw new GraphError(`gradients: the loss does not depend on ${value.name}`, { code: 'graph-gradient' });
		}
		return gradient;
	});
}

function gradientOf({ operator }: Node): Gradient {
	const gradient = GRADIENTS[operator.type];
	if (!gradient) throw new GraphError(`${operator.type} has no gradient`, { code: 'graph-gradient' });
	return gradient;
}

/** The nodes that lie on a way from one of `wrt` to the loss and let derivatives through, in order. */
function between(wrt: readonly Value[], loss: Value): Node[] {
	const reached = new Set<Value>(wrt);
	const forward = loss.graph.nodes.filter((node) => {
		if (node.operator === stopOperator || !node.inputs.some((value) => value && reached.has(value))) return false;
		for (const value of node.outputs) reached.add(value);
		return true;
	});
	const needed = new Set<Value>([loss]);
	const path = forward.reverse().filter((node) => {
		if (!node.outputs.some((value) => needed.has(value))) return false;
		for (const value of node.inputs) if (value) needed.add(value);
		return true;
	});
	return path.reverse();
}
