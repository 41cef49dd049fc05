import { describe, expect, test } from 'vitest';
import { rng } from '../../base/random.ts';
import { float32, int64, sizeOf } from '../../base/tensor.ts';
import { nodeRuntime } from '../../runtime/node.node.ts';
import {
	abs,
	add,
	cast,
	concat,
	constant,
	cos,
	createGraph,
	div,
	erf,
	exp,
	expand,
	gather,
	gatherElements,
	gatherNd,
	gelu,
	gemm,
	gradients,
	input,
	integers,
	layerNorm,
	less,
	log,
	logSoftmax,
	matmul,
	max,
	min,
	mul,
	neg,
	output,
	pow,
	prune,
	quickGelu,
	reciprocal,
	recomputed,
	reduceL2,
	reduceMax,
	reduceMean,
	reduceSum,
	reshape,
	rmsNorm,
	rotaryEmbedding,
	sigmoid,
	silu,
	sin,
	slice,
	softmax,
	split,
	sqrt,
	squeeze,
	stopGradient,
	sub,
	tanh,
	topK,
	transpose,
	unsqueeze,
	type Value,
	where,
} from '../index.ts';

const runtime = nodeRuntime({ threads: 1 });

/** Step of the central differences; their error is of the order of its square, and float32 adds some 1e-7 / step. */
const STEP = 1e-2;
const TOLERANCE = { atol: 4e-3, rtol: 1e-2 };

type Make = (...inputs: Value[]) => Value;

/** Compares d Σ(y·r) / d x with central differences for every element of every input; r is random, so that none hides. */
async function check(shapes: number[][], make: Make, { positive = false } = {}): Promise<void> {
	const random = rng(1, JSON.stringify(shapes));
	const graph = createGraph('gradient');
	const inputs = shapes.map((shape, i) => input(graph, `x${i}`, 'float32', shape));
	const y = make(...inputs);
	const r = float32(y.shape as number[], Float32Array.from({ length: sizeOf(y.shape as number[]) }, random.normal));
	const weighted = mul(y, constant(graph, r));
	const loss =
		y.shape.length === 0
			? weighted
			: reduceSum(
					weighted,
					y.shape.map((_, i) => i),
				);
	gradients(loss, inputs).forEach((gradient, i) => {
		output(`d${i}`, gradient);
	});
	output('loss', loss);

	const session = await runtime.createSession(graph, async () => Promise.reject(new Error('no weights here')));
	// Positive numbers of different inputs lie more than a step apart, so that no difference crosses a kink of min or max.
	const values = shapes.map((shape, i) =>
		Float32Array.from({ length: sizeOf(shape) }, () =>
			positive ? 0.5 + 0.1 * random.int(10) + 0.033 * i : random.normal(),
		),
	);
	const feeds = () => Object.fromEntries(values.map((data, i) => [`x${i}`, float32(shapes[i]!, data)]));
	const lossAt = async () => ((await session.run(feeds(), ['loss'])).loss!.data as Float32Array)[0]!;
	const found = await session.run(feeds());
	for (const [i, data] of values.entries()) {
		const expected = new Float32Array(data.length);
		for (let k = 0; k < data.length; k++) {
			const x = data[k]!;
			data[k] = x + STEP;
			const above = await lossAt();
			data[k] = x - STEP;
			expected[k] = (above - (await lossAt())) / (Math.fround(x + STEP) - Math.fround(x - STEP));
			data[k] = x;
		}
		expect(found[`d${i}`]!.shape).toEqual(shapes[i]);
		expect(found[`d${i}`]!.data).toBeAllclose(expected, TOLERANCE);
	}
	await session.release();
}

const at = (x: Value, shape: number[], indices: number[]) => constant(x.graph, int64(shape, indices));

