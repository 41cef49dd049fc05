import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeBackend, fakeTask } from '../../test/support/fake-eval.ts';
import { rng } from '../base/random.ts';
import { parseConditions } from './conditions.ts';
import { evaluate } from './runner.ts';
import { openRun, readRun } from './store.node.ts';

let scratch = '';
let child = '';

beforeAll(async () => {
	scratch = await mkdtemp(join(tmpdir(), 'dorsal-run-'));
	child = join(scratch, 'child.mjs');
	const entry = fileURLToPath(new URL('../../test/support/evaluate-child.ts', import.meta.url));
	await build({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', outfile: child });
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

async function run(out: string): Promise<void> {
	const store = await openRun(out);
	const conditions = parseConditions('intact,permuted');
	await evaluate({ task: fakeTask(), backend: fakeBackend(), conditions, store, imagesPerBatch: 4 }).finally(
		store.close,
	);
}

/** Every file of a folder with its content. */
async function contents(dir: string): Promise<Record<string, string>> {
	const names = await readdir(dir, { recursive: true, withFileTypes: true });
	const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
	const read = async (file: string) => [file.slice(dir.length), await readFile(file, 'latin1')] as const;
	return Object.fromEntries(await Promise.all(files.sort().map(read)));
}

describe('a run in a folder', () => {
	it('is made, read back, and left as it is when it is finished', async () => {
		const out = join(scratch, 'deep/in/folders');
		await run(out);
		const before = await contents(out);
		expect(Object.keys(before)).toHaveLength(3 + 10);
		expect(before).toHaveProperty(['/gallery/00.png']);
		await run(out);
		expect(await contents(out)).toEqual(before);

		const stored = await readRun(out);
		let count = 0;
		for await (const { id } of stored.records()) if (id) count++;
		expect(count).toBe(10 * 3 * 4);
		expect(stored.results?.conditions.intact?.questions).toBe(30);
		expect([...(await stored.image('q0'))!.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
	});

	it('loses a torn last line, however long, and nothing else', async () => {
		const out = join(scratch, 'torn');
		await run(out);
		const before = await contents(out);
		const records = join(out, 'records.jsonl');
		const { size } = await stat(records);
		for (const keep of [0, 1, 5000, size - 1]) {
			await truncate(records, keep);
			// Longer than one step of the search for the last line break.
			await appendFile(records, '\0'.repeat(150_000));
			await run(out);
			expect(await contents(out)).toEqual(before);
		}
	});

	it('refuses a folder of something else, and a file', async () => {
		const out = join(scratch, 'other');
		await mkdir(out);
		await writeFile(join(out, 'thesis.tex'), '');
		await expect(run(out)).rejects.toThrow(`${out}: holds thesis.tex and no run; give a new folder`);
		await expect(run(join(out, 'thesis.tex'))).rejects.toThrow('is a file; give a folder for the run');
		await expect(run(join(out, 'thesis.tex', 'run'))).rejects.toThrow('is a file; give a folder for the run');
		await expect(readRun(out)).rejects.toThrow(`${out}: has no manifest.json; give the folder of a run`);
		await expect(readRun(join(scratch, 'nowhere'))).rejects.toThrow('has no manifest.json');
	});

	it('notices that another process writes to the same run', async () => {
		const out = join(scratch, 'shared');
		const store = await openRun(out);
		await store.append(new TextEncoder().encode('{}\n'));
		await appendFile(join(out, 'records.jsonl'), '{}\n');
		await expect(store.append(new Uint8Array([10]))).rejects.toThrow('another process writes to this run');
		await store.close();
	});

	const holds = process.platform === 'linux' || process.platform === 'win32';
	it.runIf(holds)(
		'refuses the second of two that would write to one run until the first is gone, killed or not',
		async () => {
			const out = join(scratch, 'held');
			const first = spawn('node', [child, out, '200'], { stdio: ['ignore', 'pipe', 'inherit'] });
			const exit = once(first, 'exit');
			await once(first.stdout, 'data');
			await expect(openRun(out)).rejects.toThrow(`${out}: another process writes to this run; wait for it, stop it,`);
			first.kill('SIGKILL');
			await exit;
			await (await openRun(out)).close();
			const open = await openRun(out);
			await expect(openRun(join(out, '..', 'held'))).rejects.toThrow('another process writes to this run');
			await open.close();
		},
	);

	it('refuses to add to records that have grown since they were read', async () => {
		const out = join(scratch, 'grown');
		await run(out);
		const store = await openRun(out);
		for await (const _ of store.recordBytes());
		await appendFile(join(out, 'records.jsonl'), '{}\n');
		const before = await contents(out);
		await expect(store.append(new Uint8Array([10]))).rejects.toThrow('another process writes to this run');
		await store.close();
		expect(await contents(out)).toEqual(before);
	});

	it('tells in one line that a file may not grow, keeps what is known, and goes on when it may', async () => {
		const [uncut, out] = [join(scratch, 'uncut'), join(scratch, 'full')];
		expect(spawnSync('node', [child, uncut]).status).toBe(0);
		// 64 blocks of 512 or 1,024 bytes: less than the records need.
		const full = spawnSync('sh', ['-c', `ulimit -f 64; exec node '${child}' '${out}'`], { encoding: 'utf8' });
		expect(full.status).toBe(1);
		expect(full.stderr).toBe(
			`${out}/records.jsonl: cannot write (EFBIG: the file may not grow further); what was recorded before is kept: put it right and give the same command again\n`,
		);
		const known = await readFile(join(out, 'records.jsonl'), 'utf8');
		expect(known.endsWith('\n')).toBe(true);
		expect(known.split('\n').length - 1).toBe(Number(full.stdout.trimEnd().split('\n').at(-1)));
		expect(spawnSync('node', [child, out]).status).toBe(0);
		expect(await contents(out)).toEqual(await contents(uncut));
	});

	it('has the same bytes after kill -9 at random moments as without', async () => {
		const [uncut, out] = [join(scratch, 'whole'), join(scratch, 'killed')];
		expect(spawnSync('node', [child, uncut]).status).toBe(0);
		const random = rng(0, 'kill');
		const reached: number[] = [];
		for (let kill = 0; kill < 5; kill++) {
			const process = spawn('node', [child, out, '40'], { stdio: ['ignore', 'pipe', 'inherit'] });
			const exit = once(process, 'exit');
			// Some batches on and a moment later: far enough from the end of 50 batches for a kill that comes late.
			const batches = 1 + random.int(4);
			let printed = '';
			for await (const data of process.stdout) {
				printed += data;
				if (printed.split('\n').length > batches && !process.killed) {
					await new Promise((resolve) => setTimeout(resolve, random.int(40)));
					process.kill('SIGKILL');
				}
			}
			expect((await exit)[1]).toBe('SIGKILL');
			reached.push(Number(printed.split('\n').at(-2)));
		}
		// Each process began where the one before was killed, or later by what that one had not printed yet.
		expect(reached).toEqual(reached.toSorted((a, b) => a - b));
		expect(reached.at(-1)).toBeGreaterThan(0);
		expect(reached.at(-1)).toBeLessThan(600);
		expect(spawnSync('node', [child, out]).status).toBe(0);
		expect(await contents(out)).toEqual(await contents(uncut));
	});
});
