import { float32, type Tensor } from '../base/tensor.ts';
import type { RgbImage } from '../image/image.ts';
import { preprocess } from '../image/preprocess.ts';
import type { Model } from './model.ts';

/** Encoded bytes (PNG, JPEG or WebP) or decoded pixels. */
export type ImageSource = Uint8Array | RgbImage;

/** What the encoder sees of some images: [batch, 3, size, size] */
export async function pixelsOf(model: Model, images: readonly ImageSource[]): Promise<Tensor<'float32'>> {
	const { channels, imageSize } = model.config.vision;
	const shape = [channels, imageSize, imageSize];
	const size = channels * imageSize * imageSize;
	const out = new Float32Array(images.length * size);
	for (const [i, source] of images.entries()) {
		const image = source instanceof Uint8Array ? await model.decodeImage(source) : source;
		out.set(preprocess(image, model.preprocess).data, i * size);
	}
	return float32([images.length, ...shape], out);
}
