import { InputError } from '../base/errors.ts';

/** What an image file says of itself before anything is decoded. */
export interface ImageHeader {
	format: 'png' | 'jpeg' | 'webp';
	/** In pixels, as stored: an EXIF rotation is not applied. */
	width: number;
	/** In pixels. */
	height: number;
	/** JPEG with four colour components (CMYK or YCCK). */
	cmyk: boolean;
}

/** Pillow's limit (`Image.MAX_IMAGE_PIXELS`): 256 MiB of RGB, above the largest cameras and below a decompression bomb. */
export const MAX_IMAGE_PIXELS = 89_478_485;

/** No photo within the pixel limit is larger unless it is stored raw. */
export const MAX_IMAGE_BYTES = 256 * 2 ** 20;

type Size = Omit<ImageHeader, 'format'>;

function pngSize(view: DataView): Size | undefined {
	// Signature 8, chunk length 4, `IHDR` 4, width 4, height 4; the chunk must come first and hold 13 bytes.
	if (view.byteLength < 33 || view.getUint32(8) !== 13 || view.getUint32(12) !== 0x49484452) return undefined;
	return { width: view.getUint32(16), height: view.getUint32(20), cmyk: false };
}

/** The segments of a JPEG file up to the compressed data: marker byte, offset of its 0xff, length with the marker. */
export function* jpegSegments(view: DataView): Generator<{ marker: number; at: number; length: number }> {
	for (let at = 2; at + 4 <= view.byteLength && view.getUint8(at) === 0xff; ) {
		const marker = view.getUint8(at + 1);
		if (marker === 0xff) {
			at += 1; // a fill byte
			continue;
		}
		const bare = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9);
		const length = bare ? 2 : 2 + view.getUint16(at + 2);
		yield { marker, at, length };
		if (marker === 0xda) return; // start of scan
		at += length;
	}
}

/** The size stands in the frame header (SOF0 … SOF15; DHT, JPG and DAC share its range of markers). */
function jpegSize(view: DataView): Size | undefined {
	for (const { marker, at } of jpegSegments(view)) {
		if (marker < 0xc0 || marker > 0xcf || marker === 0xc4 || marker === 0xc8 || marker === 0xcc) continue;
		if (at + 10 > view.byteLength) return undefined;
		return { height: view.getUint16(at + 5), width: view.getUint16(at + 7), cmyk: view.getUint8(at + 9) === 4 };
	}
	return undefined;
}

function webpSize(view: DataView): Size | undefined {
	if (view.byteLength < 30) return undefined;
	const uint24 = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
	switch (view.getUint32(12)) {
		case 0x56503820: // `VP8 `, lossy: 14 bits each after the start code
			if (uint24(23) !== 0x2a019d) return undefined;
			return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff, cmyk: false };
		case 0x5650384c: {
			// `VP8L`, lossless: a signature byte, then width − 1 and height − 1 in 14 bits each
			if (view.getUint8(20) !== 0x2f) return undefined;
			const bits = view.getUint32(21, true);
			return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, cmyk: false };
		}
		case 0x56503858: // `VP8X`, extended: canvas width − 1 and height − 1
			return { width: uint24(24) + 1, height: uint24(27) + 1, cmyk: false };
		default:
			return undefined;
	}
}

function detect(view: DataView): ImageHeader['format'] | undefined {
	if (view.byteLength < 12) return undefined;
	if (view.getUint32(0) === 0x89504e47 && view.getUint32(4) === 0x0d0a1a0a) return 'png';
	if (view.getUint16(0) === 0xffd8 && view.getUint8(2) === 0xff) return 'jpeg';
	if (view.getUint32(0) === 0x52494646 && view.getUint32(8) === 0x57454250) return 'webp';
	return undefined;
}

const readers = { png: pngSize, jpeg: jpegSize, webp: webpSize };

/**
 * Format and size of a PNG, JPEG or WebP file from its first bytes, so that an image is refused before a decoder sees
 * it. Throws an InputError for anything else, for a size of zero and for more than `MAX_IMAGE_PIXELS`.
 */
export function readImageHeader(bytes: Uint8Array, name: string): ImageHeader {
	if (bytes.length > MAX_IMAGE_BYTES) {
		throw new InputError(`${name}: ${bytes.length} bytes; an image may have at most ${MAX_IMAGE_BYTES}`, {
			code: 'image-too-large',
		});
	}
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const format = detect(view);
	if (!format) {
		const start = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
		throw new InputError(
			`${name}: not a PNG, JPEG or WebP image (${bytes.length === 0 ? 'it is empty' : `it starts with ${start}`}); convert it to one of these`,
			{ code: 'image-format' },
		);
	}
	const size = readers[format](view);
	if (!size) {
		throw new InputError(`${name}: damaged ${format.toUpperCase()}: no image size in it; is the file complete?`, {
			code: 'image-damaged',
		});
	}
	const { width, height } = size;
	if (width === 0 || height === 0) {
		throw new InputError(`${name}: ${width} × ${height} pixels; an image needs at least 1 × 1`, {
			code: 'image-empty',
		});
	}
	if (width * height > MAX_IMAGE_PIXELS) {
		throw new InputError(
			`${name}: ${width} × ${height} pixels; an image may have at most ${MAX_IMAGE_PIXELS}, scale it down first`,
			{ code: 'image-too-large' },
		);
	}
	return { format, ...size };
}
