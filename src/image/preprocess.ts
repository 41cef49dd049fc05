import { InputError } from '../base/errors.ts';
import { float32, type Tensor } from '../base/tensor.ts';
import { MAX_IMAGE_PIXELS } from './header.ts';
import { blankImage, pasteImage, type RgbImage } from './image.ts';
import type { PreprocessConfig, Size } from './preprocess-config.ts';
import { resizeImage } from './resize.ts';

export type { PreprocessConfig } from './preprocess-config.ts';

export interface PreprocessOptions {
	/** Centre the image on a square of the mean colour first (LLaVA's `image_aspect_ratio: pad`). Default: `config.pad`. */
	pad?: boolean;
}

/** The image centred on a square as wide as its longer edge; the odd pixel goes right or below. */
function padToSquare(image: RgbImage, colour: PreprocessConfig['padColour']): RgbImage {
	const side = Math.max(image.width, image.height);
	if (image.width === image.height) return image;
	if (side * side > MAX_IMAGE_PIXELS) {
		throw new InputError(
			`an image of ${image.width} × ${image.height} pixels is too long to pad to a square (at most ${MAX_IMAGE_PIXELS} pixels); crop it first`,
			{ code: 'image-too-large' },
		);
	}
	const square = blankImage(side, side, colour);
	pasteImage(square, image, (side - image.width) >> 1, (side - image.height) >> 1);
	return square;
}

/** transformers' rule: the shorter edge as asked, decimals of the longer cut off. */
function resizedSize({ width, height }: Size, resize: PreprocessConfig['resize']): Size {
	if (!resize) return { width, height };
	if (!('shortestEdge' in resize)) return resize;
	const { shortestEdge } = resize;
	return width <= height
		? { width: shortestEdge, height: Math.trunc((shortestEdge * height) / width) }
		: { width: Math.trunc((shortestEdge * width) / height), height: shortestEdge };
}

/**
 * The square that the encoder sees, still as 8-bit pixels: padded, resized, cropped from the middle. Where the image is
 * smaller than the crop, what is missing is black.
 */
export function fitImage(
	image: RgbImage,
	config: PreprocessConfig,
	{ pad = config.pad }: PreprocessOptions = {},
): RgbImage {
	const source = pad ? padToSquare(image, config.padColour) : image;
	const { width, height } = resizedSize(source, config.resize);
	const crop = config.crop ?? { width, height };
	const left = Math.floor((width - crop.width) / 2);
	const top = Math.floor((height - crop.height) / 2);
	const window = {
		left: Math.max(left, 0),
		top: Math.max(top, 0),
		width: Math.min(width, crop.width),
		height: Math.min(height, crop.height),
	};
	const part = resizeImage(source, { width, height, resample: config.resample, window });
	if (part.width === crop.width && part.height === crop.height) return part;
	const whole = blankImage(crop.width, crop.height);
	pasteImage(whole, part, Math.max(-left, 0), Math.max(-top, 0));
	return whole;
}

/**
 * Pixels for the vision encoder: [3, height, width], channels first. Steps and their order are those of transformers'
 * CLIPImageProcessor, each rounded to float32 as there: `(float32(value · rescale) − mean) / std`.
 */
export function preprocess(
	image: RgbImage,
	config: PreprocessConfig,
	options: PreprocessOptions = {},
): Tensor<'float32'> {
	const { width, height, data } = fitImage(image, config, options);
	const plane = width * height;
	const pixels = new Float32Array(3 * plane);
	for (let c = 0; c < 3; c++) {
		const mean = Math.fround(config.mean[c]!);
		const std = Math.fround(config.std[c]!);
		// One entry for each of the 256 values that a sample can have.
		const table = Float32Array.from(
			{ length: 256 },
			(_, value) => Math.fround(Math.fround(value * config.rescale) - mean) / std,
		);
		for (let i = 0; i < plane; i++) pixels[c * plane + i] = table[data[i * 3 + c]!]!;
	}
	return float32([3, height, width], pixels);
}
