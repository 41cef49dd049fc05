import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { type Zippable, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeBackend, fakeFacts, fakeTask } from '../../test/support/fake-eval.ts';
import { DorsalError } from '../base/errors.ts';
import { memoryFile } from '../tasks/score-file.ts';
import { compareRuns } from './compare.ts';
import { parseConditions } from './conditions.ts';
import { evaluate } from './runner.ts';
import { openRun, readRun } from './store.node.ts';
import { type Run, runFrom } from './store.ts';
import { zipStore } from './zip-store.ts';

let scratch = '';
const files: Record<string, Uint8Array> = {};
const at = (name: string) => join(scratch, name);

beforeAll(async () => {
	scratch = await mkdtemp(join(tmpdir(), 'dorsal-zip-'));
	const store = await openRun(at('run'));
	// The model's folder is nowhere on this machine: a run says where its model was, and never looks there.
	const backend = fakeBackend({ facts: { ...fakeFacts, model: '/no/such/place/model' } });
	await evaluate({ task: fakeTask(), backend, conditions: parseConditions('intact,permuted'), store });
	await store.close();
	for (const entry of await readdir(at('run'), { recursive: true, withFileTypes: true })) {
		const path = join(entry.parentPath, entry.name);
		if (entry.isFile()) files[relative(at('run'), path).replaceAll('\\', '/')] = new Uint8Array(await readFile(path));
	}
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Everything that a run says. */
async function contents(run: Run) {
	const records = [];
	for await (const record of run.records()) records.push(record);
	const images = [];
	for (const id of run.manifest.gallery) images.push(await run.image(id));
	await run.close();
	return { manifest: run.manifest, results: run.results, records, images: images.map((image) => image && [...image]) };
}

const zipped = (run: Zippable) => zipStore(memoryFile('run.zip', zipSync(run)));

describe('a zipped run', () => {
	it.each<[string, (run: Zippable) => Zippable]>([
		['at the top of the archive', (run) => run],
		['in its folder', (run) => ({ run })],
		['in folders', (run) => ({ home: { ann: { run } } })],
		['stored', (run) => ({ run: [run, { level: 0 }] })],
		['with what macOS adds', (run) => ({ run, __MACOSX: { run: { '._manifest.json': new Uint8Array(9) } } })],
	])('is the same run: %s', async (_, layout) => {
		expect(await contents(await runFrom(await zipped(layout(files))))).toEqual(
			await contents(await readRun(at('run'))),
		);
	});

	it('is read by its path, wherever it and its folder are moved to', async () => {
		const before = await contents(await readRun(at('run')));
		expect(before.records).toHaveLength(120);
		expect(before.images.filter((image) => image !== null)).toHaveLength(10);
		await writeFile(at('Run.ZIP'), zipSync({ run: files }));
		await rename(at('run'), at('moved'));
		expect(await contents(await readRun(at('moved')))).toEqual(before);
		expect(await contents(await readRun(at('Run.ZIP')))).toEqual(before);
		const { differences, conditions } = await compareRuns(await readRun(at('moved')), await readRun(at('Run.ZIP')));
		expect(differences).toEqual([]);
		expect(conditions.map(({ shared, changed }) => [shared, changed])).toEqual([
			[30, 0],
			[30, 0],
		]);
		await rename(at('moved'), at('run'));
	});

	it('is never written to', async () => {
		const store = await zipped(files);
		await expect(store.append(new Uint8Array(1))).rejects.toThrow(
			'run.zip: a zipped run is only read; unpack it to go on with it',
		);
		await expect(store.write('results.json', new Uint8Array(1))).rejects.toThrow('is only read');
		const { mtimeMs } = await stat(at('Run.ZIP'));
		await expect(openRun(at('Run.ZIP'))).rejects.toThrow('is a file; give a folder for the run');
		expect((await stat(at('Run.ZIP'))).mtimeMs).toBe(mtimeMs);
	});

	it('has to be one', async () => {
		await expect(zipped({ 'a.json': new Uint8Array() })).rejects.toThrow(
			'run.zip: holds no run; zip the folder of one',
		);
		await expect(zipped({ a: files, b: files })).rejects.toThrow('run.zip: holds 2 runs; zip the folder of one');
		await writeFile(at('none.zip'), '{}');
		await expect(readRun(at('none.zip'))).rejects.toThrow('none.zip: has no end of an archive');
		await expect(readRun(at('nowhere.zip'))).rejects.toThrow(
			'nowhere.zip: has no manifest.json; give the folder of a run, or a .zip of it',
		);
	});

	it('that is damaged is refused, or is the run as it was', async () => {
		const archive = zipSync({ run: files });
		const whole = await contents(await readRun(at('run')));
		const edit = fc.tuple(fc.nat(archive.length - 1), fc.integer({ min: 1, max: 255 }));
		await fc.assert(
			fc.asyncProperty(edit, async ([place, change]) => {
				const bytes = archive.slice();
				bytes[place]! ^= change;
				const read = await zipStore(memoryFile('run.zip', bytes))
					.then(runFrom)
					.then(contents)
					.catch((error: unknown) => error);
				if (read instanceof DorsalError) return;
				// A name that is written over can only take a file away.
				const { results, records, images, ...rest } = read as typeof whole;
				expect(rest).toEqual({ manifest: whole.manifest });
				if (results !== null) expect(results).toEqual(whole.results);
				if (records.length > 0) expect(records).toEqual(whole.records);
				for (const [i, image] of images.entries()) if (image !== null) expect(image).toEqual(whole.images[i]);
			}),
			{ numRuns: 150 },
		);
	});
});
