import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { InputError } from '../base/errors.ts';

/** A foreign file, read by position: a file of a disk (score-files.node.ts), a Blob, bytes in memory. */
export interface DataFile {
	/** Path or name, for messages and to tell the splits of a benchmark apart. */
	readonly name: string;
	readonly size: number;
	/** Bytes it is streamed in at a time; default 1 MiB. */
	readonly piece?: number;
	/** The bytes [start, end). */
	read(start: number, end: number): Promise<Uint8Array>;
}

/** Piece that a file is streamed in: large enough that the calls cost nothing, small enough that memory stays flat. */
const PIECE = 1 << 20;

/**
 * Longest line or record. A row with an image of some megabytes in base64 passes; a file without line breaks that is
 * not JSON does not fill the memory (CWE-770).
 */
export const MAX_RECORD = 64 * 2 ** 20;

/** A file over bytes in memory. */
export function memoryFile(name: string, content: string | Uint8Array): DataFile {
	const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
	return { name, size: bytes.length, read: async (start, end) => bytes.subarray(start, end) };
}

/** A file over a Blob, as a browser's file picker hands it out. */
export function blobFile(blob: Blob & { name?: string }): DataFile {
	return {
		name: blob.name ?? 'file',
		size: blob.size,
		read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
	};
}

/** Last name of a path, without its folders. */
export function baseName(path: string): string {
	return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

async function* pieces(file: DataFile): AsyncGenerator<Uint8Array> {
	const { size, piece = PIECE } = file;
	for (let start = 0; start < size; start += piece) yield await file.read(start, Math.min(size, start + piece));
}

/** The text of a file in pieces: UTF-8, a byte-order mark dropped. Throws an InputError where it is not UTF-8. */
export async function* textOf(file: DataFile): AsyncGenerator<string> {
	const decoder = new TextDecoder('utf-8', { fatal: true });
	const decode = (bytes?: Uint8Array) => {
		try {
			return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
		} catch (cause) {
			throw new InputError(`${file.name}: not UTF-8; save it as UTF-8 text`, { code: 'not-utf8', cause });
		}
	};
	for await (const piece of pieces(file)) yield decode(piece);
	yield decode();
}

export interface Line {
	text: string;
	/** Counted from 1. */
	line: number;
}

/** Lines of a text file that are not blank, without their ends (LF, CRLF). */
export async function* linesOf(file: DataFile): AsyncGenerator<Line> {
	let begun: string[] = [];
	let line = 0;
	for await (const text of textOf(file)) {
		let start = 0;
		for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
			const whole = withoutReturn(begun.join('') + text.slice(start, end));
			line++;
			if (whole.trim() !== '') yield { text: whole, line };
			begun = [];
			start = end + 1;
		}
		begun.push(text.slice(start));
		if (begun.reduce((sum, part) => sum + part.length, 0) > MAX_RECORD) {
			throw new InputError(`${file.name}:${line + 1}: a line of more than ${MAX_RECORD} characters; is it text?`, {
				code: 'long-line',
			});
		}
	}
	const last = withoutReturn(begun.join(''));
	if (last.trim() !== '') yield { text: last, line: line + 1 };
}

const withoutReturn = (text: string) => (text.endsWith('\r') ? text.slice(0, -1) : text);

/** The whole text of a small file. Throws an InputError above `limit` bytes (default 64 MiB). */
export async function wholeText(file: DataFile, { limit = MAX_RECORD }: { limit?: number } = {}): Promise<string> {
	if (file.size > limit) {
		throw new InputError(`${file.name}: ${file.size} bytes, more than the ${limit} expected of this file`, {
			code: 'large-file',
		});
	}
	let text = '';
	for await (const piece of textOf(file)) text += piece;
	return text;
}

/** sha256 over the digests of files, in the order given, hex; each file is read in pieces. */
export async function hashFiles(files: readonly DataFile[]): Promise<string> {
	const all = sha256.create();
	for (const file of files) {
		const hash = sha256.create();
		for await (const piece of pieces(file)) hash.update(piece);
		all.update(hash.digest());
	}
	return bytesToHex(all.digest());
}
