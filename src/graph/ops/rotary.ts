import { emit, shapeError } from '../graph.ts';
import type { Operator, Value } from '../types.ts';

const rotaryOperator: Operator = {
	type: 'RotaryEmbedding',
	infer: (inputs) => {
		const [x, cos, sin, positions] = inputs;
		const half = (x!.shape[3] as number) / 2;
		if (x!.shape.length !== 4) throw shapeError('RotaryEmbedding', inputs, 'x must be [batch, heads, sequence, size]');
		if (cos!.shape[1] !== half || sin!.shape[1] !== half) {
			throw shapeError('RotaryEmbedding', inputs, `the tables must have ${half} columns`);
		}
		if (positions!.shape[1] !== x!.shape[2]) {
			throw shapeError('RotaryEmbedding', inputs, 'there must be a position for every token');
		}
		return [{ dtype: x!.dtype, shape: x!.shape }];
	},
};

/**
 * Rotary position embedding with halves paired (x₁, x₂) → (x₁cos − x₂sin, x₂cos + x₁sin), as Llama does.
 * x [batch, heads, sequence, size]; cos, sin [positions, size / 2]; positions int64 [batch, sequence].
 */
export const rotaryEmbedding = (x: Value, cos: Value, sin: Value, positions: Value): Value =>
	emit(x.graph, rotaryOperator, [x, cos, sin, positions])[0]!;
