import { gelu, product, reshape, type Value } from '../graph/index.ts';
import { linear, type Parameters } from './parameters.ts';

/** LLaVA-1.5's projector (mlp2x_gelu): [batch, tokens, features] → Linear, GELU, Linear → [batch, tokens, width]. */
export function projector(p: Parameters, features: Value, width: number, { bias = true } = {}): Value {
	const [batch, tokens, channels] = features.shape;
	const flat = reshape(features, [product(batch!, tokens!), channels!]);
	const inner = gelu(linear(p, 'multi_modal_projector.linear_1', flat, width, { bias }));
	return reshape(linear(p, 'multi_modal_projector.linear_2', inner, width, { bias }), [batch!, tokens!, width]);
}
