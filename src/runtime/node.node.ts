import * as ort from 'onnxruntime-node';
import { createGraph, input, output } from '../graph/graph.ts';
import { neg } from '../graph/ops/elementwise.ts';
import { checkDevice, explained } from './device.node.ts';
import { ortRuntime } from './ort.ts';
import type { Runtime } from './runtime.ts';

export interface NodeRuntimeOptions {
	/** `cpu` (default), `webgpu` (Vulkan, Metal or D3D12) or `cuda`. */
	device?: 'cpu' | 'webgpu' | 'cuda';
	/** Threads inside one operator; by default ORT takes one a physical core. */
	threads?: number;
	/**
	 * Whether memory that a run has used is kept for the next one. Kept memory grows in steps of powers of two; without it
	 * large models stay near what they need. Default true.
	 */
	keepMemory?: boolean;
	/**
	 * Takes numbers below 1e-38 for zero, on this thread too (where JavaScript's below 1e-308 become zero). Masked attention
	 * weights are such numbers, and each costs the processor a hundred times another: training is a tenth faster with it.
	 * Default false.
	 */
	flushDenormals?: boolean;
}

/** What ORT is told when a session is made. */
export function sessionOptions({
	device = 'cpu',
	threads,
	keepMemory = true,
	flushDenormals = false,
}: NodeRuntimeOptions): ort.InferenceSession.SessionOptions {
	return {
		executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
		...(threads !== undefined && { intraOpNumThreads: threads }),
		// Batches differ in size, so a memory plan made for one shape is of no use for the next.
		enableMemPattern: false,
		enableCpuMemArena: keepMemory,
		// A thread that waits for the next operator spins this long, in microseconds, then sleeps. Left to spin, the threads
		// of one session take the cores from the next session's, and from whatever else the machine is doing.
		extra: {
			session: { intra_op: { spin_duration_us: '20' }, ...(flushDenormals && { set_denormal_as_zero: '1' }) },
		},
	};
}

/** ONNX Runtime in Node. */
export function nodeRuntime(options: NodeRuntimeOptions = {}): Runtime {
	const { device = 'cpu' } = options;
	checkDevice(device);
	// What ORT logs about a device that it cannot open is told in one line of our own.
	if (device !== 'cpu') ort.env.logLevel = 'fatal';
	const runtime = ortRuntime(ort, device, ort.env.versions.common, sessionOptions(options));
	return {
		...runtime,
		createSession: (graph, weights) =>
			runtime.createSession(graph, weights).catch((error) => {
				throw explained(error, device);
			}),
	};
}

/** As `nodeRuntime`, but throws at once, and not when the first session is made, where the device cannot be used. */
export async function openNodeRuntime(options: NodeRuntimeOptions = {}): Promise<Runtime> {
	const runtime = nodeRuntime(options);
	if (runtime.provider !== 'cpu') await trySession(runtime);
	return runtime;
}

/** Makes a session of one operator, and frees it. */
export async function trySession(runtime: Runtime): Promise<void> {
	const graph = createGraph('device');
	output('y', neg(input(graph, 'x', 'float32', [1])));
	const session = await runtime.createSession(graph, async (name) => {
		throw new RangeError(`the graph has no weight ${name}`);
	});
	await session.release();
}
