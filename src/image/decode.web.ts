import { InputError } from '../base/errors.ts';
import { hideExif } from './exif.ts';
import { readImageHeader } from './header.ts';
import type { RgbImage } from './image.ts';

/**
 * The browser's `decodeImage`: the same rules and limits as in Node. PNG and lossless WebP give the same pixels as
 * there; of JPEG and lossy WebP the browser's decoder may differ by a level or two. One thing a canvas cannot do: it
 * stores colours multiplied by alpha, so that half-transparent pixels lose precision and wholly transparent ones are
 * black, where Node gives the stored colour.
 */
export async function decodeImage(bytes: Uint8Array, name = 'image'): Promise<RgbImage> {
	const { format, width, height } = readImageHeader(bytes, name);
	const damaged = (reason: string, cause?: unknown) =>
		new InputError(`${name}: damaged ${format.toUpperCase()}: ${reason}; is the file complete?`, {
			code: 'image-damaged',
			cause,
		});
	const blob = new Blob([hideExif(bytes, format)], { type: `image/${format}` });
	const bitmap = await createImageBitmap(blob, {
		colorSpaceConversion: 'none',
		premultiplyAlpha: 'none',
	}).catch((cause: Error) => {
		throw damaged(cause.message, cause);
	});
	try {
		if (bitmap.width !== width || bitmap.height !== height) {
			throw damaged(`its header says ${width} × ${height} pixels, it holds ${bitmap.width} × ${bitmap.height}`);
		}
		const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
		if (!context) throw new Error('this browser offers no 2D canvas to decode images with');
		context.drawImage(bitmap, 0, 0);
		const rgba = context.getImageData(0, 0, width, height).data;
		const data = new Uint8Array(width * height * 3);
		for (let i = 0, o = 0; i < rgba.length; i += 4) {
			data[o++] = rgba[i]!;
			data[o++] = rgba[i + 1]!;
			data[o++] = rgba[i + 2]!;
		}
		return { width, height, data };
	} finally {
		bitmap.close();
	}
}
