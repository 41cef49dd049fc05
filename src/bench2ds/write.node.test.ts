import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { generateBench } from './bench.ts';
import { benchRecords, ventralRecords } from './record.ts';
import { writeBench } from './write.node.ts';
import { benchFiles } from './write.ts';

const SMALL = { images: 3, size: 64, form: 'both' } as const;

let dir: string;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), 'dorsal-2ds-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

it('writes lines, images, Parquet and the card, the same bytes each time', async () => {
	const bench = generateBench(SMALL);
	const out = join(dir, 'new', 'folder');
	const seen: number[] = [];
	await writeBench(bench, out, { onProgress: ({ done, total }) => seen.push(done / total) });
	expect(seen.at(-1)).toBe(1);
	expect(readdirSync(out).sort()).toEqual([
		'2ds-ventral.jsonl',
		'2ds-ventral.parquet',
		'2ds.jsonl',
		'2ds.parquet',
		'README.md',
		'images',
	]);
	expect(readdirSync(join(out, 'images'))).toHaveLength(15);
	const lines = readFileSync(join(out, '2ds.jsonl'), 'utf8').trimEnd().split('\n');
	expect(lines.map((line) => JSON.parse(line))).toEqual(benchRecords(bench));

	for (const { path, bytes } of benchFiles(generateBench(SMALL))) {
		expect(new Uint8Array(readFileSync(join(out, path))), path).toEqual(bytes);
	}
	await writeBench(bench, out);
});

it('pins the Parquet file', () => {
	const hashes = [...benchFiles(generateBench(SMALL))]
		.filter(({ path }) => path.endsWith('.parquet'))
		.map(({ bytes }) => bytesToHex(sha256(bytes)));
	expect(hashes).toMatchInlineSnapshot(`
		[
		  "0253cec27bdd76506a65cf07c8818cf15576f41bed56d8005db9eb3aa43ec9a9",
		  "d0b3121ef0a7408d5d63566ceda5cc0b1509842b7f3c4da2320342722202183c",
		]
	`);
});

it('writes Parquet in the paper’s schema, images inside, with the types that Hugging Face reads', async () => {
	const bench = generateBench({ ...SMALL, quads: true, images: 4 });
	const files = new Map([...benchFiles(bench)].map(({ path, bytes }) => [path, bytes]));
	const read = (path: string) => {
		const bytes = files.get(path)!;
		return parquetReadObjects({ file: bytes.slice().buffer as ArrayBuffer, utf8: false });
	};
	for (const [path, records] of [
		['2ds.parquet', benchRecords(bench)],
		['2ds-ventral.parquet', ventralRecords(bench)],
	] as const) {
		const rows = await read(path);
		expect(rows).toHaveLength(20);
		for (const [i, row] of rows.entries()) {
			const record = records[i]!;
			expect(row.image_filename).toEqual({ bytes: files.get(record.image_filename), path: record.image_filename });
			expect(row).toMatchObject({ entry_id: record.entry_id, test_category: record.test_category });
			expect(row.objects).toEqual(record.objects);
			const absent = { relation: null, margin: null, ratio: null, pair: null, quad: null };
			const pairs = (row.qa_pairs as object[]).map((pair) => ({ ...absent, ...pair }));
			expect(pairs).toEqual(record.qa_pairs.map((pair) => ({ ...absent, ...pair })));
		}
	}
});

it('counts on the card what is in the data', () => {
	const text = new TextDecoder();
	const cardOf = (quads: boolean) => {
		const files = [...benchFiles(generateBench({ images: 8, size: 32, seed: 2, quads, form: 'both' }))];
		return text.decode(files.find(({ path }) => path === 'README.md')!.bytes);
	};
	const card = cardOf(true);
	expect(card).toContain('40 images of coloured shapes, 32 × 32 pixels, with 360 questions');
	expect(card).toContain('dorsal bench 2ds --images 8 --size 32 --seed 2 --form both --quads --out DIR');
	expect(card).toContain('| `shape_rel, yes-no` | no 20, yes 20 | above 10, below 10, left 10, right 10 |');
	expect(card).toContain('| `count, count` | five 8, four 8, six 8, three 8, two 8 |');
	expect(card).toContain('## Mirrored quads');
	expect(cardOf(false)).not.toContain('uads');
	expect(card).toContain('at most 0.04 of the side off the middle of one of 4 × 4 cells');
	expect(card).not.toMatch(/undefined|NaN|null/);
});

it('leaves another benchmark, and a README that is not its own, alone', async () => {
	const bench = generateBench(SMALL);
	await writeBench(bench, dir);
	await expect(writeBench(generateBench({ ...SMALL, seed: 1 }), dir)).rejects.toThrow(
		`${join(dir, '2ds.jsonl')}: belongs to a benchmark of other options; give another --out`,
	);
	const other = mkdtempSync(join(dir, 'x'));
	writeFileSync(join(other, 'README.md'), 'mine');
	await expect(writeBench(bench, other)).rejects.toThrow('is not of this benchmark and would be lost');
	expect(readFileSync(join(other, 'README.md'), 'utf8')).toBe('mine');
	const file = join(dir, 'a-file');
	writeFileSync(file, '');
	await expect(writeBench(bench, file)).rejects.toThrow(`${file}: cannot be made a folder; give another --out`);
});

it('goes on where it was stopped', async () => {
	const bench = generateBench(SMALL);
	const stop = new AbortController();
	const onProgress = ({ done }: { done: number }) => done === 7 && stop.abort();
	await expect(writeBench(bench, dir, { signal: stop.signal, onProgress })).rejects.toThrow();
	expect(readdirSync(join(dir, 'images'))).toHaveLength(7);
	await writeBench(bench, dir);
	expect(readdirSync(join(dir, 'images'))).toHaveLength(15);
});
