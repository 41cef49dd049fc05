import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findResults, layout, modelNames } from './layout.node.ts';

describe('modelNames', () => {
	it('takes the last part of each folder and numbers what would be the same', () => {
		expect(modelNames(['models/base', '/x/base/', 'y/other', '../base', '.'])).toEqual([
			'base',
			'base-2',
			'other',
			'base-3',
			path.basename(process.cwd()),
		]);
	});
});

describe('findResults', () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'dorsal-layout-'));
	afterAll(() => rmSync(folder, { recursive: true }));
	const write = (file: string) => {
		mkdirSync(path.dirname(file), { recursive: true });
		writeFileSync(file, '{}');
	};

	it('takes a run as it is and a study with all its runs and probes', async () => {
		const study = path.join(folder, 'study');
		const single = path.join(folder, 'single');
		const runs = ['2ds', '2ds-ventral'].map((task) => layout.run(study, 'base', task));
		const probe = layout.probe(study, 'base', 'norms');
		for (const run of [...runs, single]) write(path.join(run, 'manifest.json'));
		write(probe);
		expect(await findResults([single, study])).toEqual({ runs: [single, ...runs], probes: [probe] });
	});

	it('refuses a folder that is neither', async () => {
		await expect(findResults([folder])).rejects.toThrow(
			`${folder}: holds neither a run nor a study; give a folder that dorsal eval or study wrote`,
		);
	});
});
