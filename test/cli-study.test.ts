import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { folderStore, folderWriter } from '../src/checkpoint/files.node.ts';
import { openCheckpoint } from '../src/checkpoint/open.ts';
import type { VisionPath } from '../src/checkpoint/vision-path.ts';
import { writeCheckpoint } from '../src/checkpoint/write.ts';
import { BESIDE_PROBES, PROBES } from '../src/study/probes.node.ts';
import { studiedModels } from '../src/study/shipped.node.ts';
import { dorsal } from './support/cli.ts';
import { quietSeconds } from './support/quiet.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'dorsal-study-'));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string) => path.join(folder, name);

/** The models that are studied where none is named, base first. */
const SHIPPED = Object.values(studiedModels({})).flat();

/** A model with another vision path, which its weights were not trained for. */
async function writeVariant(out: string, change: Partial<VisionPath>): Promise<void> {
	const store = folderStore('models/base');
	const { config, visionPath, read, close } = await openCheckpoint(store);
	const content = { config, visionPath: { ...visionPath, ...change }, read, copyFrom: store };
	await writeCheckpoint(folderWriter(out), content);
	await close();
}

describe('dorsal study', () => {
	const out = inFolder('study');
	const COMPARED = SHIPPED.at(-1)!;
	const args = ['study', '--model', 'models/base', '--compare', COMPARED, '--limit', '12', '--out', out];

	it('runs everything into one report and sums it up', async () => {
		const { code, stdout, stderr } = await dorsal(args);
		expect(code).toBe(0);
		expect(stderr.startsWith(`study: models/base, ${COMPARED} → `)).toBe(true);
		for (const part of ['2ds', '2ds-direction', '2ds-ventral']) {
			expect(stderr).toContain(`base, ${part}: 96/96`);
			expect(existsSync(path.join(out, 'runs/base', part, 'results.json'))).toBe(true);
		}
		const norms = JSON.parse(readFileSync(path.join(out, 'probes/base/norms.json'), 'utf8'));
		expect(norms).toMatchObject({ probe: 'norms', images: 12 });
		for (const { name } of PROBES) {
			expect(stderr).toContain(`base, ${name}: `);
			const stored = JSON.parse(readFileSync(path.join(out, `probes/base/${name}.json`), 'utf8'));
			expect(stored).toMatchObject({ probe: name, madeFrom: { limit: 12, seed: 0 } });
		}
		expect(stdout).toContain('2DS: where things are');
		expect(stdout).toContain(`report: ${out}/report.html (`);
		expect(statSync(path.join(out, 'report.html')).size).toBeLessThan(5e6);
		expect(readdirSync(path.join(out, 'figures')).some((name) => name.endsWith('.svg'))).toBe(true);
	});

	it('says within a second what it does, by default with all models of the package', async () => {
		const begin = async () => {
			const { stderr } = await dorsal(['study', '--out', inFolder('begun')], { killAt: 'study: ' });
			expect(stderr.startsWith(`study: ${SHIPPED.join(', ')} → `)).toBe(true);
		};
		expect(await quietSeconds(1, begin)).toBeLessThan(1);
	});

	it('goes on where it was: finished parts are not asked again, the report is the same', async () => {
		const records = path.join(out, 'runs/base/2ds/records.jsonl');
		const report = readFileSync(path.join(out, 'report.html'), 'utf8');
		const probes = PROBES.map(({ name }) => path.join(out, `probes/base/${name}.json`));
		const before = [records, ...probes].map((file) => statSync(file).mtimeMs);
		rmSync(path.join(out, 'runs/base/2ds-ventral'), { recursive: true });
		const { code, stdout } = await dorsal([...args, '--json']);
		expect(code).toBe(0);
		expect([records, ...probes].map((file) => statSync(file).mtimeMs)).toEqual(before);
		const { runs } = JSON.parse(stdout) as { runs: { model: string; task: string }[] };
		const own = runs.filter(({ model }) => model === 'base');
		expect(own.map(({ task }) => task)).toEqual(['2ds', '2ds-direction', '2ds-ventral']);
		const plain = (html: string) => html.replaceAll(' --json', '');
		expect(plain(readFileSync(path.join(out, 'report.html'), 'utf8'))).toBe(plain(report));
	});

	it('is stopped by Ctrl-C with everything kept', async () => {
		const { code, stderr } = await dorsal(['study', '--out', inFolder('cut')], { interruptAt: ['2ds: 0/'] });
		expect(code).toBe(130);
		expect(stderr).toContain('run it again to go on from here: dorsal study --out ');
		expect(existsSync(inFolder('cut/runs/base/2ds/manifest.json'))).toBe(true);
	});

	it('keeps finished probes and answers when it is stopped in the middle of one', async () => {
		const probe = (name: string) => path.join(out, `probes/base/${name}.json`);
		const stored = readFileSync(probe('interventions'), 'utf8');
		rmSync(probe('interventions'));
		rmSync(path.join(out, 'probe-runs/base/interventions'), { recursive: true });
		const cut = await dorsal(args, { interruptAt: ['interventions: 0/'] });
		expect(cut.code).toBe(130);
		expect(existsSync(probe('permutation'))).toBe(true);
		expect(existsSync(probe('interventions'))).toBe(false);
		expect(existsSync(path.join(out, 'probe-runs/base/interventions/manifest.json'))).toBe(true);
		expect((await dorsal(args)).code).toBe(0);
		expect(readFileSync(probe('interventions'), 'utf8')).toBe(stored);
	});

	it('is drawn again by dorsal report, and two of its runs compared', async () => {
		const page = inFolder('again.html');
		const drawn = await dorsal(['report', out, '-o', page, '--limit', '2', '--json']);
		expect(drawn).toMatchObject({ code: 0, stderr: '' });
		expect(JSON.parse(drawn.stdout)).toMatchObject({ out: page });
		expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/i);

		const onto = await dorsal(['report', out, '-o', path.join(out, 'runs/base/2ds/records.jsonl')]);
		expect(onto).toMatchObject({ code: 2, stderr: expect.stringContaining('records.jsonl, which must stay as it is') });

		const [a, b] = ['2ds', '2ds-direction'].map((task) => path.join(out, 'runs/base', task));
		const compared = await dorsal(['compare', a!, b!, '--json']);
		expect(compared).toMatchObject({ code: 0, stderr: '' });
		expect(JSON.parse(compared.stdout).differences[0]).toMatchObject({ part: 'data' });
		expect((await dorsal(['compare', a!, a!])).stdout).toContain('The manifests agree');
	});

	it('puts models beside another: 2DS and its twin, norms, RoPE and entropy; pooled ones as points of Fig. 2', async () => {
		const variants = {
			normalised: { normalize: { mode: 'match-mean', targetMean: 0.83, maxNorm: null } },
			pooled: { pool: 2 },
		};
		for (const [name, change] of Object.entries(variants))
			await writeVariant(inFolder(name), change as Partial<VisionPath>);
		const compare = Object.keys(variants).flatMap((name) => ['--compare', inFolder(name)]);
		// The base's own parts are there already, but for Fig. 2.
		const { code, stderr } = await dorsal([
			'study',
			'--model',
			'models/base',
			...compare,
			'--limit',
			'12',
			'--out',
			out,
		]);
		expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('base, compression: ') });
		for (const name of Object.keys(variants)) {
			expect(readdirSync(path.join(out, 'runs', name))).toEqual(['2ds', '2ds-ventral']);
			const probes = BESIDE_PROBES.map((probe) => `${probe.name}.json`).sort();
			expect(readdirSync(path.join(out, 'probes', name)).sort()).toEqual(probes);
		}
		const compression = JSON.parse(readFileSync(path.join(out, 'probes/base/compression.json'), 'utf8'));
		expect(compression.retrained).toMatchObject([{ model: inFolder('pooled'), tokens: 4 }]);
		const page = readFileSync(path.join(out, 'report.html'), 'utf8');
		expect(page).toContain('Trained with 4 tokens (pooled), it ');
		expect(page).toMatch(/normalised (looks|and)|of normalised and/);
	});

	it.each([
		[['study', '--limit', '1'], 2, 'limit', 'study: --limit 1 leaves one image'],
		[['study', '--model', 'nowhere'], 2, 'no-folder', 'nowhere: no such folder'],
		[['report', 'nowhere'], 2, 'no-run', 'nowhere: holds neither a run nor a study'],
		[['report'], 2, 'argument-missing', 'FOLDERS is missing'],
		[['compare', 'a', 'b'], 2, 'no-run', 'a: has no manifest.json'],
	])('%j ends with status %i and code %s', async (words, code, name, message) => {
		const finished = await dorsal(words, { cwd: folder });
		expect(finished).toMatchObject({ code, stdout: '' });
		expect(finished.stderr.trim().split('\n').at(-1)).toContain(`dorsal: error [${name}]: ${message}`);
	});
});
