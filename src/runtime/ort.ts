import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-common';
import type { Dtype, Tensor, TensorData } from '../base/tensor.ts';
import { encodeGraph } from '../graph/encode.ts';
import { prune } from '../graph/prune.ts';
import type { Graph } from '../graph/types.ts';
import type { Feeds, Fetches, Runtime, Session, WeightReader } from './runtime.ts';

/** The part of onnxruntime-node and onnxruntime-web that both share. */
export interface Ort {
	InferenceSession: {
		create(bytes: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
	};
	Tensor: TensorConstructor;
}

const fromOrt = ({ type, dims, data }: OrtTensor): Tensor =>
	({ dtype: type as Dtype, shape: dims, data: data as TensorData[Dtype] }) satisfies Tensor;

/** A runtime over either package. The weights of a session are handed over one by one and copied by ORT. */
export function ortRuntime(
	ort: Ort,
	provider: string,
	version: string,
	options: InferenceSession.SessionOptions,
): Runtime {
	return {
		provider,
		version,
		async createSession(graph: Graph, weights: WeightReader): Promise<Session> {
			const { bytes, externalData } = await encodeModel(graph, weights);
			const session = await ort.InferenceSession.create(bytes, { ...options, externalData });
			return {
				run: (feeds, outputs) => runSession(ort, session, feeds, outputs),
				release: () => session.release(),
			};
		},
	};
}

/** A graph as ORT reads it. */
export interface Model {
	bytes: Uint8Array;
	externalData: { path: string; data: Uint8Array }[];
}

/** What of a graph is needed, as ORT reads it, with the numbers of its weights. */
export async function encodeModel(graph: Graph, weights: WeightReader): Promise<Model> {
	const live = prune(graph);
	const bytes = encodeGraph(live);
	const externalData: Model['externalData'] = [];
	for (const name of live.weights.keys()) {
		const { data } = await weights(name);
		externalData.push({ path: name, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) });
	}
	return { bytes, externalData };
}

/** Runs a session of ORT on tensors as plain data. */
export async function runSession(
	ort: Pick<Ort, 'Tensor'>,
	session: InferenceSession,
	feeds: Feeds,
	outputs?: readonly string[],
): Promise<Fetches> {
	const inputs = Object.fromEntries(
		Object.entries(feeds).map(([name, { dtype, shape, data }]) => [name, new ort.Tensor(dtype, data as never, shape)]),
	);
	const results = await (outputs ? session.run(inputs, outputs as string[]) : session.run(inputs));
	return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, fromOrt(value)]));
}
