import { zlibSync } from 'fflate';
import { crc32 } from '../base/crc32.ts';
import type { RgbImage } from './image.ts';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Length, type, data, checksum over type and data. */
function chunk(type: string, data: Uint8Array): Uint8Array {
	const out = new Uint8Array(data.length + 12);
	const view = new DataView(out.buffer);
	view.setUint32(0, data.length);
	for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
	out.set(data, 8);
	view.setInt32(data.length + 8, crc32(out.subarray(4, data.length + 8)));
	return out;
}

/** Each row as its difference from the row above (filter 2): the shortest of the fixed filters on flat drawings. */
function filterRows({ width, height, data }: RgbImage): Uint8Array {
	const rowSize = width * 3;
	const out = new Uint8Array(height * (rowSize + 1));
	for (let y = 0, o = 0; y < height; y++) {
		out[o++] = 2;
		for (let i = y * rowSize; i < (y + 1) * rowSize; i++) out[o++] = y === 0 ? data[i]! : data[i]! - data[i - rowSize]!;
	}
	return out;
}

/**
 * A PNG file (8-bit RGB, not interlaced, no metadata), its zlib stream made by `compress`: Node's own is many times as
 * fast as the one of `encodePng`, but its bytes differ from one version of Node to the next.
 */
export function encodePngWith(compress: (data: Uint8Array) => Uint8Array, image: RgbImage): Uint8Array {
	const header = new Uint8Array(13);
	const view = new DataView(header.buffer);
	view.setUint32(0, image.width);
	view.setUint32(4, image.height);
	header.set([8, 2, 0, 0, 0], 8); // bits, RGB, deflate, the five filters, not interlaced
	const body = compress(filterRows(image));
	const parts = [
		Uint8Array.from(SIGNATURE),
		chunk('IHDR', header),
		chunk('IDAT', body),
		chunk('IEND', new Uint8Array(0)),
	];
	const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
	let offset = 0;
	for (const part of parts) {
		out.set(part, offset);
		offset += part.length;
	}
	return out;
}

/** A PNG file (8-bit RGB, not interlaced, no metadata). Equal pixels give equal bytes on every platform. */
export function encodePng(image: RgbImage): Uint8Array {
	// `mem` is given because its default comes from Math.log, whose last bit is not the same everywhere.
	return encodePngWith((data) => zlibSync(data, { level: 6, mem: 8 }), image);
}
