import { InputError, UsageError } from '../base/errors.ts';
import { parseJson, validate } from '../base/json.ts';
import { type Manifest, manifestSchema, type Results, type RunRecord, recordSchema, resultsSchema } from './run.ts';

/** Longest line of records.jsonl that is read: far above any answer, far below what would fill the memory. */
const MAX_LINE_BYTES = 16 * 2 ** 20;

/** Where a run's files are kept: a folder in Node, memory in a browser. Names are relative, with `/`. */
export interface RunStore {
	/** For messages. */
	readonly location: string;
	/** A whole file; null where there is none. */
	read(name: string): Promise<Uint8Array | null>;
	/** Writes a whole file, so that it is there either whole or not at all. */
	write(name: string, bytes: Uint8Array): Promise<void>;
	/** The bytes of records.jsonl in pieces of any size; none where there is no such file. */
	recordBytes(): AsyncIterable<Uint8Array>;
	/** Adds to the end of records.jsonl, after cutting off an unfinished last line. */
	append(bytes: Uint8Array): Promise<void>;
	/** Returns when all that was appended would survive a power failure. */
	sync(): Promise<void>;
	close(): Promise<void>;
}

/** A run read back. */
export interface Run {
	location: string;
	manifest: Manifest;
	/** Null while the run is not finished; `resultsOf` gives the statistics of the records so far. */
	results: Results | null;
	/** The records in order, read anew at each call. Throws an InputError that names a broken line by its number. */
	records(): AsyncGenerator<RunRecord>;
	/** Encoded image (PNG, JPEG or WebP) of a question that the manifest's `gallery` names; null if not kept. */
	image(id: string): Promise<Uint8Array | null>;
	close(): Promise<void>;
}

const encoder = new TextEncoder();

/** A value as the bytes of a JSON file, ending in a line break. */
export function jsonFile(value: unknown): Uint8Array {
	return encoder.encode(`${JSON.stringify(value, null, '\t')}\n`);
}

/** Records as lines of JSON. */
export function recordLines(records: readonly RunRecord[]): Uint8Array {
	return encoder.encode(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

/** The complete lines of a stream, without their line breaks; what follows the last line break is left out. */
async function* splitLines(pieces: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Uint8Array> {
	let rest: Uint8Array[] = [];
	let length = 0;
	let number = 1;
	for await (const piece of pieces) {
		let start = 0;
		for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, start)) {
			yield joined([...rest, piece.subarray(start, end)]);
			rest = [];
			length = 0;
			number++;
			start = end + 1;
		}
		rest.push(piece.slice(start));
		length += piece.length - start;
		if (length > MAX_LINE_BYTES) {
			throw new InputError(`${where}: line ${number} is longer than ${MAX_LINE_BYTES} bytes; is this a run's file?`, {
				code: 'run-record',
			});
		}
	}
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
	if (parts.length === 1) return parts[0]!;
	const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let offset = 0;
	for (const part of parts) {
		whole.set(part, offset);
		offset += part.length;
	}
	return whole;
}

/** Name of records.jsonl's line `number`, for messages. */
export function recordWhere(location: string, number: number): string {
	return `${location}/records.jsonl: line ${number}`;
}

/** The records of a store in order; an unfinished last line is left out, any other broken line is an InputError. */
export async function* readRecords(store: RunStore): AsyncGenerator<RunRecord> {
	let number = 0;
	for await (const line of splitLines(store.recordBytes(), `${store.location}/records.jsonl`)) {
		const where = recordWhere(store.location, ++number);
		yield validate(recordSchema, parseJson(line, where), { where, code: 'run-record' });
	}
}

/** manifest.json, checked; null where there is none. */
export async function readManifest(store: RunStore): Promise<Manifest | null> {
	const bytes = await store.read('manifest.json');
	const where = `${store.location}/manifest.json`;
	return bytes && validate(manifestSchema, parseJson(bytes, where), { where, code: 'run-manifest' });
}

async function readResults(store: RunStore): Promise<Results | null> {
	const bytes = await store.read('results.json');
	const where = `${store.location}/results.json`;
	const hint = 'delete it and give the eval command again to have it computed anew';
	return bytes && validate(resultsSchema, parseJson(bytes, where), { where, code: 'run-results', hint });
}

const IMAGE_KINDS: readonly { extension: string; magic: readonly number[]; at: number }[] = [
	{ extension: 'png', magic: [0x89, 0x50, 0x4e, 0x47], at: 0 },
	{ extension: 'jpg', magic: [0xff, 0xd8], at: 0 },
	{ extension: 'webp', magic: [0x57, 0x45, 0x42, 0x50], at: 8 },
];

function galleryName(index: number, extension: string): string {
	return `gallery/${String(index).padStart(2, '0')}.${extension}`;
}

/** Keeps the encoded image of the gallery's question `index`; bytes of another format than the three are left out. */
export async function writeGalleryImage(store: RunStore, index: number, bytes: Uint8Array): Promise<void> {
	const kind = IMAGE_KINDS.find(({ magic, at }) => magic.every((byte, i) => bytes[at + i] === byte));
	if (kind) await store.write(galleryName(index, kind.extension), bytes);
}

/** The run in a store; throws a UsageError where there is none. */
export async function runFrom(store: RunStore): Promise<Run> {
	const manifest = await readManifest(store);
	if (manifest === null) {
		throw new UsageError(`${store.location}: has no manifest.json; give the folder of a run, or a .zip of it`, {
			code: 'no-run',
		});
	}
	return {
		location: store.location,
		manifest,
		results: await readResults(store),
		records: () => readRecords(store),
		async image(id) {
			const index = manifest.gallery.indexOf(id);
			if (index === -1) return null;
			for (const { extension } of IMAGE_KINDS) {
				const bytes = await store.read(galleryName(index, extension));
				if (bytes) return bytes;
			}
			return null;
		},
		close: () => store.close(),
	};
}

/** A store that lasts as long as the program: for a browser and for runs nobody keeps. */
export function memoryStore(location = 'memory'): RunStore {
	const files = new Map<string, Uint8Array>();
	const records: Uint8Array[] = [];
	return {
		location,
		read: async (name) => files.get(name) ?? null,
		async write(name, bytes) {
			files.set(name, bytes);
		},
		async *recordBytes() {
			yield* records;
		},
		async append(bytes) {
			records.push(bytes);
		},
		sync: async () => {},
		close: async () => {},
	};
}
