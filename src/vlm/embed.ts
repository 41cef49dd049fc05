import { float32, int64, type Tensor } from '../base/tensor.ts';
import type { Model } from './model.ts';

/** Word embeddings of token ids, all lists equally long: batch × [sequence] → [batch, sequence, width] */
export async function embed(model: Model, ids: readonly (readonly number[])[]): Promise<Tensor<'float32'>> {
	const session = await model.embedTokens();
	const { inputs_embeds } = await session.run({ input_ids: int64([ids.length, ids[0]!.length], ids.flat()) });
	return inputs_embeds as Tensor<'float32'>;
}

/**
 * What the decoder reads before the question: the embedded text before the image, the same for every image, and the
 * image's vision tokens. ids [P] and vision tokens [batch, V, width] → [batch, P + V, width]
 */
export async function embedPrefix(
	model: Model,
	ids: readonly number[],
	vision: Tensor<'float32'>,
): Promise<Tensor<'float32'>> {
	const [batch, count, width] = vision.shape as [number, number, number];
	const length = ids.length + count;
	const out = new Float32Array(batch * length * width);
	const text = ids.length > 0 ? (await embed(model, [ids])).data : new Float32Array(0);
	for (let b = 0; b < batch; b++) {
		out.set(text, b * length * width);
		out.set(vision.data.subarray(b * count * width, (b + 1) * count * width), (b * length + ids.length) * width);
	}
	return float32([batch, length, width], out);
}
