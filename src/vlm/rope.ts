import { float32, type Tensor } from '../base/tensor.ts';
import type { TextConfig } from '../checkpoint/config.ts';

export const ROPE_COS = 'rope.cos';
export const ROPE_SIN = 'rope.sin';

/** θ^(−2i/size) for i = 0 … size/2 − 1: the angle in radians by which pair i turns a position (Su et al. 2021). */
export function inverseFrequencies({ headDim, ropeTheta }: Pick<TextConfig, 'headDim' | 'ropeTheta'>): Float32Array {
	return Float32Array.from({ length: headDim / 2 }, (_, i) => 1 / ropeTheta ** ((2 * i) / headDim));
}

/** Tables of cos and sin of position × frequency: [maxPositions, headDim / 2] each, angles rounded to float32 as in PyTorch. */
export function ropeTables(config: TextConfig): { cos: Tensor<'float32'>; sin: Tensor<'float32'> } {
	const frequencies = inverseFrequencies(config);
	const half = frequencies.length;
	const angles = Float32Array.from(
		{ length: config.maxPositions * half },
		(_, i) => Math.floor(i / half) * frequencies[i % half]!,
	);
	const shape = [config.maxPositions, half];
	return { cos: float32(shape, angles.map(Math.cos)), sin: float32(shape, angles.map(Math.sin)) };
}
