import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../base/errors.ts';
import { rng } from '../base/random.ts';
import { float32, int64, type Tensor, tensor } from '../base/tensor.ts';
import type { FileStore } from './checkpoint.ts';
import { FORMATS, type StoredDtype } from './dtypes.ts';
import { memoryStore } from './files.memory.ts';
import { folderStore } from './files.node.ts';
import { MAX_HEADER_BYTES, readHeader, readTensor, readTensors } from './safetensors.ts';
import { type TensorEntry, writeSafetensors } from './safetensors-write.ts';

/** A file made of a raw header text and some bytes of data, as an attacker would. */
function file(header: string | object, dataBytes = 0, headerLength?: number | bigint): Uint8Array {
	const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
	const bytes = new Uint8Array(8 + json.length + dataBytes);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength ?? json.length), true);
	bytes.set(json, 8);
	return bytes;
}

const store = (bytes: Uint8Array) => memoryStore([['x', bytes]], { location: 'm' });

async function refusal(bytes: Uint8Array): Promise<string> {
	const error = await readHeader(store(bytes), 'x').then(
		() => undefined,
		(e: unknown) => e,
	);
	expect(error).toBeInstanceOf(InputError);
	const { message } = error as InputError;
	expect(message).not.toMatch(/\p{Cc}/u);
	expect(message).toMatch(/^m\/x: /);
	return message;
}

const f32 = (start: number, end: number, shape = [(end - start) / 4]) => ({
	dtype: 'F32',
	shape,
	data_offsets: [start, end],
});

describe('a header that lies is refused in one line', () => {
	const lies: [string, Uint8Array, RegExp][] = [
		['an empty file', new Uint8Array(0), /0 bytes are too few/],
		['a file shorter than its header', file({ a: f32(0, 8) }, 8, 1000), /should have 1000 bytes/],
		['a truncated file', file({ a: f32(0, 8) }, 7), /"a" ends at byte \d+, but the file has \d+; is the file complete/],
		['100 MB of JSON', file('{}', 0, 100_000_000), /a header of 100000000 bytes exceeds the limit/],
		['a length of 2^64 − 1', file('{}', 0, 2n ** 64n - 1n), /exceeds the limit/],
		['offsets past the end', file({ a: f32(0, 8), b: f32(8, 4096) }, 16), /"b" ends at byte/],
		['overlapping tensors', file({ a: f32(0, 8), b: f32(4, 12) }, 12), /"b" starts at byte \d+, inside tensor "a"/],
		['the same bytes twice', file({ a: f32(0, 8), b: f32(0, 8) }, 8), /inside tensor "a"/],
		['a hole', file({ a: f32(0, 8), b: f32(12, 16) }, 16), /"b" starts at byte \d+, but tensor "a" ends/],
		['bytes of no tensor', file({ a: f32(0, 8) }, 9), /the last 1 bytes belong to no tensor/],
		['a negative offset', file({ a: f32(-8, 0, [2]) }, 8), /data_offsets\[0\]: expected at least 0, got -8/],
		['offsets the wrong way round', file({ a: f32(8, 0, [2]) }, 8), /takes 8 bytes, but its offsets span -8/],
		['a negative dimension', file({ a: f32(0, 8, [-1, -2]) }, 8), /shape\[0\]: expected at least 0, got -1/],
		['a fractional dimension', file({ a: f32(0, 8, [0.5, 4]) }, 8), /shape\[0\]: expected a whole number, got 0\.5/],
		['a shape of another size', file({ a: f32(0, 8, [3]) }, 8), /F32 \[3\] takes 12 bytes, but its offsets span 8/],
		['a shape beyond all numbers', file({ a: f32(0, 8, Array(8).fill(2 ** 50)) }, 8), /but its offsets span 8/],
		['nine dimensions', file({ a: f32(0, 4, Array(9).fill(1)) }, 4), /shape: expected at most 8/],
		['an unknown dtype', file({ a: { ...f32(0, 8), dtype: 'F8_E4M3' } }, 8), /dtype: only F32, .* got "F8_E4M3"/],
		['a dtype of the prototype', file({ a: { ...f32(0, 8), dtype: 'constructor' } }, 8), /dtype: only F32/],
		['a tensor without offsets', file({ a: { dtype: 'F32', shape: [2] } }, 8), /data_offsets: expected a list/],
		['an extra field', file({ a: { ...f32(0, 8), x: 1 } }, 8), /unknown key "x"/],
		[
			'two tensors of one name',
			file(
				'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
				1,
			),
			/names a tensor or a field twice/,
		],
		[
			'two dtypes of one tensor',
			file('{"a":{"dtype":"I32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
			/names a tensor or a field twice/,
		],
		['metadata that is no text', file({ __metadata__: { a: 1 } }), /__metadata__: expected an object of texts/],
		['a list', file('[]'), /header: expected an object, got \[\]/],
		['no JSON', file('{"a": '), /header: not JSON/],
		['no UTF-8', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff), /header: not JSON \(not UTF-8\)/],
		[
			'a name with terminal escapes',
			file({ 'a\n\u001b[2J': { ...f32(0, 8), shape: [] } }, 8),
			/tensor "a\\n\\u001b\[2J"/,
		],
		[
			'more tensors than any model has',
			file(`{${Array.from({ length: 100_001 }, (_, i) => `"${i}":{}`)}}`),
			/100001 tensors exceed the limit of 100000/,
		],
		[
			'a million wrong dimensions',
			file(`{"a":{"dtype":"F32","shape":[${'-1,'.repeat(1e6)}1],"data_offsets":[0,0]}}`),
			/shape: expected at most 8/,
		],
		['a million brackets', file(`{"a":${'['.repeat(1e6)}${']'.repeat(1e6)}}`), /expected an object/],
	];
	test.each(lies)('%s', async (_, bytes, message) => {
		expect(await refusal(bytes)).toMatch(message);
	});

	test('a header over the limit is not read', async () => {
		const bytes = file('{}', 0, MAX_HEADER_BYTES + 1);
		const reads: number[] = [];
		const watched: FileStore = {
			...store(bytes),
			size: async () => MAX_HEADER_BYTES + 1000,
			read: async (_path, start = 0, end = 0) => {
				reads.push(end - start);
				return bytes.slice(start, end);
			},
		};
		await expect(readHeader(watched, 'x')).rejects.toThrow(/exceeds the limit/);
		expect(reads).toEqual([8]);
	});
});

