import type { Tensor } from '../base/tensor.ts';
import type { Graph } from '../graph/types.ts';

/** Tensors by the graph's own names. */
export type Feeds = Readonly<Record<string, Tensor>>;
export type Fetches = Record<string, Tensor>;

/** A graph made ready to run. Holds native memory until `release`. */
export interface Session {
	/**
	 * Runs the graph; fetches the named outputs, all by default. Calls may be made before earlier ones are done. What is
	 * fed is not written into afterwards: a tensor that is fed again has the same numbers.
	 */
	run(feeds: Feeds, outputs?: readonly string[]): Promise<Fetches>;
	release(): Promise<void>;
}

/** Reads the numbers of one weight of a graph by name. */
export type WeightReader = (name: string) => Promise<Tensor>;

/** ONNX Runtime on one execution provider. */
export interface Runtime {
	/** `cpu`, `wasm`, `webgpu`, `cuda` */
	readonly provider: string;
	readonly version: string;
	/** Threads that run sessions while the calling one does other things; absent where `run` keeps that one busy. */
	readonly workers?: number;
	createSession(graph: Graph, weights: WeightReader): Promise<Session>;
}
