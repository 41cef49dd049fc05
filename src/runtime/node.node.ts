import * as ort from 'onnxruntime-node';
import { UsageError } from '../base/errors.ts';
import { ortRuntime } from './ort.ts';
import type { Runtime } from './runtime.ts';

export interface NodeRuntimeOptions {
	/** `cpu` (default), `webgpu` (Vulkan, Metal or D3D12) or `cuda`. */
	device?: 'cpu' | 'webgpu' | 'cuda';
	/** Threads inside one operator; by default ORT takes one a physical core. */
	threads?: number;
}

/** ONNX Runtime in Node. */
export function nodeRuntime({ device = 'cpu', threads }: NodeRuntimeOptions = {}): Runtime {
	const available = ort.listSupportedBackends().map(({ name }) => name);
	if (!available.includes(device)) {
		throw new UsageError(`--device ${device}: this build of ONNX Runtime has ${available.join(', ')}`, {
			code: 'device-unknown',
		});
	}
	return ortRuntime(ort, device, ort.env.versions.common, {
		executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
		...(threads !== undefined && { intraOpNumThreads: threads }),
		// Batches differ in size, so a memory plan made for one shape is of no use for the next.
		enableMemPattern: false,
		// Each session has threads of its own; left to spin after a run, they take the cores from the next session's.
		extra: { session: { force_spinning_stop: '1' } },
	});
}
