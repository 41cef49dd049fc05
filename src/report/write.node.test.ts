import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeRun } from '../../test/report/stored-run.ts';
import { syntheticNorms, syntheticRun } from '../../test/report/synthetic.ts';
import { jsonFile, type Run } from '../eval/store.ts';
import { writeReport } from './write.node.ts';

let dir: string;
beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), 'report-'));
});
afterAll(() => rm(dir, { recursive: true }));

const stored = (run: Run, name: string) => storeRun(run, join(dir, name));

const skill = { conditions: { intact: 0.85, permuted: 0.45, 'text-only': 0.39 } };

describe('writeReport', () => {
	it('writes the page, and every figure as SVG and CSV beside it', async () => {
		const run = await stored(await syntheticRun(skill, { images: 30, pictures: true }), 'first');
		const probe = join(dir, 'norms.json');
		await writeFile(probe, jsonFile(syntheticNorms()));
		const out = join(dir, 'out', 'report.html');
		const written = await writeReport({ runs: [run], probes: [probe], out, command: 'dorsal report first' });
		const page = await readFile(out, 'utf8');
		expect(written).toMatchObject({ out, bytes: new TextEncoder().encode(page).length });
		expect(page).toContain('dorsal report first');
		expect(written.verdicts).toEqual([
			{ model: 'tiny-llava', dataset: '2DS, yes/no form', headline: expect.stringContaining('tiny-llava relies') },
		]);
		const names = ['categories', 'conditions', 'norms', 'norms-grid', 'objects', 'sensitivity'];
		expect(new Set(await readdir(join(dir, 'out', 'figures')))).toEqual(
			new Set(names.flatMap((name) => [`${name}.csv`, `${name}.svg`])),
		);
		for (const file of written.figures) {
			const text = await readFile(file, 'utf8');
			if (file.endsWith('.svg')) {
				expect(text).toMatch(
					/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/,
				);
				expect(text).not.toContain('var(--');
			} else {
				const columns = text.split('\r\n').map((line) => line.split(',').length);
				expect(columns.length).toBeGreaterThan(2);
			}
		}
	});

	it('reads a run without changing it', async () => {
		const run = await stored(await syntheticRun(skill, { images: 5 }), 'untouched');
		const hash = async () => {
			const files = (await readdir(run)).filter((name) => name !== 'gallery').sort();
			const bytes = await Promise.all(files.map((name) => readFile(join(run, name))));
			return createHash('sha256').update(Buffer.concat(bytes)).update(files.join()).digest('hex');
		};
		const before = await hash();
		await writeReport({ runs: [run], out: join(dir, 'untouched.html') });
		expect(await hash()).toBe(before);
	});

	it('names what is wrong in one line', async () => {
		const run = await stored(await syntheticRun(skill, { images: 5 }), 'sound');
		const out = join(dir, 'never.html');
		const probe = join(dir, 'broken.json');
		await writeFile(probe, '{"probe":"norms","model":"m","modelHash":null,"data":"d","images":0}');
		await expect(writeReport({ runs: [], out })).rejects.toThrow('no run was given');
		await expect(writeReport({ runs: [join(dir, 'nowhere')], out })).rejects.toThrow('has no manifest.json');
		await expect(writeReport({ runs: [run], probes: [probe], out })).rejects.toThrow(/broken\.json: images: expected/);
		await expect(writeReport({ runs: [run], probes: [join(dir, 'none.json')], out })).rejects.toThrow('cannot read');
		await writeFile(join(dir, 'taken'), '');
		await expect(writeReport({ runs: [run], out: join(dir, 'taken', 'report.html') })).rejects.toThrow(
			/cannot write \(E/,
		);
		expect(existsSync(out)).toBe(false);
	});

	it('lists probe results that it cannot draw', async () => {
		const run = await stored(await syntheticRun(skill, { images: 5 }), 'newer');
		const probe = join(dir, 'telepathy.json');
		await writeFile(probe, '{"probe":"telepathy"}');
		const out = join(dir, 'newer.html');
		await writeReport({ runs: [run], probes: [probe], out });
		expect(await readFile(out, 'utf8')).toContain('telepathy.json');
	});
});
