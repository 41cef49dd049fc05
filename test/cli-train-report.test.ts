import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { dorsal } from './support/cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'dorsal-train-report-'));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string) => path.join(folder, name);
const REFRESH = 'http-equiv="refresh"';
const train = ['train', 'recipes/smoke.json', '--out', inFolder('run')];

it('dorsal train draws its page at each save, and dorsal report draws the same', async () => {
	const args = [...train, '--limit', '3'];
	const stopped = await dorsal(args, { interruptAt: ['words: 0/3'] });
	expect(stopped.code).toBe(130);
	const live = readFileSync(inFolder('run/report.html'), 'utf8');
	expect(live).toContain(REFRESH);
	expect(live).toContain('run is at step');

	expect(await dorsal(args)).toMatchObject({ code: 0 });
	const page = readFileSync(inFolder('run/report.html'), 'utf8');
	expect(page).not.toContain(REFRESH);
	expect(page).toContain('run is finished: 12 steps.');
	expect(readdirSync(inFolder('run/figures'))).toContain('training-2ds.svg');
	const drawn = await dorsal(['report', inFolder('run'), '-o', inFolder('again.html'), '--json']);
	expect(drawn.code).toBe(0);
	expect(JSON.parse(drawn.stdout)).toMatchObject({ out: inFolder('again.html'), bytes: Buffer.byteLength(page) });
	expect(readFileSync(inFolder('again.html'), 'utf8')).toBe(page);

	const onto = await dorsal(['report', inFolder('run'), '-o', inFolder('run/metrics.jsonl')]);
	expect(onto).toMatchObject({ code: 2, stderr: expect.stringContaining('metrics.jsonl, which must stay as it is') });

	mkdirSync(inFolder('eval'));
	writeFileSync(inFolder('eval/manifest.json'), '{}');
	const mixed = await dorsal(['report', inFolder('run'), inFolder('eval')]);
	expect(mixed).toMatchObject({ code: 2, stdout: '' });
	expect(mixed.stderr).toContain(
		`${inFolder('eval')}: is no run of training, as ${inFolder('run')} is; report them apart`,
	);
});

it('a page that cannot be written does not end the training', async () => {
	const out = inFolder('blocked');
	mkdirSync(path.join(out, 'report.html'), { recursive: true });
	writeFileSync(path.join(out, 'recipe.json'), readFileSync(inFolder('run/recipe.json')));
	const { code, stderr } = await dorsal(['train', 'recipes/smoke.json', '--limit', '3', '--out', out]);
	expect(code).toBe(0);
	expect(stderr.match(/the run goes on without its page/g)).toHaveLength(1);
	expect(readdirSync(out)).toContain('model');
});