describe('element by element', () => {
	const unary: Record<string, [Make, { positive?: boolean }?]> = {
		abs: [(x) => abs(x!), { positive: true }],
		neg: [(x) => neg(x!)],
		exp: [(x) => exp(x!)],
		log: [(x) => log(x!), { positive: true }],
		sqrt: [(x) => sqrt(x!), { positive: true }],
		reciprocal: [(x) => reciprocal(x!), { positive: true }],
		erf: [(x) => erf(x!)],
		sin: [(x) => sin(x!)],
		cos: [(x) => cos(x!)],
		sigmoid: [(x) => sigmoid(x!)],
		tanh: [(x) => tanh(x!)],
		gelu: [(x) => gelu(x!)],
		quickGelu: [(x) => quickGelu(x!)],
		silu: [(x) => silu(x!)],
		cast: [(x) => cast(x!, 'float32')],
		pow: [(x) => pow(x!, 3), { positive: true }],
	};
	test.each(Object.entries(unary))('%s', (_, [make, options]) => check([[2, 3]], make, options));

	const binary = { add, sub, mul, div, min, max };
	test.each(Object.entries(binary))('%s, broadcast both ways', async (_, operator) => {
		await check(
			[
				[2, 3],
				[2, 3],
			],
			(a, b) => operator(a!, b!),
			{ positive: true },
		);
		await check(
			[
				[4, 1, 3],
				[2, 1],
			],
			(a, b) => operator(a!, b!),
			{ positive: true },
		);
		await check([[3], [2, 1, 3]], (a, b) => operator(a!, b!), { positive: true });
	});

	test('where', () =>
		check([[2, 3], [3]], (a, b) => where(less(constant(a!.graph, float32([3], [-1, 1, -1])), 0), a!, b!)));
});

describe('matrices', () => {
	test('matmul', () =>
		check(
			[
				[2, 3, 4],
				[2, 4, 5],
			],
			(a, b) => matmul(a!, b!),
		));
	test('matmul, broadcast', () =>
		check(
			[
				[2, 2, 3, 4],
				[4, 2],
			],
			(a, b) => matmul(a!, b!),
		));
	test.each([
		[false, false],
		[true, false],
		[false, true],
		[true, true],
	])('gemm, transposed %s and %s', (transposeA, transposeB) =>
		check([transposeA ? [4, 2] : [2, 4], transposeB ? [3, 4] : [4, 3], [3]], (a, b, c) =>
			gemm(a!, b!, c!, { transposeA, transposeB }),
		),
	);
});

describe('layout', () => {
	test('reshape', () => check([[2, 6]], (x) => reshape(x!, [3, 4])));
	test('transpose', () => check([[2, 3, 4]], (x) => transpose(x!, [2, 0, 1])));
	test('unsqueeze and squeeze', () => check([[2, 3]], (x) => squeeze(unsqueeze(x!, [0, 2]), [0])));
	test('concat', () =>
		check(
			[
				[2, 1],
				[2, 3],
			],
			(a, b) => concat([a!, b!, a!], 1),
		));
	test('split, one part unused', () => check([[2, 6]], (x) => mul(split(x!, 1, [1, 2, 3])[1]!, 2)));
	test('slice', () => check([[3, 5]], (x) => slice(x!, 1, 1, 4)));
	test('slice from the end', () => check([[3, 5]], (x) => slice(x!, 0, -2, 3)));
	test('slice of everything', () => check([[3, 5]], (x) => slice(x!, 0, 0, 3)));
	test('expand', () => check([[3, 1]], (x) => expand(x!, integers(x!.graph, [2, 3, 4]), [2, 3, 4])));
});

describe('reductions', () => {
	for (const keepDims of [true, false]) {
		test(`sum, mean, max, L2, keepDims ${keepDims}`, async () => {
			for (const reduce of [reduceSum, reduceMean, reduceMax, reduceL2]) {
				await check([[2, 3, 4]], (x) => reduce(x!, [0, -1], { keepDims }));
			}
		});
	}
});

