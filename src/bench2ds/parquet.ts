import type { SchemaElement } from 'hyparquet';
import { ByteWriter, parquetWrite } from 'hyparquet-writer';
import type { BenchRecord } from './record.ts';

/** Rows in a group: few enough that reading one image does not read them all. */
const ROWS = 100;

const TEXT: Pick<SchemaElement, 'type' | 'converted_type'> = { type: 'BYTE_ARRAY', converted_type: 'UTF8' };
const DOUBLE: Pick<SchemaElement, 'type'> = { type: 'DOUBLE' };

type Field = readonly [name: string, type: typeof TEXT | typeof DOUBLE];

const OBJECT: readonly Field[] = [
	['color', TEXT],
	['shape', TEXT],
	['x', DOUBLE],
	['y', DOUBLE],
	['radius', DOUBLE],
];

const QA_PAIR: readonly Field[] = [
	['qa_category', TEXT],
	['question', TEXT],
	['answer', TEXT],
	['form', TEXT],
	['chance', DOUBLE],
	['relation', TEXT],
	['margin', DOUBLE],
	['ratio', DOUBLE],
	['pair', TEXT],
	['quad', TEXT],
];

const leaf = ([name, type]: Field): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...type });

const list = (name: string, fields: readonly Field[]): SchemaElement[] => [
	{ name, repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
	{ name: 'list', repetition_type: 'REPEATED', num_children: 1 },
	{ name: 'element', repetition_type: 'OPTIONAL', num_children: fields.length },
	...fields.map(leaf),
];

const SCHEMA: SchemaElement[] = [
	{ name: 'root', num_children: 5 },
	leaf(['entry_id', TEXT]),
	leaf(['test_category', TEXT]),
	{ name: 'image_filename', repetition_type: 'OPTIONAL', num_children: 2 },
	{ name: 'bytes', repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY' },
	leaf(['path', TEXT]),
	...list('objects', OBJECT),
	...list('qa_pairs', QA_PAIR),
];

const value = (type: Field[1]) => ({ dtype: type === TEXT ? 'string' : 'float64', _type: 'Value' });
const struct = (fields: readonly Field[]) => Object.fromEntries(fields.map(([name, type]) => [name, value(type)]));

/** What Hugging Face `datasets` reads the column types from, so that images are decoded. */
const FEATURES = JSON.stringify({
	info: {
		features: {
			entry_id: value(TEXT),
			test_category: value(TEXT),
			image_filename: { _type: 'Image' },
			objects: [struct(OBJECT)],
			qa_pairs: [struct(QA_PAIR)],
		},
	},
});

/** Records with their images (encoded bytes, in the same order) as one Parquet file, in the paper's schema. */
export function recordsToParquet(records: readonly BenchRecord[], images: readonly Uint8Array[]): Uint8Array {
	const writer = new ByteWriter();
	parquetWrite({
		writer,
		schema: SCHEMA,
		columnData: [
			{ name: 'entry_id', data: records.map((record) => record.entry_id) },
			{ name: 'test_category', data: records.map((record) => record.test_category) },
			{
				name: 'image_filename',
				data: records.map(({ image_filename }, i) => ({ bytes: images[i]!, path: image_filename })),
			},
			{ name: 'objects', data: records.map((record) => record.objects) },
			{ name: 'qa_pairs', data: records.map((record) => record.qa_pairs) },
		],
		rowGroupSize: ROWS,
		kvMetadata: [{ key: 'huggingface', value: FEATURES }],
		createdBy: 'dorsal-vlm',
	});
	return writer.getBytes();
}
