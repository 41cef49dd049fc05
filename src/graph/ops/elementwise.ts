import type { Dtype } from '../../base/tensor.ts';
import { emit, scalar, shapeError } from '../graph.ts';
import { broadcast } from '../shape.ts';
import type { Attributes, Operator, Value, ValueType } from '../types.ts';

/** A value, or a number that becomes a float32 scalar constant. */
export type Operand = Value | number;

const lift = (other: Value, operand: Operand): Value =>
	typeof operand === 'number' ? scalar(other.graph, operand) : operand;

function inferBinary(type: string, result?: Dtype) {
	return ([a, b]: readonly (Value | null)[]): ValueType[] => {
		if (a!.dtype !== b!.dtype) throw shapeError(type, [a!, b!], 'the dtypes differ; cast one');
		const shape = broadcast(a!.shape, b!.shape);
		if (!shape) throw shapeError(type, [a!, b!], 'the shapes do not broadcast');
		return [{ dtype: result ?? a!.dtype, shape }];
	};
}

function binary(type: string, result?: Dtype) {
	const operator: Operator = { type, infer: inferBinary(type, result) };
	return (a: Value, b: Operand): Value => emit(a.graph, operator, [a, lift(a, b)])[0]!;
}

function unary(type: string, result?: Dtype, domain?: 'com.microsoft') {
	const operator: Operator = {
		type,
		...(domain && { domain }),
		infer: ([x]) => [{ dtype: result ?? x!.dtype, shape: x!.shape }],
	};
	return (x: Value, attributes: Attributes = {}): Value => emit(x.graph, operator, [x], attributes)[0]!;
}

/** a + b, broadcast. */
export const add = binary('Add');
/** a − b, broadcast. */
export const sub = binary('Sub');
/** a · b, broadcast. */
export const mul = binary('Mul');
/** a / b, broadcast. */
export const div = binary('Div');
/** a to the power b, broadcast. */
export const pow = binary('Pow');
/** The larger of the two, broadcast. */
export const max = binary('Max');
/** The smaller of the two, broadcast. */
export const min = binary('Min');
/** a < b as bool. */
export const less = binary('Less', 'bool');
/** a ≤ b as bool. */
export const lessOrEqual = binary('LessOrEqual', 'bool');
/** a = b as bool. */
export const equal = binary('Equal', 'bool');
/** Logical and of two bools, broadcast. */
export const and = binary('And');

export const neg = unary('Neg');
export const exp = unary('Exp');
export const log = unary('Log');
export const sqrt = unary('Sqrt');
export const reciprocal = unary('Reciprocal');
export const abs = unary('Abs');
export const erf = unary('Erf');
export const sin = unary('Sin');
export const cos = unary('Cos');
export const not = unary('Not');
/** 1 / (1 + exp(−x)) */
export const sigmoid = unary('Sigmoid');
export const tanh = unary('Tanh');
/** x · Φ(x), exact (erf). */
export const gelu = unary('Gelu');

const quickGeluOp = unary('QuickGelu', undefined, 'com.microsoft');
/** x · sigmoid(1.702 x), CLIP's activation, as ORT's own fused operator. */
export const quickGelu = (x: Value): Value => quickGeluOp(x, { alpha: { float: 1.702 } });
/** x · sigmoid(x), Llama's activation, as ORT's own fused operator. */
export const silu = (x: Value): Value => quickGeluOp(x, { alpha: { float: 1 } });

/** ONNX's numbers for dtypes (TensorProto.DataType). */
const DTYPE_CODE: Record<Dtype, number> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10 };

/** x converted to another dtype; x itself where it already has it. */
export function cast(x: Value, dtype: Dtype): Value {
	if (x.dtype === dtype) return x;
	const operator: Operator = { type: 'Cast', infer: ([input]) => [{ dtype, shape: input!.shape }] };
	return emit(x.graph, operator, [x], { to: DTYPE_CODE[dtype] })[0]!;
}

const whereOperator: Operator = {
	type: 'Where',
	infer: ([condition, a, b]) => {
		if (a!.dtype !== b!.dtype) throw shapeError('Where', [condition!, a!, b!], 'the dtypes of the two choices differ');
		const choices = broadcast(a!.shape, b!.shape);
		const shape = choices && broadcast(condition!.shape, choices);
		if (!shape) throw shapeError('Where', [condition!, a!, b!], 'the shapes do not broadcast');
		return [{ dtype: a!.dtype, shape }];
	},
};

/** condition ? a : b, element by element, broadcast. */
export const where = (condition: Value, a: Operand, b: Operand): Value =>
	emit(condition.graph, whereOperator, [condition, lift(condition, a), lift(condition, b)])[0]!;
