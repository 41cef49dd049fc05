import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../src/base/version.ts';
import { commands } from '../src/cli/commands.ts';
import { dorsal } from './support/cli.ts';

const bin = path.resolve('bin/dorsal.js');
const shell = (line: string) => promisify(execFile)('bash', ['-c', line], { env: { ...process.env, BIN: bin } });

describe('dorsal', () => {
	it.each([[['--help']], [['-h']], [['help']], [[]]])('prints an overview on %j', async (args) => {
		const { code, stdout, stderr } = await dorsal(args);
		expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
		expect(stdout).toContain('Usage: dorsal COMMAND');
		for (const name of Object.keys(commands)) expect(stdout).toContain(`  ${name} `);
	});

	it('prints its version', async () => {
		expect(await dorsal(['--version'])).toMatchObject({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
	});

	it.each(Object.keys(commands))('%s has a help text with its options and examples', async (name) => {
		const { code, stdout, stderr } = await dorsal([...name.split(' '), '--help']);
		expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
		expect(stdout).toContain(`Usage: dorsal ${name} `);
		// A server and a worker have no result, no end and nothing random of their own.
		const common = ['serve', 'worker'].includes(name) ? [] : ['--json', '--seed', '--limit', '--out'];
		for (const option of [...common, '--help']) expect(stdout).toContain(option);
		expect(stdout).toContain(`  dorsal ${name} `);
		const wide = stdout.split('\n').filter((line) => line.length > 120);
		expect(wide).toEqual([]);
	});

	it.each(Object.keys(commands))('%s refuses an option it does not have', async (name) => {
		const { code, stdout, stderr } = await dorsal([...name.split(' '), '--hlep']);
		expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
		expect(stderr).toMatch(/^dorsal: error \[option-unknown\]: unknown option --hlep; .+\n$/);
	});

	it('suggests the option that was meant', async () => {
		const { stderr } = await dorsal(['compare', 'a', 'b', '--jsn']);
		expect(stderr).toBe('dorsal: error [option-unknown]: unknown option --jsn; did you mean --json?\n');
	});

	it.each([
		[['compre'], 'unknown command "compre"; did you mean compare?'],
		[['launch'], 'unknown command "launch"; see dorsal --help'],
		[['--jsn', 'compare'], 'unknown command "--jsn"; the command comes first, then its options'],
		[['constructor'], 'unknown command "constructor"; see dorsal --help'],
	])('refuses %j', async (args, message) => {
		expect(await dorsal(args)).toMatchObject({
			code: 2,
			stdout: '',
			stderr: `dorsal: error [command-unknown]: ${message}\n`,
		});
	});

	it('shows where an error came from only when asked to', async () => {
		const { stderr } = await dorsal(['compare', 'no', 'where'], { env: { DORSAL_DEBUG: '1' } });
		expect(stderr).toMatch(/\n {4}at /);
		expect((await dorsal(['compare', 'no', 'where'])).stderr).not.toMatch(/\n {4}at /);
	});

	it('ends quietly when nobody reads its output', async () => {
		const child = spawn(process.execPath, [bin, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
		child.stdout.destroy();
		let stderr = '';
		child.stderr.on('data', (data) => {
			stderr += data;
		});
		const code = await new Promise((resolve) => child.on('close', resolve));
		expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
	});

	it.skipIf(!existsSync('/dev/full'))('says so when its output cannot be written (needs /dev/full)', async () => {
		const refused = await shell('node "$BIN" --help > /dev/full').catch((error) => error);
		expect(refused.code).toBe(1);
		expect(refused.stderr).toBe(
			'dorsal: error [ENOSPC]: standard output: the disk is full; free some space and run the same command again\n',
		);
	});

	it('prints its help within 150 ms, or twice the start of a bare node on a busy machine', async () => {
		const fastest = { bare: Number.POSITIVE_INFINITY, help: Number.POSITIVE_INFINITY };
		const time = async (name: keyof typeof fastest, args: string[]) => {
			const start = performance.now();
			await promisify(execFile)(process.execPath, args);
			fastest[name] = Math.min(fastest[name], performance.now() - start);
		};
		for (let i = 0; i < 20 && fastest.help >= 150; i++) {
			await time('bare', ['-e', '0']);
			await time('help', [bin, '--help']);
		}
		expect(fastest.help).toBeLessThan(Math.max(150, 2 * fastest.bare));
	});
});
