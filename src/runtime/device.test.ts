import { existsSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { UsageError } from '../base/errors.ts';
import { explained } from './device.node.ts';
import { openNodeRuntime } from './node.node.ts';

describe('a device that ORT cannot open is bad usage that says what to install', () => {
	test.each([
		['cuda', 'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library', 'cuDNN 9'],
		['cuda', 'CUDA failure 100: no CUDA-capable device is detected ; GPU=-1', 'an NVIDIA driver'],
		['webgpu', 'webgpu_context.cc:136 … was false. Failed to get a WebGPU adapter: No supported adapters', 'Vulkan'],
	] as const)('%s: %s', (device, message, advice) => {
		const error = explained(new Error(message), device);
		expect(error).toBeInstanceOf(UsageError);
		expect((error as Error).message).toMatch(new RegExp(`^--device ${device}: .*; install .*${advice}`));
	});

	test.each([
		['cuda', 'CUDA failure 2: out of memory ; GPU=0'],
		['cuda', 'Node (x) Op (Gemm) [ShapeInferenceError]'],
		['cpu', 'Failed to get a WebGPU adapter'],
	] as const)('other errors stay what they are: %s, %s', (device, message) => {
		const error = new Error(message);
		expect(explained(error, device)).toBe(error);
	});
});

const noGpu = !existsSync('/proc/driver/nvidia') && !existsSync('/dev/dri') && process.platform === 'linux';
describe.skipIf(!noGpu)('without a GPU (needs a Linux machine that has none)', () => {
	it.each(['cuda', 'webgpu'] as const)('%s is refused before anything is loaded', async (device) => {
		await expect(openNodeRuntime({ device })).rejects.toThrow(
			new RegExp(`^--device ${device}: .*; install .*, or leave --device out$`),
		);
	});
});
