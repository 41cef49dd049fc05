const table = Int32Array.from({ length: 256 }, (_, byte) => {
	let c = byte;
	for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
	return c;
});

/** CRC-32 of PNG and ZIP as a signed number; `before` is that of the bytes that come before these, 0 where none do. */
export function crc32(bytes: Uint8Array, before = 0): number {
	let c = ~before;
	for (let i = 0; i < bytes.length; i++) c = (c >>> 8) ^ table[(c ^ bytes[i]!) & 255]!;
	return ~c;
}
