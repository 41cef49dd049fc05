import { z } from 'zod';
import { InputError } from '../base/errors.ts';
import { validate } from '../base/json.ts';
import type { Resample } from './resize.ts';

export interface Size {
	/** In pixels. */
	width: number;
	/** In pixels. */
	height: number;
}

/** What preprocessor_config.json asks for, every default filled in. */
export interface PreprocessConfig {
	/** Size to resize to: the shorter edge (the other keeps the shape), or both; null leaves the image. */
	resize: { shortestEdge: number } | Size | null;
	resample: Resample;
	/** Part cut out of the middle; null keeps the whole. */
	crop: Size | null;
	/** Centre the image on a square of the mean colour before resizing, unless the caller says otherwise. */
	pad: boolean;
	/** Colour of that square: the mean in 0 … 255, decimals cut off, as LLaVA does. */
	padColour: [number, number, number];
	/** Factor on the 8-bit values; 1/255 brings them to 0 … 1. */
	rescale: number;
	/** Taken from each channel after rescaling. */
	mean: [number, number, number];
	/** Divides each channel after that. */
	std: [number, number, number];
}

/** The means and deviations that OpenAI's CLIP was trained with; transformers' defaults. */
const CLIP_MEAN: [number, number, number] = [0.48145466, 0.4578275, 0.40821073];
const CLIP_STD: [number, number, number] = [0.26862954, 0.26130258, 0.27577711];

/** Encoders take a few hundred pixels; the largest published ones some 1,500. */
const MAX_SIDE = 8192;
const side = z.int().min(1).max(MAX_SIDE);
const size = z.strictObject({ height: side, width: side });
const triple = z.tuple([z.number(), z.number(), z.number()]);
const FILTERS: Record<number, Resample> = { 1: 'lanczos', 2: 'bilinear', 3: 'bicubic', 4: 'box' };

const schema = z.looseObject({
	do_resize: z.boolean().default(true),
	size: z
		.union([side, z.strictObject({ shortest_edge: side }), size], {
			error: `expected a number of pixels up to ${MAX_SIDE}, { "shortest_edge" } or { "height", "width" }`,
		})
		.nullish(),
	resample: z
		.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)], {
			error: 'expected 1 (lanczos), 2 (bilinear), 3 (bicubic) or 4 (box)',
		})
		.default(3),
	do_center_crop: z.boolean().default(true),
	crop_size: z
		.union([side, size], { error: `expected a number of pixels up to ${MAX_SIDE} or { "height", "width" }` })
		.nullish(),
	do_pad: z.boolean().nullish(),
	do_rescale: z.boolean().default(true),
	rescale_factor: z
		.number()
		.positive()
		.default(1 / 255),
	do_normalize: z.boolean().default(true),
	image_mean: triple.default(CLIP_MEAN),
	image_std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]).default(CLIP_STD),
});

const square = (pixels: number): Size => ({ width: pixels, height: pixels });

function resizeTo(given: z.infer<typeof schema>['size'], imageSize: number): { shortestEdge: number } | Size {
	if (given == null) return { shortestEdge: imageSize };
	if (typeof given === 'number') return { shortestEdge: given };
	return 'shortest_edge' in given ? { shortestEdge: given.shortest_edge } : given;
}

/**
 * Reads the preprocessor_config.json of a CLIPImageProcessor or LlavaImageProcessor. Fields that are left out take
 * transformers' CLIP defaults, at the encoder's own size; `null` (no such file, as in original LLaVA checkpoints) is all
 * defaults. Throws an InputError where the result would not be the square that the encoder takes.
 *
 * @param imageSize side of the encoder's input in pixels
 */
export function parsePreprocessConfig(
	json: unknown,
	{ imageSize, where = 'preprocessor_config.json' }: { imageSize: number; where?: string },
): PreprocessConfig {
	const code = 'preprocessor';
	const raw = validate(schema, json ?? {}, { where, code });
	const resize = raw.do_resize ? resizeTo(raw.size, imageSize) : null;
	const cropSize = raw.crop_size ?? imageSize;
	const crop = raw.do_center_crop ? (typeof cropSize === 'number' ? square(cropSize) : cropSize) : null;

	const output = crop ?? (resize && 'width' in resize ? resize : undefined);
	if (!output) {
		throw new InputError(
			`${where}: do_center_crop: false with no fixed size gives images of any shape; the vision encoder takes ${imageSize} × ${imageSize}`,
			{ code },
		);
	}
	if (output.width !== imageSize || output.height !== imageSize) {
		throw new InputError(
			`${where}: ${crop ? 'crop_size' : 'size'}: ${output.width} × ${output.height}, but the vision encoder takes ${imageSize} × ${imageSize} (config.json: vision_config.image_size)`,
			{ code },
		);
	}
	const [r, g, b] = raw.image_mean;
	return {
		resize,
		resample: FILTERS[raw.resample]!,
		crop,
		pad: raw.do_pad ?? false,
		padColour: [Math.trunc(r * 255), Math.trunc(g * 255), Math.trunc(b * 255)],
		rescale: raw.do_rescale ? raw.rescale_factor : 1,
		mean: raw.do_normalize ? raw.image_mean : [0, 0, 0],
		std: raw.do_normalize ? raw.image_std : [1, 1, 1],
	};
}