test('a name such as __proto__ is a name like any other', async () => {
	const bytes = file('{"__proto__":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}', 1);
	expect([...(await readHeader(store(bytes), 'x')).keys()]).toEqual(['__proto__']);
});

test('colons, quotes and braces within names do not look like members', async () => {
	const bytes = file({ 'a":{"b\\': f32(0, 4), ':': f32(4, 8), __metadata__: { 'x:': '":' } }, 8);
	expect([...(await readHeader(store(bytes), 'x')).keys()]).toEqual(['a":{"b\\', ':']);
});

describe('fuzzing', () => {
	/** Whatever the bytes: an InputError, or a parse whose tensors lie in the file and can be read. */
	async function check(bytes: Uint8Array): Promise<void> {
		let header: Awaited<ReturnType<typeof readHeader>>;
		try {
			header = await readHeader(store(bytes), 'x');
		} catch (error) {
			if (!(error instanceof InputError)) throw error;
			return;
		}
		for (const info of header.values()) {
			expect(info.start).toBeGreaterThanOrEqual(8);
			expect(info.end).toBeLessThanOrEqual(bytes.length);
			expect((await readTensor(store(bytes), 'x', info)).shape).toEqual(info.shape);
		}
	}

	test('random bytes', async () => {
		await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), check), { numRuns: 500, seed: 1 });
	});

	test('random JSON behind a true length', async () => {
		const json = fc.json({ maxDepth: 4 }).map((text) => file(text, 4));
		await fc.assert(fc.asyncProperty(json, check), { numRuns: 500, seed: 2 });
	});

	test('headers built of almost right parts', async () => {
		const number = fc.oneof(fc.integer({ min: -2, max: 24 }), fc.double(), fc.maxSafeInteger(), fc.constant(null));
		const entry = fc.record(
			{
				dtype: fc.constantFrom('F32', 'F16', 'BF16', 'I64', 'U8', 'BOOL', 'F64', ''),
				shape: fc.array(number, { maxLength: 10 }),
				data_offsets: fc.array(number, { maxLength: 3 }),
			},
			{ noNullPrototype: true, requiredKeys: ['dtype', 'shape'] },
		);
		const header = fc.dictionary(fc.string({ maxLength: 3 }), entry, { maxKeys: 3 });
		const bytes = fc.tuple(header, fc.nat(24)).map(([h, n]) => file(h, n));
		await fc.assert(fc.asyncProperty(bytes, check), { numRuns: 1000, seed: 3 });
	});

	test('a valid file with some bytes changed, cut off or added', async () => {
		const valid = file({ a: f32(0, 8), b: f32(8, 12), __metadata__: { format: 'pt' } }, 12);
		const change = fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 }));
		const mutated = fc
			.tuple(fc.array(change, { maxLength: 4 }), fc.integer({ min: -20, max: 4 }))
			.map(([changes, grow]) => {
				const bytes = new Uint8Array(valid.length + grow);
				bytes.set(valid.subarray(0, bytes.length));
				for (const [i, value] of changes) if (i < bytes.length) bytes[i] = value;
				return bytes;
			});
		await fc.assert(fc.asyncProperty(mutated, check), { numRuns: 2000, seed: 4 });
	});
});

