import { float32, type Tensor } from '../base/tensor.ts';
import type { VisionPath } from '../checkpoint/vision-path.ts';
import { gridSide } from '../vlm/clip.ts';
import type { Model } from '../vlm/model.ts';
import { poolMatrix } from '../vlm/pooling.ts';

/** Weights on a pooled grid, each spread over the patches that were averaged into it: [s²] → [side²] */
function onPatches(weights: readonly number[], side: number): Float32Array {
	const s = Math.sqrt(weights.length);
	if (s === side) return Float32Array.from(weights);
	const { data } = poolMatrix(side, s); // [s², side²]
	const patches = side * side;
	return Float32Array.from({ length: patches }, (_, patch) =>
		weights.reduce((sum, weight, i) => sum + weight * data[i * patches + patch]!, 0),
	);
}

/**
 * Where the patches under some weights have looked in the encoder, VLM-Visualizer's rule (see `vlm/rollout.ts`): the
 * weights, brought to sum 1, times the mean attention of the layers up to the last one that is taken.
 *
 * @param pixels [1, 3, size, size]
 * @param weights by place of the grid that the decoder sees, row by row
 * @returns by patch, row by row
 */
export async function visionRollout(
	model: Model,
	path: VisionPath,
	pixels: Tensor<'float32'>,
	weights: readonly number[],
): Promise<number[]> {
	const side = gridSide(model.config.vision);
	const patches = side * side;
	const total = weights.reduce((a, b) => a + b, 0) || 1;
	const fed = new Float32Array(patches + 1);
	fed.set(
		onPatches(
			weights.map((weight) => weight / total),
			side,
		),
		1,
	);
	const session = await model.visionEncoder(path);
	const feeds = { pixel_values: pixels, rollout_weights: float32([1, 1, patches + 1], fed) };
	const { rollout } = await session.run(feeds, ['rollout']);
	return Array.from((rollout!.data as Float32Array).subarray(1));
}
