import * as ort from 'onnxruntime-web';
import { ortRuntime } from './ort.ts';
import type { Runtime } from './runtime.ts';

export interface WebRuntimeOptions {
	/** `wasm` (default) or `webgpu`. */
	device?: 'wasm' | 'webgpu';
	/** Folder with ORT's .wasm files, as a URL; by default where the bundler put them. */
	wasmPaths?: string;
}

/** ONNX Runtime in the browser. */
export function webRuntime({ device = 'wasm', wasmPaths }: WebRuntimeOptions = {}): Runtime {
	if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
	return ortRuntime(ort, device, ort.env.versions.common, { executionProviders: [device], enableMemPattern: false });
}