describe('normalisation', () => {
	test('softmax and logSoftmax', async () => {
		await check([[2, 3, 2]], (x) => softmax(x!, 1));
		await check([[3, 4]], (x) => logSoftmax(x!));
	});
	test('layerNorm', () => check([[3, 6], [6], [6]], (x, s, b) => layerNorm(x!, s!, b!, 1e-5)));
	test('rmsNorm', () => check([[2, 3, 6], [6]], (x, s) => rmsNorm(x!, s!, 1e-5)));
	test('rotaryEmbedding', () =>
		check([[2, 2, 3, 4]], (x) => {
			const angles = Float32Array.from({ length: 10 }, (_, i) => i * 0.7);
			const cosine = constant(x!.graph, float32([5, 2], angles.map(Math.cos)));
			const sine = constant(x!.graph, float32([5, 2], angles.map(Math.sin)));
			return rotaryEmbedding(x!, cosine, sine, at(x!, [2, 3], [0, 1, 2, 2, 3, 4]));
		}));
});

describe('gathering, the same entry several times', () => {
	test('gather, first axis', () => check([[4, 3]], (x) => gather(x!, at(x!, [2, 2], [1, 3, 1, 0]))));
	test('gather, middle axis', () => check([[2, 4, 3]], (x) => gather(x!, at(x!, [3], [2, 2, 0]), 1)));
	test('gatherElements', () => check([[2, 4]], (x) => gatherElements(x!, at(x!, [2, 2], [1, 1, 0, 3]), 1)));
	test('gatherNd', () => check([[3, 4]], (x) => gatherNd(x!, at(x!, [3, 2], [0, 1, 2, 3, 0, 1]))));
});

test('a value used twice gets the sum, and a stopped way gives nothing', async () => {
	await check([[2, 2]], (x) => mul(x!, add(x!, exp(x!))));
	await check([[2, 2]], (x) => mul(x!, stopGradient(constant(x!.graph, float32([2, 2], [1, 2, 3, 4])))));
	const graph = createGraph('stopped');
	const x = input(graph, 'x', 'float32', [2]);
	expect(() => gradients(reduceSum(stopGradient(x), [0]), [x])).toThrow('the loss does not depend on x');
});

describe('recomputed', () => {
	const rows = 4096;
	const depth = 24;
	/** A chain of layers over [rows, 64], all of which the backward pass needs: the loss and dx. */
	async function run(when: boolean) {
		const graph = createGraph('chain');
		const x = input(graph, 'x', 'float32', ['rows', 64]);
		let y = x;
		for (let i = 0; i < depth; i += 4) {
			const before = y;
			y = recomputed(graph, () => tanh(exp(sin(tanh(before)))), when);
		}
		const loss = reduceMean(y, [0, 1]);
		output('dx', gradients(loss, [x])[0]!);
		output('loss', loss);
		const session = await runtime.createSession(graph, async () => Promise.reject(new Error('no weights here')));
		const random = rng(3);
		const data = Float32Array.from({ length: rows * 64 }, random.normal);
		const found = await session.run({ x: float32([rows, 64], data) });
		await session.release();
		return { types: prune(graph).nodes.map(({ operator }) => operator.type), found };
	}

	test('computes what is marked anew, after the gradient that needs it, and gives the same bits', async () => {
		const [kept, again] = [await run(false), await run(true)];
		expect(again.found.loss!.data).toEqual(kept.found.loss!.data);
		expect(again.found.dx!.data).toEqual(kept.found.dx!.data);
		const count = (types: readonly string[], type: string) => types.filter((one) => one === type).length;
		expect(count(kept.types, 'Sin')).toBe(depth / 4);
		expect(count(again.types, 'Sin')).toBe(depth / 2);
		expect(count(again.types, 'Exp')).toBe(depth / 2);
	});

	test('what it marks may be read several times, by marked and other nodes', () =>
		check([[2, 3]], (x) => {
			const first = recomputed(x!.graph, () => exp(mul(x!, 0.5)));
			const second = recomputed(x!.graph, () => mul(first, sin(add(first, x!))));
			return add(mul(second, first), reduceSum(second, [0], { keepDims: true }));
		}));
});

test('errors name what has no gradient', () => {
	const graph = createGraph('errors');
	const x = input(graph, 'x', 'float32', [4]);
	expect(() => gradients(reduceSum(topK(x, 2).values, [0]), [x])).toThrow('TopK has no gradient');
	expect(() => gradients(x, [x])).toThrow('the loss must be a single number, got [4]');
});
