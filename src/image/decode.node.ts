import sharp from 'sharp';
import { InputError } from '../base/errors.ts';
import { MAX_IMAGE_PIXELS, readImageHeader } from './header.ts';
import type { RgbImage } from './image.ts';

/** Inks to light as Pillow does it: each of C, M, Y scaled by 255 − K and taken from it, in 8-bit arithmetic. */
function cmykToRgb(cmyk: Uint8Array): Uint8Array {
	const rgb = new Uint8Array((cmyk.length / 4) * 3);
	for (let i = 0, o = 0; i < cmyk.length; i += 4) {
		const light = 255 - cmyk[i + 3]!;
		for (let c = 0; c < 3; c++) {
			const product = cmyk[i + c]! * light + 128;
			rgb[o++] = light - (((product >> 8) + product) >> 8); // product / 255, rounded
		}
	}
	return rgb;
}

/**
 * Decodes PNG, JPEG or WebP bytes to the pixels that `PIL.Image.open(…).convert('RGB')` gives, which is what LLaVA and
 * Hugging Face processors start from. So: EXIF orientation, colour profiles and gamma are ignored; alpha is dropped, not
 * composited; grey, palette and CMYK become RGB; of an animation the first frame counts. 16-bit samples keep their high
 * byte (of 16-bit grey Pillow keeps min(value, 255), which is white nearly everywhere; that is not followed).
 * Throws an InputError for what is not an image, is damaged, or is beyond the limits of `readImageHeader`.
 */
export async function decodeImage(bytes: Uint8Array, name = 'image'): Promise<RgbImage> {
	const { format, width, height, cmyk } = readImageHeader(bytes, name);
	const input = sharp(bytes, { failOn: 'error', ignoreIcc: true, limitInputPixels: MAX_IMAGE_PIXELS });
	const pipeline = cmyk
		? input.pipelineColourspace('cmyk').toColourspace('cmyk')
		: input.removeAlpha().toColourspace('srgb');
	const { data, info } = await pipeline
		.raw({ depth: 'uchar' })
		.toBuffer({ resolveWithObject: true })
		.catch((cause: Error) => {
			const reason = cause.message.trim().split('\n')[0];
			throw new InputError(`${name}: damaged ${format.toUpperCase()}: ${reason}; is the file complete?`, {
				code: 'image-damaged',
				cause,
			});
		});
	if (info.width !== width || info.height !== height || info.channels !== (cmyk ? 4 : 3)) {
		throw new InputError(
			`${name}: damaged ${format.toUpperCase()}: its header says ${width} × ${height} pixels, it holds ${info.width} × ${info.height} with ${info.channels} channels`,
			{ code: 'image-damaged' },
		);
	}
	return { width, height, data: cmyk ? cmykToRgb(data) : new Uint8Array(data.buffer, data.byteOffset, data.length) };
}
