import { spawn } from 'node:child_process';
import path from 'node:path';

export interface Finished {
	/** Exit status; null where a signal ended it. */
	code: number | null;
	stdout: string;
	stderr: string;
}

export interface RunOptions {
	cwd?: string;
	env?: Record<string, string>;
	/** Called with standard error so far, whenever more of it comes. */
	onStderr?: (text: string, child: ReturnType<typeof spawn>) => void;
}

/** Runs `dorsal` as a user does, in a process of its own. */
export function dorsal(args: readonly string[], { cwd, env = {}, onStderr }: RunOptions = {}): Promise<Finished> {
	const child = spawn(process.execPath, [path.resolve('bin/dorsal.js'), ...args], {
		cwd,
		env: { ...process.env, DORSAL_DEBUG: '', ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let [stdout, stderr] = ['', ''];
	child.stdout.on('data', (data) => {
		stdout += data;
	});
	child.stderr.on('data', (data) => {
		stderr += data;
		onStderr?.(stderr, child);
	});
	return new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', (code) => resolve({ code, stdout, stderr }));
	});
}
