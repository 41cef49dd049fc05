import { Inflate } from 'fflate';
import { crc32 } from './crc32.ts';
import { InputError } from './errors.ts';
import { show } from './json.ts';

/** Bytes of an archive by position: a file of a disk, a Blob, bytes in memory. */
export interface ZipSource {
	/** For messages. */
	readonly name: string;
	readonly size: number;
	/** The bytes [start, end). */
	read(start: number, end: number): Promise<Uint8Array>;
}

export interface ZipEntry {
	/** Path in the archive, with `/`. */
	name: string;
	/** Bytes when unpacked, and as they are stored. */
	size: number;
	packed: number;
	crc: number;
	deflated: boolean;
	/** Where the entry's own header stands. */
	header: number;
}

/** Most entries: a run has a few dozen files, and some systems add one of their own beside each (CWE-400). */
export const MAX_ENTRIES = 1000;
/** Longest list of entries: four kilobytes for each, where a hundred bytes are usual. */
export const MAX_LIST_BYTES = 4 * 2 ** 20;
/** Longest path of an entry, in bytes: what file systems allow. */
export const MAX_NAME_BYTES = 1024;
/** All entries unpacked: ten million answers; nothing is unpacked to a disk, and records are read in pieces (CWE-409). */
export const MAX_UNPACKED_BYTES = 2 ** 32;
/** Unpacked bytes for each packed one. Records that say the same again and again reach 200; bombs have 1,000 (CWE-409). */
export const MAX_RATIO = 500;

/** Packed bytes that are read at a time; deflate makes at most 1,032 of each, so that 16 MiB are the most at once. */
const PIECE_BYTES = 16 * 1024;

const [END_SIZE, ENTRY_SIZE, HEADER_SIZE] = [22, 46, 30];
const [END_MARK, ENTRY_MARK, HEADER_MARK] = [0x06054b50, 0x02014b50, 0x04034b50];
const [STORED, DEFLATED] = [0, 8];
const [MAX_COMMENT, FULL_16, FULL_32] = [0xffff, 0xffff, 0xffffffff];

const damaged = (where: string, what: string) =>
	new InputError(`${where}: ${what}; is it a whole ZIP archive?`, { code: 'zip' });
const refused = (where: string, what: string) => new InputError(`${where}: ${what}`, { code: 'zip' });

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** The end of an archive: how many entries there are, and where they are listed. */
async function readEnd({ name, size, read }: ZipSource): Promise<{ count: number; start: number; end: number }> {
	const start = Math.max(0, size - END_SIZE - MAX_COMMENT);
	const tail = viewOf(await read(start, size));
	for (let at = tail.byteLength - END_SIZE; at >= 0; at--) {
		if (tail.getUint32(at, true) !== END_MARK) continue;
		if (at + END_SIZE + tail.getUint16(at + 20, true) !== tail.byteLength) continue;
		const [count, length, offset] = [
			tail.getUint16(at + 10, true),
			tail.getUint32(at + 12, true),
			tail.getUint32(at + 16, true),
		];
		if (count === FULL_16 || offset === FULL_32) throw refused(name, 'is a ZIP64 archive; a run needs none');
		if (tail.getUint16(at + 4, true) !== 0 || tail.getUint16(at + 8, true) !== count) {
			throw refused(name, 'is one part of several; put them together first');
		}
		if (offset + length > start + at) throw damaged(name, 'its list of entries is cut off');
		if (length > MAX_LIST_BYTES) {
			throw refused(name, `has a list of entries of ${length} bytes, at most ${MAX_LIST_BYTES} are read`);
		}
		return { count, start: offset, end: offset + length };
	}
	throw damaged(name, 'has no end of an archive');
}

/** A path that stays within the archive; else an InputError. */
function checkName(name: string, where: string): void {
	if (name.startsWith('/') || /^[a-z]:/i.test(name) || name.split('/').includes('..')) {
		throw refused(where, `entry ${show(name)} leaves the archive; zip the folder itself`);
	}
}

/**
 * The files of a ZIP archive (folders are left out), from its list of entries. Throws an InputError for an archive that
 * is damaged, encrypted, packed by anything but deflate, or beyond the limits above.
 */
