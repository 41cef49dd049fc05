import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe('dorsal in a clone', () => {
	const clone = mkdtempSync(path.join(tmpdir(), 'dorsal-clone-'));
	const file = (name: string) => path.join(clone, name);
	const version = (text: string) => writeFileSync(file('src/base/version.ts'), `export const VERSION = '${text}';\n`);
	const run = () =>
		new Promise<{ code: number; stdout: string; stderr: string }>((resolve) =>
			execFile(process.execPath, [file('bin/dorsal.js'), '--version'], (error, stdout, stderr) =>
				resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
			),
		);

	beforeAll(() => {
		for (const name of ['bin', 'scripts', 'src', 'package.json']) cpSync(name, file(name), { recursive: true });
		symlinkSync(path.resolve('node_modules'), file('node_modules'));
	});
	afterAll(() => rmSync(clone, { recursive: true }));

	it('builds itself at the first call and whenever its sources have changed', async () => {
		version('1.2.3');
		expect(await run()).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' });
		version('1.2.4');
		expect(await run()).toEqual({ code: 0, stdout: '1.2.4\n', stderr: '' });
	});

	it('gives every one of several calls at once the newest code', async () => {
		version('1.2.5');
		const runs = await Promise.all([run(), run(), run()]);
		expect(runs.map(({ stdout }) => stdout)).toEqual(['1.2.5\n', '1.2.5\n', '1.2.5\n']);
	});

	it('says in one line that sources do not build, deleted files included', async () => {
		unlinkSync(file('src/cli/help.ts'));
		const { code, stdout, stderr } = await run();
		expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
		expect(stderr.trim().split('\n').at(-1)).toMatch(/^dorsal: error \[build\]: .* could not be built: .*run npm ci$/);
	});
});
