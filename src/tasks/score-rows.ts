import { csvRecords } from './score-csv.ts';
import type { DataFile } from './score-file.ts';
import { type RawRecord, recordsOf } from './score-json.ts';
import { parquetRecords } from './score-parquet.ts';

/**
 * Rows of a table, whichever way it is stored: `.csv`, `.tsv`, `.parquet` by the name, else JSON (lines or a list).
 * `columns` are those that will be looked at; `keys` tell JSON lines from other JSON.
 */
export function rowsOf(
	file: DataFile,
	{ columns, keys }: { columns: readonly string[]; keys: readonly string[] },
): AsyncGenerator<RawRecord> {
	const name = file.name.toLowerCase();
	if (name.endsWith('.parquet')) return parquetRecords(file, { columns });
	if (name.endsWith('.csv')) return csvRecords(file, { delimiter: ',' });
	if (name.endsWith('.tsv')) return csvRecords(file, { delimiter: '\t' });
	return recordsOf(file, { keys });
}
