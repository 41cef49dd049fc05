import { spawn, spawnSync } from 'node:child_process';
import {
	appendFileSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultsSchema } from '../src/eval/run.ts';
import { twoDsTask } from '../src/tasks/2ds.ts';
import { dorsal } from './support/cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'dorsal-eval-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const inFolder = (name: string) => path.join(folder, name);

/** Every file of a run by name, as bytes. */
const bytesOf = (run: string) =>
	readdirSync(run, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => [entry.name, readFileSync(path.join(entry.parentPath, entry.name), 'base64')])
		.sort();

describe('dorsal eval', () => {
	it('prints results.json, and nothing else, under --json', async () => {
		const args = ['eval', '2ds', '--condition', 'intact,permuted,text-only', '--limit', '60', '--out', inFolder('try')];
		const { code, stdout, stderr } = await dorsal([...args, '--json']);
		expect(code).toBe(0);
		const results = resultsSchema.parse(JSON.parse(stdout));
		expect(results).toEqual(JSON.parse(readFileSync(inFolder('try/results.json'), 'utf8')));
		expect(Object.keys(results.conditions)).toEqual(['intact', 'permuted', 'text-only']);
		expect(results.conditions.permuted!.draws).toHaveLength(3);
		expect(stderr).toContain('answers: 0/300\n');
		expect(stderr).toContain('answers: 300/300');

		const again = await dorsal(args);
		expect(again.code).toBe(0);
		expect(again.stdout).toContain('2ds, models/base: 60 questions a condition; percent');
		expect(again.stderr).toContain('answers: 300/300\n');
	});

	it('asks the direction form, the ventral twin and mirrored fours', async () => {
		const run = async (...args: string[]) => {
			const out = inFolder(args.join('-'));
			const { stdout } = await dorsal(['eval', ...args, '--limit', '48', '--json', '--out', out]);
			const { task } = JSON.parse(readFileSync(path.join(out, 'manifest.json'), 'utf8'));
			return { ...resultsSchema.parse(JSON.parse(stdout)).conditions.intact!, facts: task.facts };
		};
		expect((await run('2ds', '--form', 'direction')).byGroup.form).toHaveProperty('direction');
		expect(Object.keys((await run('2ds-ventral')).byCategory)).toEqual(['color', 'shape', 'exists', 'count']);
		expect((await run('2ds', '--quads')).facts).toMatchObject({ quads: true });
	});

	const uncut = ['eval', '2ds', '--condition', 'intact,pool:1', '--limit', '300', '--out', inFolder('uncut')];
	beforeAll(async () => {
		expect(await dorsal(uncut)).toMatchObject({ code: 0 });
	});

	it('keeps what is known on Ctrl-C and goes on from there to the same bytes', async () => {
		const args = uncut.slice(0, -1);
		const cut = inFolder('cut');
		const stopped = await dorsal([...args, cut], { interruptAt: ['answers: 0/'] });
		expect(stopped).toMatchObject({ code: 130, stdout: '' });
		expect(stopped.stderr).toContain('stopping: what is known so far is being kept');
		expect(stopped.stderr).toContain(`stopped; run it again to go on from here: dorsal ${args.join(' ')} ${cut}\n`);
		expect(stopped.stderr).not.toContain('error');
		expect(readdirSync(cut)).not.toContain('results.json');

		expect(await dorsal([...args, cut])).toMatchObject({ code: 0 });
		expect(bytesOf(cut)).toEqual(bytesOf(inFolder('uncut')));
	});

	it('goes on to the same bytes after being killed twice, with an answer half written', async () => {
		const killed = inFolder('killed');
		const records = path.join(killed, 'records.jsonl');
		for (const bytes of [1, 60_000]) {
			const child = spawn(process.execPath, ['bin/dorsal.js', ...uncut.slice(0, -1), killed], { stdio: 'ignore' });
			const ended = new Promise((resolve) => child.on('close', resolve));
			while ((statSync(records, { throwIfNoEntry: false })?.size ?? 0) < bytes) await setTimeout(5);
			child.kill('SIGKILL');
			await ended;
			appendFileSync(records, '{"id":"half');
		}
		expect(await dorsal([...uncut.slice(0, -1), killed])).toMatchObject({ code: 0 });
		expect(bytesOf(killed)).toEqual(bytesOf(inFolder('uncut')));
	});

	it('ends at once on a second Ctrl-C', async () => {
		const interruptAt = ['answers: 0/', 'stopping'];
		const { code } = await dorsal(['eval', '2ds', '--out', inFolder('twice')], { interruptAt });
		expect(code).toBe(130);
	});

	const mountable = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
	it.skipIf(!mountable)(
		'says that the disk is full, and finishes the run when there is room (needs user namespaces)',
		() => {
			const disk = inFolder('disk');
			mkdirSync(disk);
			const command = `node bin/dorsal.js eval 2ds --limit 300 --out '${disk}/run'`;
			const script = `mount -t tmpfs -o size=64k none '${disk}' && ${command}; echo "status $?"
			mount -o remount,size=4m '${disk}' && ${command} >/dev/null 2>&1; echo "status $?"`;
			const { stdout, stderr } = spawnSync('unshare', ['-rm', 'sh', '-c', script], { encoding: 'utf8' });
			expect(stdout).toBe('status 1\nstatus 0\n');
			expect(stderr).toMatch(/^dorsal: error \[run-write\]: .*\(ENOSPC: the disk is full\)/m);
		},
	);

	it.each([
		[['2sd'], 2, 'task', 'unknown task "2sd"; did you mean 2ds?'],
		[['pope'], 2, 'option-missing', '--data is missing: pope is read from its own files'],
		[['2ds', '--condition', 'shuffled'], 2, 'condition', 'there is no such condition'],
		[['2ds', '--form', 'directions'], 2, 'option-value', 'did you mean direction?'],
		[['2ds', '--images', 'x'], 2, 'option-conflict', '--images: is not for 2DS'],
		[['2ds', '--data', 'x', '--quads'], 2, 'option-conflict', '--quads: is fixed in the benchmark that --data names'],
		[['2ds', '--out', 'used', '--limit', '6'], 2, 'out', 'used: holds notes.txt and no run; give a new folder'],
		[['2ds', '--out', 'try', '--limit', '6'], 2, 'run-differs', 'try: holds another run'],
		[['2ds', '--model', 'used', '--out', 'new'], 1, 'missing-file', 'used/config.json: not there'],
	])('eval %j ends with status %i and code %s', async (args, code, name, message) => {
		mkdirSync(inFolder('used'), { recursive: true });
		writeFileSync(inFolder('used/notes.txt'), '');
		const finished = await dorsal(['eval', ...args], { cwd: folder });
		expect(finished).toMatchObject({ code, stdout: '' });
		const last = finished.stderr.trim().split('\n').at(-1);
		expect(last).toContain(`dorsal: error [${name}]: `);
		expect(last).toContain(message);
	});
});

it('dorsal eval of a standard benchmark ends with the official figures of the intact answers', async () => {
	const rows = ['circle', 'square'].map((thing, i) => ({
		question_id: i + 1,
		image: 'a.png',
		text: `Is there a ${thing} in the image?`,
		label: i === 0 ? 'yes' : 'no',
	}));
	mkdirSync(inFolder('pope'));
	writeFileSync(inFolder('pope/coco_pope_popular.json'), rows.map((row) => JSON.stringify(row)).join('\n'));
	const task = twoDsTask({ images: 1, size: 64 });
	writeFileSync(inFolder('pope/a.png'), await task.image(task.questions[0]!.image));
	const args = ['eval', 'pope', '--data', inFolder('pope'), '--out', inFolder('pope-run')];
	const { code, stdout } = await dorsal([...args, '--json']);
	expect(code).toBe(0);
	const { score, ...results } = JSON.parse(stdout);
	expect(results).toEqual(JSON.parse(readFileSync(inFolder('pope-run/results.json'), 'utf8')));
	expect(score).toMatchObject({ task: 'pope', questions: 2, official: { recall: expect.any(Number) } });
	expect((await dorsal(args)).stdout).toMatch(/^pope, % +official +lenient$/m);
});
