import { Worker } from 'node:worker_threads';
import type { InferenceSession } from 'onnxruntime-common';
import { DorsalError } from '../base/errors.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Model } from './ort.ts';
import type { Feeds, Fetches } from './runtime.ts';
import type { Reply, Request } from './session-worker.node.ts';
import { type Gate, gateOf, newGate } from './worker-gate.ts';

interface Question {
	resolve(fetches: Fetches): void;
	reject(error: Error): void;
	bytes: number;
}

/**
 * A worker thread that holds sessions, seen from the thread that started it. It keeps the process alive only while it has
 * something to do.
 */
export class WorkerThread {
	/** Tells a process that is about to end whether the thread is inside ORT. */
	readonly gate: Gate;
	readonly #worker: Worker;
	readonly #open: Question[] = [];
	/** By session, what it was last fed: this is not sent again. */
	readonly #fed = new Map<number, Feeds>();
	#failure: Error | undefined;
	#last: Promise<unknown> = Promise.resolve();

	/** `entry` is the file that it runs, session-worker.node.js. */
	constructor(entry: string | URL) {
		const shared = newGate();
		this.gate = gateOf(shared);
		this.#worker = new Worker(entry, { workerData: shared });
		this.#worker.unref();
		this.#worker.on('message', (reply: Reply) => {
			const { resolve, reject } = this.#open.shift()!;
			if (this.#open.length === 0) this.#worker.unref();
			if ('error' in reply) reject(new Error(reply.error));
			else resolve(reply.fetches);
		});
		this.#worker.on('error', ({ message }) => this.#fail(message));
		this.#worker.on('exit', (code) => this.#fail(`exit code ${code}`));
	}

	/** Runs that it has been asked for and has not answered, and the bytes that they are fed, a measure of the work. */
	get load(): { runs: number; bytes: number } {
		return { runs: this.#open.length, bytes: this.#open.reduce((sum, { bytes }) => sum + bytes, 0) };
	}

	async create(session: number, model: Model, options: InferenceSession.SessionOptions): Promise<void> {
		const externalData = model.externalData.map(({ path, data }) => ({ path, data: data.slice() }));
		await this.#ask({ kind: 'create', session, model: { ...model, externalData }, options });
		this.#fed.set(session, {});
	}

	run(session: number, feeds: Feeds, outputs?: readonly string[]): Promise<Fetches> {
		const fed = this.#fed.get(session)!;
		const changed = Object.entries(feeds).map(([name, tensor]): [string, Tensor | null] => [
			name,
			tensor === fed[name] ? null : { ...tensor, data: tensor.data.slice() },
		]);
		this.#fed.set(session, feeds);
		const bytes = Object.values(feeds).reduce((sum, { data }) => sum + data.byteLength, 0);
		return this.#ask({ kind: 'run', session, feeds: Object.fromEntries(changed), outputs }, bytes);
	}

	async release(session: number): Promise<void> {
		this.#fed.delete(session);
		if (!this.#failure) await this.#ask({ kind: 'release', session });
	}

	/** Ends the thread when it has done what it was asked for. */
	async end(): Promise<void> {
		await this.#last.catch(() => {});
		await this.#worker.terminate();
	}

	#ask(request: Request, bytes = 0): Promise<Fetches> {
		if (this.#failure) return Promise.reject(this.#failure);
		this.#worker.ref();
		this.#worker.postMessage(request, buffersOf(request));
		const fetches = new Promise<Fetches>((resolve, reject) => this.#open.push({ resolve, reject, bytes }));
		this.#last = fetches;
		return fetches;
	}

	#fail(reason: string): void {
		this.#failure ??= new DorsalError(
			`a worker thread ended (${reason}); what was saved is kept: run the same again to go on from there, with fewer workers if memory is short`,
			{ code: 'worker-ended' },
		);
		for (const { reject } of this.#open.splice(0)) reject(this.#failure);
	}
}

/** What is handed over: copies made for the request. Copied here they cost half of what the message would make of them. */
function buffersOf(request: Request): ArrayBuffer[] {
	if (request.kind === 'release') return [];
	const copies = request.kind === 'create' ? request.model.externalData : Object.values(request.feeds);
	return copies.flatMap((copy) => (copy ? [copy.data.buffer as ArrayBuffer] : []));
}
