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
	/** Ctrl-C is pressed once each time that the next of these texts appears on standard error. */
	interruptAt?: readonly string[];
	/** It is killed when this text appears on standard error. */
	killAt?: string;
}

/** Runs `dorsal` as a user does, in a process of its own. */
export function dorsal(
	args: readonly string[],
	{ cwd, env = {}, interruptAt = [], killAt }: RunOptions = {},
): Promise<Finished> {
	const child = spawn(process.execPath, [path.resolve('bin/dorsal.js'), ...args], {
		cwd,
		env: { ...process.env, DORSAL_DEBUG: '', ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let [stdout, stderr] = ['', ''];
	const awaited = [...interruptAt];
	child.stdout.on('data', (data) => {
		stdout += data;
	});
	child.stderr.on('data', (data) => {
		stderr += data;
		if (killAt !== undefined && stderr.includes(killAt)) child.kill('SIGKILL');
		if (awaited[0] !== undefined && stderr.includes(awaited[0])) {
			awaited.shift();
			child.kill('SIGINT');
		}
	});
	return new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', (code) => resolve({ code, stdout, stderr }));
	});
}

/** Loaded before anything else: tells the peak of the memory at the end. */
const TELL = encodeURIComponent(
	"process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS + '\\n'))",
);

/** Runs `dorsal`, and also gives the peak of its memory, in bytes. */
export async function withPeakMemory(args: readonly string[]): Promise<Finished & { peakMemory: number }> {
	const finished = await dorsal(args, { env: { NODE_OPTIONS: `--import=data:text/javascript,${TELL}` } });
	const [line, kilobytes] = /peak (\d+)\n/.exec(finished.stderr) ?? ['', 'NaN'];
	return { ...finished, stderr: finished.stderr.replace(line, ''), peakMemory: Number(kilobytes) * 1024 };
}