export async function zipEntries(source: ZipSource): Promise<ZipEntry[]> {
	const { count, start, end } = await readEnd(source);
	if (count > MAX_ENTRIES) throw refused(source.name, `has ${count} entries, at most ${MAX_ENTRIES} are read`);
	const bytes = await source.read(start, end);
	const view = viewOf(bytes);
	const entries = new Map<string, ZipEntry>();
	let [at, unpacked] = [0, 0];
	for (let i = 0; i < count; i++) {
		if (at + ENTRY_SIZE > bytes.length || view.getUint32(at, true) !== ENTRY_MARK) {
			throw damaged(source.name, `its list of entries breaks off at entry ${i + 1} of ${count}`);
		}
		const nameBytes = view.getUint16(at + 28, true);
		const next = at + ENTRY_SIZE + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
		if (next > bytes.length) throw damaged(source.name, `entry ${i + 1} is cut off`);
		if (nameBytes > MAX_NAME_BYTES) {
			throw refused(source.name, `entry ${i + 1} has a name of ${nameBytes} bytes, at most ${MAX_NAME_BYTES} are read`);
		}
		const named = bytes.subarray(at + ENTRY_SIZE, at + ENTRY_SIZE + nameBytes);
		// Some older tools of Windows write backslashes.
		const name = new TextDecoder().decode(named).replaceAll('\\', '/');
		checkName(name, source.name);
		const entry: ZipEntry = {
			name,
			size: view.getUint32(at + 24, true),
			packed: view.getUint32(at + 20, true),
			crc: view.getInt32(at + 16, true),
			deflated: view.getUint16(at + 10, true) === DEFLATED,
			header: view.getUint32(at + 42, true),
		};
		checkEntry(entry, { flags: view.getUint16(at + 8, true), method: view.getUint16(at + 10, true) }, source.name);
		unpacked += entry.size;
		if (unpacked > MAX_UNPACKED_BYTES) {
			throw refused(source.name, `unpacks to more than ${MAX_UNPACKED_BYTES} bytes; unpack it and give the folder`);
		}
		at = next;
		if (name.endsWith('/')) continue;
		if (entries.has(name)) throw refused(source.name, `has two entries ${show(name)}`);
		entries.set(name, entry);
	}
	return [...entries.values()];
}

function checkEntry(
	{ name, size, packed, header }: ZipEntry,
	{ flags, method }: { flags: number; method: number },
	where: string,
): void {
	const what = `entry ${show(name)}`;
	if (size === FULL_32 || packed === FULL_32 || header === FULL_32) {
		throw refused(where, `${what} is stored as ZIP64; a run needs none`);
	}
	if (flags & 1) throw refused(where, `${what} is encrypted; zip it without a password`);
	if (method !== STORED && method !== DEFLATED) {
		throw refused(where, `${what} is packed by method ${method}; only deflate (8) is read`);
	}
	if (method === STORED && size !== packed) throw damaged(where, `${what} has two sizes, ${size} and ${packed}`);
	if (size > MAX_RATIO * Math.max(1, packed)) {
		throw refused(where, `${what} unpacks ${packed} bytes to ${size}, at most ${MAX_RATIO} times as many are read`);
	}
}

/** The bytes of an entry in pieces. Throws an InputError where they are not as many as was said, or not the ones. */
export async function* zipBytes(source: ZipSource, entry: ZipEntry): AsyncGenerator<Uint8Array> {
	const where = `${source.name}/${entry.name}`;
	const start = await dataStart(source, entry);
	const end = start + entry.packed;
	if (end > source.size) throw damaged(where, 'is cut off');
	const ready: Uint8Array[] = [];
	const inflate = entry.deflated ? new Inflate((piece) => ready.push(piece)) : null;
	let [size, crc] = [0, 0];
	for (let at = start; at < end; at += PIECE_BYTES) {
		const packed = await source.read(at, Math.min(end, at + PIECE_BYTES));
		try {
			if (inflate) inflate.push(packed, at + PIECE_BYTES >= end);
			else ready.push(packed);
		} catch (cause) {
			throw new InputError(`${where}: cannot be unpacked (${(cause as Error).message}); is it damaged?`, {
				code: 'zip',
				cause,
			});
		}
		for (const piece of ready.splice(0)) {
			size += piece.length;
			if (size > entry.size) throw damaged(where, `has more than the ${entry.size} bytes that the archive says`);
			crc = crc32(piece, crc);
			if (piece.length > 0) yield piece;
		}
	}
	if (size !== entry.size) throw damaged(where, `has ${size} bytes, the archive says ${entry.size}`);
	if (crc !== entry.crc) throw damaged(where, 'its checksum is another than the archive says');
}

/** Where an entry's bytes begin: after its own header, whose name and extra field may have lengths of their own. */
async function dataStart(source: ZipSource, { name, header }: ZipEntry): Promise<number> {
	const where = `${source.name}/${name}`;
	if (header + HEADER_SIZE > source.size) throw damaged(where, 'has no header');
	const view = viewOf(await source.read(header, header + HEADER_SIZE));
	if (view.getUint32(0, true) !== HEADER_MARK) throw damaged(where, 'has no header');
	return header + HEADER_SIZE + view.getUint16(26, true) + view.getUint16(28, true);
}

/** A whole entry. Throws an InputError above `limit` bytes. */
export async function zipFile(source: ZipSource, entry: ZipEntry, { limit }: { limit: number }): Promise<Uint8Array> {
	if (entry.size > limit) {
		throw refused(`${source.name}/${entry.name}`, `has ${entry.size} bytes, at most ${limit} are read`);
	}
	const whole = new Uint8Array(entry.size);
	let filled = 0;
	for await (const piece of zipBytes(source, entry)) {
		whole.set(piece, filled);
		filled += piece.length;
	}
	return whole;
}
