import { spawn } from 'node:child_process';
import path from 'node:path';

export interface Finished {
	/** Exit status; null where a signal ended it. */
	code: number | null;
	stdout: string;
	stderr: string;
	/** Milliseconds until anything stood on standard error; infinite where nothing ever did. */
	firstLine: number;
}

export interface RunOptions {
	cwd?: string;
	env?: Record<string, string>;
	/** Ctrl-C is pressed once each time that the next of these texts appears on standard error. */
	interruptAt?: readonly string[];
}

/** Runs `dorsal` as a user does, in a process of its own. */
export function dorsal(
	args: readonly string[],
	{ cwd, env = {}, interruptAt = [] }: RunOptions = {},
): Promise<Finished> {
	const child = spawn(process.execPath, [path.resolve('bin/dorsal.js'), ...args], {
		cwd,
		env: { ...process.env, DORSAL_DEBUG: '', ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const start = performance.now();
	let [stdout, stderr] = ['', ''];
	let firstLine = Number.POSITIVE_INFINITY;
	const awaited = [...interruptAt];
	child.stdout.on('data', (data) => {
		stdout += data;
	});
	child.stderr.on('data', (data) => {
		stderr += data;
		firstLine = Math.min(firstLine, performance.now() - start);
		if (awaited[0] !== undefined && stderr.includes(awaited[0])) {
			awaited.shift();
			child.kill('SIGINT');
		}
	});
	return new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', (code) => resolve({ code, stdout, stderr, firstLine }));
	});
}
