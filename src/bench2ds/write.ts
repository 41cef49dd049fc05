import { encodePng } from '../image/png.ts';
import type { Bench } from './bench.ts';
import { card } from './card.ts';
import { recordsToParquet } from './parquet.ts';
import { benchRecords, toJsonl, ventralRecords } from './record.ts';

/** A file of a written benchmark: path with forward slashes, and its bytes. */
export interface BenchFile {
	path: string;
	bytes: Uint8Array;
}

/**
 * The files of a written benchmark, one after the other: each image, then `2ds.jsonl`, `2ds-ventral.jsonl`, both as
 * Parquet, and the card, README.md. The same benchmark gives the same bytes.
 */
export function* benchFiles(bench: Bench): Generator<BenchFile> {
	const text = new TextEncoder();
	const records = benchRecords(bench);
	const twin = ventralRecords(bench);
	const images: Uint8Array[] = [];
	for (const { entry_id, image_filename } of records) {
		const bytes = encodePng(bench.image(entry_id));
		images.push(bytes);
		yield { path: image_filename, bytes };
	}
	yield { path: '2ds.jsonl', bytes: text.encode(toJsonl(records)) };
	yield { path: '2ds-ventral.jsonl', bytes: text.encode(toJsonl(twin)) };
	yield { path: '2ds.parquet', bytes: recordsToParquet(records, images) };
	yield { path: '2ds-ventral.parquet', bytes: recordsToParquet(twin, images) };
	yield { path: 'README.md', bytes: text.encode(card(bench, records, twin)) };
}
