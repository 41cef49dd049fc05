import * as ort from 'onnxruntime-node';
import { UsageError } from '../base/errors.ts';

/** What is to be installed for a device, and how ORT says that it is not there. */
const NEEDS = {
	webgpu: {
		need: 'a GPU, its driver and a Vulkan loader (Debian: sudo apt-get install libvulkan1 mesa-vulkan-drivers)',
		failure: /WebGPU (adapter|device)/,
	},
	cuda: {
		need: "an NVIDIA driver, CUDA 12 and cuDNN 9 where the loader finds them, and ONNX Runtime's own part: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node",
		// Failure 2 is too little memory.
		failure: /AppendExecutionProvider_Cuda|CUDA failure (?!2:)/,
	},
} as const;

type Device = 'cpu' | keyof typeof NEEDS;

function missing(device: keyof typeof NEEDS, reason: string, cause?: unknown): UsageError {
	return new UsageError(`--device ${device}: ${reason}; install ${NEEDS[device].need}, or leave --device out`, {
		code: 'device-missing',
		cause,
	});
}

/** Why the loader does not find a shared library; undefined where it does. */
function loadError(library: string): string | undefined {
	try {
		process.dlopen({ exports: {} }, library);
	} catch (error) {
		// A library that is there is refused for not being a module of Node.
		const { message } = error as Error;
		return message.includes('self-register') ? undefined : message;
	}
	return undefined;
}

/** The driver's library and those of CUDA 12 and cuDNN 9 that ORT is linked with; ORT does not say which is missing. */
const CUDA_LIBRARIES = ['libcuda.so.1', 'libcudart.so.12', 'libcublasLt.so.12', 'libcufft.so.11', 'libcudnn.so.9'];

const firstLost = () => CUDA_LIBRARIES.map(loadError).find((error) => error !== undefined);

/** Throws a UsageError where a device cannot be used, as far as that can be told before a session is made. */
export function checkDevice(device: Device): void {
	const available = ort.listSupportedBackends().map(({ name }) => name);
	if (!available.includes(device)) {
		throw new UsageError(
			`--device ${device}: ONNX Runtime has no such device on ${process.platform}/${process.arch}; it has ${available.join(', ')}`,
			{ code: 'device-unknown' },
		);
	}
	// Without it ORT also writes lines of its own to standard error.
	const reason = device === 'webgpu' && process.platform === 'linux' ? loadError('libvulkan.so.1') : undefined;
	if (reason !== undefined) throw missing('webgpu', reason);
}

/** The error of a session that could not be made; a UsageError where it is the device that is missing. */
export function explained(error: unknown, device: Device): unknown {
	if (device === 'cpu' || !(error instanceof Error) || !NEEDS[device].failure.test(error.message)) return error;
	const { message } = error;
	const lost = device === 'cuda' ? firstLost() : undefined;
	const reason = lost ?? message.slice(message.lastIndexOf(': ') + 2);
	return missing(device, `ONNX Runtime cannot open it (${reason})`, error);
}
