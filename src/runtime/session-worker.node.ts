/** What a worker thread runs: sessions of ORT, on request of the thread that started it. @module */
import { parentPort, workerData } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';
import type { Tensor } from '../base/tensor.ts';
import { type Model, runSession } from './ort.ts';
import type { Feeds, Fetches } from './runtime.ts';
import { type Gate, gateOf } from './worker-gate.ts';

/** What a worker thread is asked. Answers come in the order of the requests. */
export type Request =
	| { kind: 'create'; session: number; model: Model; options: ort.InferenceSession.SessionOptions }
	/** A feed that is null is the tensor of that name in the session's last run. */
	| { kind: 'run'; session: number; feeds: Record<string, Tensor | null>; outputs: readonly string[] | undefined }
	| { kind: 'release'; session: number };

export type Reply = { fetches: Fetches } | { error: string };

const sessions = new Map<number, { session: ort.InferenceSession; feeds: Feeds }>();

async function answer(request: Request): Promise<Fetches> {
	if (request.kind === 'create') {
		const { bytes, externalData } = request.model;
		const session = await ort.InferenceSession.create(bytes, { ...request.options, externalData });
		sessions.set(request.session, { session, feeds: {} });
		return {};
	}
	const held = sessions.get(request.session)!;
	if (request.kind === 'release') {
		sessions.delete(request.session);
		await held.session.release();
		return {};
	}
	held.feeds = Object.fromEntries(
		Object.entries(request.feeds).map(([name, tensor]) => [name, tensor ?? held.feeds[name]!]),
	);
	return runSession(ort, held.session, held.feeds, request.outputs);
}

async function reply(request: Request): Promise<void> {
	// The process is ending: nobody waits for the answer.
	if (!gate.enter()) return;
	try {
		const fetches = await answer(request).finally(gate.leave);
		const buffers = Object.values(fetches).map(({ data }) => data.buffer as ArrayBuffer);
		parentPort!.postMessage({ fetches } satisfies Reply, buffers);
	} catch (error) {
		parentPort!.postMessage({ error: (error as Error).message } satisfies Reply);
	}
}

const gate: Gate = gateOf(workerData as Int32Array<SharedArrayBuffer>);
let last: Promise<void> = Promise.resolve();
parentPort!.on('message', (request: Request) => {
	last = last.then(() => reply(request));
});
gate.leave();
