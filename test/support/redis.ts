import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { restartablePort } from './port.ts';

/** Whether redis-server is installed (Debian: `apt-get install redis-server`). */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

export interface RedisServer {
	url: string;
	/** Ends it at once, as a crash would, and starts it again after a while, with nothing of its data. */
	crash(milliseconds: number): Promise<void>;
	close(): Promise<void>;
}

/** A Redis of our own that keeps nothing on disk; `password` is asked of every client. */
export async function startRedis({ password }: { password?: string } = {}): Promise<RedisServer> {
	const port = await restartablePort();
	const dir = mkdtempSync(path.join(tmpdir(), 'dorsal-redis-'));
	let process: ChildProcess;
	const start = async () => {
		const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no'];
		if (password !== undefined) args.push('--requirepass', password);
		process = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
		for await (const line of process.stdout!) if (String(line).includes('Ready to accept')) return;
		throw new Error(`redis-server did not start on port ${port}`);
	};
	const stop = async () => {
		const gone = once(process, 'exit');
		process.kill('SIGKILL');
		await gone;
	};
	await start();
	return {
		url: `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`,
		async crash(milliseconds) {
			await stop();
			await new Promise((resolve) => setTimeout(resolve, milliseconds));
			await start();
		},
		async close() {
			await stop();
			rmSync(dir, { recursive: true, force: true });
		},
	};
}
