import { scalar } from '../graph.ts';
import {
	add,
	cast,
	cos,
	div,
	erf,
	exp,
	lessOrEqual,
	mul,
	neg,
	pow,
	sigmoid,
	sin,
	sub,
	where,
} from '../ops/elementwise.ts';
import type { Node, Value } from '../types.ts';
import { type Gradient, sumTo } from './gradient.ts';

type Derivative = (dy: Value, x: Value, y: Value, node: Node) => Value;
type BinaryDerivatives = (dy: Value, a: Value, b: Value, y: Value) => [Value, Value];

const unary =
	(derivative: Derivative): Gradient =>
	(node, [dy]) => [derivative(dy!, node.inputs[0]!, node.outputs[0]!, node)];

const binary =
	(derivatives: BinaryDerivatives): Gradient =>
	({ inputs, outputs }, [dy]) => {
		const [a, b] = inputs as [Value, Value];
		const [da, db] = derivatives(dy!, a, b, outputs[0]!);
		return [sumTo(da, a.shape), sumTo(db, b.shape)];
	};

/** Of two equal numbers the first counts as the chosen one. */
const chosen = (dy: Value, first: Value): [Value, Value] => [where(first, dy, 0), where(first, 0, dy)];

/** y = x · sigmoid(αx): s + αy·(1 − s) with s = sigmoid(αx) */
const quickGelu: Derivative = (dy, x, y, { attributes }) => {
	const alpha = (attributes.alpha as { float: number }).float;
	const times = (value: Value) => (alpha === 1 ? value : mul(value, alpha));
	const s = sigmoid(times(x));
	return mul(dy, add(s, mul(times(y), sub(scalar(x.graph, 1), s))));
};

/** x·Φ(x): Φ(x) + x·φ(x) */
const gelu: Derivative = (dy, x) => {
	const cdf = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
	const pdf = mul(exp(mul(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
	return mul(dy, add(cdf, mul(x, pdf)));
};

export const elementwiseGradients: Record<string, Gradient> = {
	Identity: (_, dy) => dy,
	Add: binary((dy) => [dy, dy]),
	Sub: binary((dy) => [dy, neg(dy)]),
	Mul: binary((dy, a, b) => [mul(dy, b), mul(dy, a)]),
	Div: binary((dy, _, b, y) => [div(dy, b), neg(div(mul(dy, y), b))]),
	// The exponent is taken as a constant: nothing here learns one.
	Pow: ({ inputs }, [dy]) => {
		const [x, exponent] = inputs as [Value, Value];
		return [sumTo(mul(dy!, mul(pow(x, sub(exponent, 1)), exponent)), x.shape), null];
	},
	Min: binary((dy, a, b) => chosen(dy, lessOrEqual(a, b))),
	Max: binary((dy, a, b) => chosen(dy, lessOrEqual(b, a))),
	Where: ({ inputs }, [dy]) => {
		const [condition, a, b] = inputs as [Value, Value, Value];
		return [null, sumTo(where(condition, dy!, 0), a.shape), sumTo(where(condition, 0, dy!), b.shape)];
	},
	Neg: unary((dy) => neg(dy)),
	Exp: unary((dy, _, y) => mul(dy, y)),
	Log: unary((dy, x) => div(dy, x)),
	Sqrt: unary((dy, _, y) => div(mul(dy, 0.5), y)),
	Reciprocal: unary((dy, _, y) => neg(mul(dy, mul(y, y)))),
	Abs: unary((dy, x) =>
		mul(dy, sub(cast(lessOrEqual(scalar(x.graph, 0), x), 'float32'), cast(lessOrEqual(x, 0), 'float32'))),
	),
	Erf: unary((dy, x) => mul(dy, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI)))),
	Sin: unary((dy, x) => mul(dy, cos(x))),
	Cos: unary((dy, x) => neg(mul(dy, sin(x)))),
	Sigmoid: unary((dy, x, y) => mul(dy, mul(y, sub(scalar(x.graph, 1), y)))),
	Tanh: unary((dy, x, y) => mul(dy, sub(scalar(x.graph, 1), mul(y, y)))),
	Gelu: unary(gelu),
	QuickGelu: unary(quickGelu),
	Cast: ({ inputs }, [dy]) => [inputs[0]!.dtype === 'float32' ? cast(dy!, 'float32') : null],
};
