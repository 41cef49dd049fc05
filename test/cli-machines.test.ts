import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { resultsSchema } from '../src/eval/run.ts';
import { dorsal } from './support/cli.ts';
import { hasRedis, startRedis } from './support/redis.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'dorsal-machines-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const inFolder = (name: string) => path.join(folder, name);
const file = (name: string) => readFileSync(inFolder(name), 'utf8');

const running = new Set<ChildProcess>();
afterEach(() => {
	for (const child of running) child.kill('SIGKILL');
	running.clear();
});

/** Starts a command that goes on until it is stopped; resolves when a text stands on standard error. */
function start(args: string[], awaited: RegExp): Promise<{ child: ChildProcess; match: RegExpExecArray }> {
	const child = spawn(process.execPath, [path.resolve('bin/dorsal.js'), ...args], {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	running.add(child);
	let text = '';
	return new Promise((resolve, reject) => {
		child.stderr.on('data', (data) => {
			text += data;
			const match = awaited.exec(text);
			if (match) resolve({ child, match });
		});
		child.on('exit', () => reject(new Error(`ended before it was ready: ${text}`)));
	});
}

function stop(child: ChildProcess): Promise<number | null> {
	const exit = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
	child.kill('SIGINT');
	return exit;
}

const ask = ['eval', '2ds', '--condition', 'intact,text-only', '--limit', '36'];

describe('dorsal serve and dorsal eval --model URL', () => {
	it('gives the answers of the model itself, tells what was used, and stops on Ctrl-C', async () => {
		const { child, match } = await start(['serve', '--port', '0'], /at (http:\S+) \(this machine only\)/);
		const url = match[1]!;
		const env = { OPENAI_API_KEY: 'sk-secret-key' };
		const remote = await dorsal([...ask, '--model', url, '--out', inFolder('remote')], { env });
		expect(remote.code).toBe(0);
		expect(remote.stderr).toMatch(/eval: 72 requests answered, \d+ \+ \d+ tokens\n/);
		expect(await dorsal([...ask, '--out', inFolder('native')])).toMatchObject({ code: 0 });
		const raws = (name: string) =>
			file(`${name}/records.jsonl`)
				.trimEnd()
				.split('\n')
				.map((line) => JSON.parse(line).raw);
		expect(raws('remote')).toEqual(raws('native'));
		const everything = readdirSync(inFolder('remote'), { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'));
		expect([...everything, remote.stdout, remote.stderr].join('')).not.toContain('sk-secret-key');

		const impossible = await dorsal([
			'eval',
			'2ds',
			'--condition',
			'pool:4',
			'--model',
			url,
			'--out',
			inFolder('pool'),
		]);
		expect(impossible.code).toBe(2);
		expect(impossible.stderr).toContain("--condition pool:4: a server lets nobody at the model's vision tokens (pool)");
		expect(await stop(child)).toBe(0);
	});

	it.each([
		[['--model', 'http://me:pa55word@127.0.0.1:1/v1'], 'would end up in records'],
		[['--model', 'http://127.0.0.1:19999/v1', '--retries', 'x'], '--retries x: expected a whole number'],
		[['--model', 'http://127.0.0.1:19999/v1', '--request', '[1]'], '--request: expected an object'],
		[['--concurrency', '4'], '--concurrency: is for a server; --model models/base is a folder'],
		[
			['--queue', 'redis://me:pa55word@127.0.0.1:19999'],
			'--queue redis://127.0.0.1:19999: cannot connect (ECONNREFUSED)',
		],
	])('refuses %j in one line without a password', async (args, message) => {
		const { code, stderr } = await dorsal([...ask, '--out', inFolder('refused'), ...args]);
		expect(code).toBe(2);
		expect(stderr).toContain(message);
		expect(stderr).not.toContain('pa55word');
		expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^dorsal: error \[/);
	});
});

describe.skipIf(!hasRedis)('dorsal worker and dorsal eval --queue (needs redis-server)', () => {
	it('leaves the files of a run in one process, byte for byte', async () => {
		const redis = await startRedis({ password: 'pa55word' });
		try {
			const args = ['worker', '--queue', redis.url, '--threads', '1'];
			const workers = await Promise.all([start(args, /waiting at/), start(args, /waiting at/)]);
			const queued = await dorsal([...ask, '--queue', redis.url, '--out', inFolder('queued')]);
			expect(queued.code).toBe(0);
			expect(queued.stderr).not.toContain('pa55word');
			expect(await dorsal([...ask, '--out', inFolder('alone')])).toMatchObject({ code: 0 });
			for (const name of ['manifest.json', 'records.jsonl', 'results.json']) {
				expect(file(`queued/${name}`)).toBe(file(`alone/${name}`));
			}
			expect(await Promise.all(workers.map(({ child }) => stop(child)))).toEqual([0, 0]);
		} finally {
			await redis.close();
		}
	});
});

describe('dorsal eval', () => {
	it('--plan says how many questions show which difference, and asks none', async () => {
		const { code, stdout } = await dorsal([
			'eval',
			'2ds',
			'--plan',
			'--limit',
			'600',
			'--json',
			'--out',
			inFolder('plan'),
		]);
		expect(code).toBe(0);
		const { questions, needed } = JSON.parse(stdout);
		expect(questions).toBe(600);
		expect(needed).toContainEqual({ difference: 0.05, discordance: 0.2, questions: 665 });
		expect(readdirSync(folder)).not.toContain('plan');
	});

	const vsr = '../shared/data/vsr/zeroshot-test.jsonl';
	it.skipIf(!existsSync(vsr))(
		'--plan needs no images, and says how answers are balanced (needs ../shared/data)',
		async () => {
			const { code, stdout } = await dorsal(['eval', 'vsr', '--data', vsr, '--plan']);
			expect(code).toBe(0);
			expect(stdout).toContain('vsr has 1222 questions a condition.');
			expect(stdout).toContain('Right answers of all its questions: true 629, false 593.');
		},
	);

	it('--variants asks every question in several versions, and counts those right in all', async () => {
		const args = ['eval', '2ds', '--form', 'direction', '--variants', 'third-option', '--limit', '24', '--json'];
		const { stdout } = await dorsal([...args, '--out', inFolder('third')]);
		const { intact } = resultsSchema.parse(JSON.parse(stdout)).conditions;
		expect(intact!.sets).toHaveProperty('third-option');
		expect(Object.keys(intact!.byGroup['third-option']!).sort()).toEqual(['three', 'two']);
		const none = await dorsal(['eval', '2ds', '--variants', 'circular', '--out', inFolder('none')]);
		expect(none.stderr).toContain('--variants circular: 2ds has no question for it; its questions list no options');
	});
});
