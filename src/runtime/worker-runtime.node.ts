import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { packageRoot } from '../base/package.node.ts';
import { type NodeRuntimeOptions, nodeRuntime, sessionOptions, trySession } from './node.node.ts';
import { encodeModel } from './ort.ts';
import type { Feeds, Fetches, Runtime } from './runtime.ts';
import { WorkerThread } from './worker-thread.node.ts';

/** Set by the build: the file below dist/ that a worker runs, under a name that changes with it. */
declare const SESSION_WORKER: string | undefined;
const ENTRY = typeof SESSION_WORKER === 'undefined' ? 'runtime/session-worker.node.js' : SESSION_WORKER;

export interface WorkerRuntimeOptions extends Omit<NodeRuntimeOptions, 'device'> {
	/** Worker threads; each holds every session, with `threads` of its own inside one operator. */
	workers: number;
}

/**
 * Runs that a thread has been given at most: the one under way, and one that it finds waiting when that is done, however
 * busy the calling thread is then.
 */
const MAX_GIVEN = 2;

/** A process that ends waits this many milliseconds at most for the runs that are under way. */
const MAX_EXIT_MS = 10_000;

/**
 * ONNX Runtime on worker threads: runs of a session go on at the same time, and beside the calling thread. The threads
 * are started for the first session and ended with the last one that is released.
 */
export function workerRuntime({ workers, ...options }: WorkerRuntimeOptions): Runtime {
	let pool: Promise<Pool> | undefined;
	let sessions = 0;
	let made = 0;
	const leave = async () => {
		sessions--;
		if (sessions > 0) return;
		const last = pool;
		pool = undefined;
		await (await last)?.end();
	};
	return {
		provider: 'cpu',
		version: ort.env.versions.common,
		workers,
		async createSession(graph, weights) {
			const model = await encodeModel(graph, weights);
			const id = made++;
			sessions++;
			try {
				pool ??= startPool(workers, options);
				const { threads, run } = await pool;
				await Promise.all(threads.map((thread) => thread.create(id, model, sessionOptions(options))));
				return {
					run: (feeds, outputs) => run(id, feeds, outputs),
					async release() {
						await Promise.all(threads.map((thread) => thread.release(id)));
						await leave();
					},
				};
			} catch (error) {
				await leave();
				throw error;
			}
		},
	};
}

interface Pool {
	threads: readonly WorkerThread[];
	run(session: number, feeds: Feeds, outputs?: readonly string[]): Promise<Fetches>;
	end(): Promise<void>;
}

async function startPool(workers: number, options: NodeRuntimeOptions): Promise<Pool> {
	// ORT sets the mode of no calling thread but that of the process's first session; new threads take it over from this.
	if (options.flushDenormals) await trySession(nodeRuntime(options));
	const entry = path.join(packageRoot(), 'dist', ENTRY);
	const threads = Array.from({ length: workers }, () => new WorkerThread(entry));
	const onExit = () => {
		for (const { gate } of threads) gate.shut();
		for (const { gate } of threads) gate.wait(MAX_EXIT_MS);
	};
	process.on('exit', onExit);
	const waiting: ((thread: WorkerThread) => Promise<unknown>)[] = [];
	const give = () => {
		while (waiting.length > 0) {
			const free = threads.filter(({ load }) => load.runs < MAX_GIVEN);
			if (free.length === 0) return;
			const idlest = free.reduce((best, thread) => (thread.load.bytes < best.load.bytes ? thread : best));
			waiting.shift()!(idlest).then(give, give);
		}
	};
	return {
		threads,
		run: (session, feeds, outputs) =>
			new Promise((resolve) => {
				waiting.push((thread) => {
					const fetches = thread.run(session, feeds, outputs);
					resolve(fetches);
					return fetches;
				});
				give();
			}),
		async end() {
			await Promise.all(threads.map((thread) => thread.end()));
			process.off('exit', onExit);
		},
	};
}
