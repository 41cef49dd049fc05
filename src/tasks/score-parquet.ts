import {
	type AsyncBuffer,
	type FileMetaData,
	parquetMetadataAsync,
	parquetReadObjects,
	parquetSchema,
} from 'hyparquet';
import { InputError } from '../base/errors.ts';
import type { DataFile } from './score-file.ts';
import type { RawRecord } from './score-json.ts';

/** Most uncompressed bytes of the wanted columns in one row group: what is in memory at a time (CWE-409). */
const MAX_GROUP = 512 * 2 ** 20;

const bufferOf = (file: DataFile): AsyncBuffer => ({
	byteLength: file.size,
	async slice(start, end = file.size) {
		const bytes = await file.read(start, end);
		return bytes.slice().buffer as ArrayBuffer;
	},
});

async function guarded<T>(file: DataFile, read: () => Promise<T>): Promise<T> {
	try {
		return await read();
	} catch (cause) {
		if (cause instanceof InputError) throw cause;
		const reason = (cause instanceof Error ? cause.message : String(cause))
			.replace(/\s+/g, ' ')
			.replace(/\p{C}/gu, '?');
		throw new InputError(`${file.name}: not readable as Parquet (${reason})`, { code: 'parquet', cause });
	}
}

function columnsOf(metadata: FileMetaData): string[] {
	return parquetSchema(metadata).children.map(({ element }) => element.name);
}

function checkSize(file: DataFile, metadata: FileMetaData, columns: readonly string[]): void {
	for (const [i, group] of metadata.row_groups.entries()) {
		let bytes = 0;
		for (const { meta_data } of group.columns) {
			const [column] = meta_data?.path_in_schema ?? [];
			if (column !== undefined && columns.includes(column)) bytes += Number(meta_data!.total_uncompressed_size);
		}
		if (bytes > MAX_GROUP) {
			throw new InputError(
				`${file.name}: row group ${i} has ${bytes} bytes, more than ${MAX_GROUP}; write smaller row groups`,
				{ code: 'parquet' },
			);
		}
	}
}

/** Rows of a Parquet file, one row group at a time; of the wanted columns those that are there. `line` counts rows from 1. */
export async function* parquetRecords(
	file: DataFile,
	{ columns }: { columns: readonly string[] },
): AsyncGenerator<RawRecord> {
	const buffer = bufferOf(file);
	const metadata = await guarded(file, () => parquetMetadataAsync(buffer));
	const present = columnsOf(metadata).filter((column) => columns.includes(column));
	checkSize(file, metadata, present);
	if (present.length === 0) return;
	let start = 0;
	for (const group of metadata.row_groups) {
		const end = start + Number(group.num_rows);
		const range = { rowStart: start, rowEnd: end };
		const rows = await guarded(file, () => parquetReadObjects({ file: buffer, metadata, columns: present, ...range }));
		for (const [i, value] of rows.entries()) yield { line: start + i + 1, value };
		start = end;
	}
}

/** Makes a reader of one row's image: bytes, or `{ bytes }` as Hugging Face writes them. Null where the row has none. */
export function parquetImages(file: DataFile, column = 'image'): (row: number) => Promise<Uint8Array | null> {
	const buffer = bufferOf(file);
	let metadata: Promise<FileMetaData> | undefined;
	return (row) =>
		guarded(file, async () => {
			metadata ??= parquetMetadataAsync(buffer);
			const known = await metadata;
			if (!columnsOf(known).includes(column)) return null;
			checkSize(file, known, [column]);
			const [read] = await parquetReadObjects({
				file: buffer,
				metadata: known,
				columns: [column],
				rowStart: row,
				rowEnd: row + 1,
				utf8: false,
			});
			const cell: unknown = read?.[column];
			const bytes = cell instanceof Uint8Array ? cell : (cell as { bytes?: unknown } | null | undefined)?.bytes;
			return bytes instanceof Uint8Array ? bytes : null;
		});
}
