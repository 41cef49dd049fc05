import { readFile, stat } from 'node:fs/promises';
import { InputError, UsageError } from '../base/errors.ts';
import { decodeImage } from '../image/decode.node.ts';
import { MAX_IMAGE_BYTES } from '../image/header.ts';
import type { RgbImage } from '../image/image.ts';

/** The pixels of an image file that a user named. */
export async function readImageFile(file: string): Promise<RgbImage> {
	const found = await stat(file).catch(() => null);
	if (!found?.isFile()) {
		const what = found ? 'is not a file' : 'no such file';
		throw new UsageError(`${file}: ${what}; give a PNG, JPEG or WebP image`, { code: 'image-missing' });
	}
	// Looked at before reading, so that a huge file is refused without filling the memory.
	if (found.size > MAX_IMAGE_BYTES) {
		throw new InputError(`${file}: has ${found.size} bytes; images may have at most ${MAX_IMAGE_BYTES}`, {
			code: 'image-size',
		});
	}
	return decodeImage(await readFile(file), file);
}