describe('writing and reading back', () => {
	const entry = (name: string, dtype: StoredDtype, value: Tensor): TensorEntry => ({
		name,
		dtype,
		shape: value.shape,
		read: () => value,
	});

	test('every element type, a scalar and an empty tensor among them', async () => {
		const values: [string, StoredDtype, Tensor][] = [
			['bool', 'BOOL', tensor('bool', [3], Uint8Array.of(1, 0, 1))],
			['f32', 'F32', float32([2, 2], [1, -0.5, 3.25, 1e-40])],
			['f16', 'F16', float32([3], [1, 65504, -(2 ** -24)])],
			['bf16', 'BF16', float32([2], [1, -3.140625])],
			['i64', 'I64', int64([2], [Number.MIN_SAFE_INTEGER, 7])],
			['i32', 'I32', tensor('int32', [1], Int32Array.of(-7))],
			['u8', 'U8', tensor('uint8', [1, 2], Uint8Array.of(0, 255))],
			['scalar', 'F32', float32([], [7])],
			['empty', 'F16', float32([0, 4], [])],
		];
		const out = memoryStore();
		await writeSafetensors(
			out,
			'x',
			values.map(([name, dtype, value]) => entry(name, dtype, value)),
		);
		const back = await readTensors(out, 'x');
		expect(back.size).toBe(values.length);
		for (const [name, , value] of values) expect(back.get(name)).toEqual(value);
		const header = await readHeader(out, 'x');
		for (const { start, dtype } of header.values()) expect(start % FORMATS[dtype].size).toBe(0);
	});

	test('floats are rounded to nearest even', async () => {
		const random = rng(3, 'write');
		const value = float32(
			[64],
			Array.from({ length: 64 }, () => random.normal()),
		);
		const out = memoryStore();
		await writeSafetensors(out, 'x', [entry('h', 'F16', value), entry('b', 'BF16', value)]);
		const back = await readTensors(out, 'x');
		expect(back.get('h')!.data as Float32Array).toBeAllclose(value.data, { atol: 0, rtol: 2 ** -11 });
		expect(back.get('b')!.data as Float32Array).toBeAllclose(value.data, { atol: 0, rtol: 2 ** -8 });
	});

	test('a value that F16 cannot hold is refused, not made infinite', async () => {
		const write = writeSafetensors(memoryStore(), 'x', [entry('w', 'F16', float32([2], [1, -70000]))]);
		await expect(write).rejects.toThrow('tensor "w" holds -70000, too large for F16; write BF16 or F32');
	});

	test('a tensor of another size than announced is refused', async () => {
		const lie = { ...entry('w', 'F32', float32([2], [1, 2])), shape: [3] };
		await expect(writeSafetensors(memoryStore(), 'x', [lie])).rejects.toThrow(/announced as \[3\], got \[2\]/);
	});
});

test('one tensor is read by its own bytes only', async () => {
	const out = memoryStore();
	const big = float32([1000], new Float32Array(1000));
	const read = () => big;
	await writeSafetensors(
		out,
		'x',
		['a', 'b'].map((name) => ({ name, dtype: 'F32', shape: [1000], read })),
	);
	const reads: [number, number][] = [];
	const watched: FileStore = {
		...out,
		read: (path, start = 0, end = 0) => {
			reads.push([start, end]);
			return out.read(path, start, end);
		},
	};
	const info = (await readHeader(out, 'x')).get('b')!;
	await readTensor(watched, 'x', info);
	expect(reads).toEqual([[info.start, info.end]]);
	expect(info.end - info.start).toBe(4000);
});

test('the reference tensors of the tests are read with their own types', async () => {
	const golden = folderStore('test/fixtures/golden/tiny-llava');
	const training = await readTensors(golden, 'training.safetensors');
	expect([...training].map(([name, { dtype, shape }]) => `${name} ${dtype} ${shape}`).sort()).toEqual([
		'input_ids int64 4,57',
		'labels_mask bool 4,57',
		'pixel_values float32 4,3,64,64',
	]);
	const { image_u8, pixel_values } = Object.fromEntries(await readTensors(golden, 'inference.safetensors'));
	const pixels = Float32Array.from(image_u8!.data as Uint8Array, (x) => (x / 255) * 2 - 1);
	// Channels last → channels first, for the first row of the first image.
	const red = Float32Array.from({ length: 64 }, (_, x) => pixels[3 * x]!);
	expect((pixel_values!.data as Float32Array).subarray(0, 64)).toBeAllclose(red, { atol: 1e-6 });
	await golden.close();
});
