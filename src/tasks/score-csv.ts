import { InputError } from '../base/errors.ts';
import { type DataFile, MAX_RECORD, textOf } from './score-file.ts';
import type { RawRecord } from './score-json.ts';

/** Most columns of a table; a line of commas is no table. */
const MAX_COLUMNS = 10_000;

interface CsvRow {
	fields: string[];
	line: number;
}

/** Rows of delimited text (RFC 4180): quoted fields may hold delimiters, doubled quotes and line breaks. */
async function* csvRows(file: DataFile, delimiter: string): AsyncGenerator<CsvRow> {
	let [field, quoted, closed, line, rowLine] = ['', false, false, 1, 1];
	let fields: string[] = [];
	let pendingReturn = false;
	const fail = (what: string): never => {
		throw new InputError(`${file.name}:${line}: ${what}`, { code: 'csv' });
	};
	for await (const text of textOf(file)) {
		for (const c of text) {
			if (c === '\n') line++;
			if (quoted) {
				if (c === '"') [quoted, closed] = [false, true];
				else field += c;
				if (field.length > MAX_RECORD) fail('a quoted field does not end; is a quote missing?');
				continue;
			}
			if (c === '"') {
				if (closed) field += '"';
				else if (field !== '') fail('a quote inside an unquoted field; quote the whole field and double the quote');
				[quoted, closed] = [true, false];
				continue;
			}
			if (pendingReturn && c !== '\n') fail('a carriage return inside a row');
			if (c === '\r') pendingReturn = true;
			else if (c === delimiter || c === '\n') {
				if (fields.push(field) > MAX_COLUMNS) fail(`more than ${MAX_COLUMNS} columns`);
				[field, closed] = ['', false];
				if (c === delimiter) continue;
				pendingReturn = false;
				if (fields.length > 1 || fields[0] !== '') yield { fields, line: rowLine };
				[fields, rowLine] = [[], line];
			} else if (closed) fail('text after a quoted field');
			else field += c;
			if (field.length > MAX_RECORD) fail(`a field of more than ${MAX_RECORD} characters`);
		}
	}
	if (quoted) fail('the last quoted field does not end; is the file truncated?');
	fields.push(field);
	if (fields.length > 1 || fields[0] !== '') yield { fields, line: rowLine };
}

/** Records of a CSV or TSV file with a header, as objects of text by column. */
export async function* csvRecords(file: DataFile, { delimiter }: { delimiter: string }): AsyncGenerator<RawRecord> {
	let header: string[] | null = null;
	for await (const { fields, line } of csvRows(file, delimiter)) {
		if (!header) {
			const twice = fields.find((name, i) => fields.indexOf(name) !== i);
			if (twice !== undefined) {
				throw new InputError(`${file.name}:${line}: two columns are named ${JSON.stringify(twice)}`, { code: 'csv' });
			}
			header = fields;
		} else if (fields.length !== header.length) {
			yield { line, broken: `${fields.length} fields where the header has ${header.length}` };
		} else yield { line, value: Object.fromEntries(header.map((name, i) => [name, fields[i]!])) };
	}
}
