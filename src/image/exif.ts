import { type ImageHeader, jpegSegments } from './header.ts';

const APP1 = 0xe1;

/** Overwrites the four letters at `at` with a type that no reader knows. */
function rename(bytes: Uint8Array, at: number): void {
	for (let i = 0; i < 4; i++) bytes[at + i] = 'junk'.charCodeAt(i);
}

/** [start, end) of the eXIf chunks of a PNG file. */
function pngExif(view: DataView): [number, number][] {
	const found: [number, number][] = [];
	for (let at = 8; at + 12 <= view.byteLength; ) {
		const end = at + 12 + view.getUint32(at);
		if (view.getUint32(at + 4) === 0x65584966 && end <= view.byteLength) found.push([at, end]);
		at = end;
	}
	return found;
}

/**
 * A copy of an image file without its EXIF data, for decoders that turn the image by it and cannot be told not to
 * (Chromium's `imageOrientation: 'none'` does turn it).
 */
export function hideExif(bytes: Uint8Array, format: ImageHeader['format']): Uint8Array<ArrayBuffer> {
	const copy = new Uint8Array(bytes);
	const view = new DataView(copy.buffer);
	if (format === 'jpeg') {
		for (const { marker, at } of jpegSegments(view)) if (marker === APP1 && at + 8 <= copy.length) rename(copy, at + 4);
		return copy;
	}
	if (format === 'webp') {
		for (let at = 12; at + 8 <= copy.length; ) {
			if (view.getUint32(at) === 0x45584946) rename(copy, at);
			const size = view.getUint32(at + 4, true);
			at += 8 + size + (size % 2);
		}
		return copy;
	}
	let end = 0;
	let from = 0;
	for (const [start, next] of [...pngExif(view), [copy.length, copy.length] as const]) {
		copy.copyWithin(end, from, start);
		end += start - from;
		from = next;
	}
	return copy.slice(0, end);
}
