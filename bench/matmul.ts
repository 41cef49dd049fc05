import { rng } from '../src/base/random.ts';
import { float32, sizeOf, type Tensor } from '../src/base/tensor.ts';
import { createGraph, type Graph, gemm, input, matmul, output, type Shape, slice, weight } from '../src/graph/index.ts';
import type { Runtime } from '../src/runtime/runtime.ts';

/** One matrix product as it stands in a network, sizes filled in. */
export interface Product {
	kind: 'Gemm' | 'MatMul';
	a: number[];
	b: number[];
	/** Whether b is a weight (packed once when the session is made) or computed at run time. */
	constant: boolean;
	transposeA: boolean;
	transposeB: boolean;
	/** Multiplications and additions. */
	flops: number;
}

/** Every matrix product of a graph, with its named sizes filled in by `sizes`. */
export function productsOf(graph: Graph, sizes: Readonly<Record<string, number>>): Product[] {
	const fill = (shape: Shape) => shape.map((dim) => evaluate(dim, sizes));
	const weights = new Set(graph.weights.values());
	return graph.nodes.flatMap(({ operator, inputs, attributes }) => {
		if (operator.type !== 'Gemm' && operator.type !== 'MatMul') return [];
		const [a, b] = [fill(inputs[0]!.shape), fill(inputs[1]!.shape)];
		const [transposeA, transposeB] = [attributes.transA === 1, attributes.transB === 1];
		const columns = transposeB ? b.at(-2)! : b.at(-1)!;
		const constant = weights.has(inputs[1]!);
		return [{ kind: operator.type, a, b, constant, transposeA, transposeB, flops: 2 * sizeOf(a) * columns }];
	});
}

/** A known size, or a name such as `batch*64` with its factors looked up. */
function evaluate(dim: number | string, sizes: Readonly<Record<string, number>>): number {
	if (typeof dim === 'number') return dim;
	return dim.split('*').reduce((total, factor) => {
		const size = sizes[factor] ?? Number(factor);
		if (!Number.isFinite(size)) throw new Error(`no size for ${factor} of ${dim}`);
		return total * size;
	}, 1);
}

export const flopsOf = (products: readonly Product[]): number => products.reduce((sum, { flops }) => sum + flops, 0);

/** Seconds of the fastest of `runs` calls, after one that is not counted. */
export async function fastest(call: () => Promise<unknown>, runs = 15): Promise<number> {
	await call();
	let best = Number.POSITIVE_INFINITY;
	for (let i = 0; i < runs; i++) {
		const start = performance.now();
		await call();
		best = Math.min(best, performance.now() - start);
	}
	return best / 1000;
}

/**
 * FLOP/s of some products and nothing else: one graph that holds them all, each on numbers of its own as in the network,
 * and of each result keeps a single number.
 */
export async function matmulRate(runtime: Runtime, products: readonly Product[]): Promise<number> {
	const random = rng(0, 'matmul');
	const numbers = (shape: number[]) => float32(shape, Float32Array.from({ length: sizeOf(shape) }, random.next));
	const graph = createGraph('products');
	const feeds: Record<string, Tensor> = {};
	const fed = (name: string, shape: number[]) => {
		feeds[name] = numbers(shape);
		return input(graph, name, 'float32', shape);
	};
	for (const [i, { kind, a, b, constant, transposeA, transposeB }] of products.entries()) {
		const left = fed(`a${i}`, a);
		const right = constant ? weight(graph, `b${i}`, b) : fed(`b${i}`, b);
		const y = kind === 'Gemm' ? gemm(left, right, null, { transposeA, transposeB }) : matmul(left, right);
		output(
			`y${i}`,
			y.shape.reduce((value, _, axis) => slice(value, axis, 0, 1), y),
		);
	}
	const session = await runtime.createSession(graph, async (name) =>
		numbers(graph.weights.get(name)!.shape as number[]),
	);
	const seconds = await fastest(() => session.run(feeds));
	await session.release();
	return flopsOf(products) / seconds;
}

/** FLOP/s of products of two cubes of side 2,048: the machine's peak as this engine reaches it. */
export function matmulPeak(runtime: Runtime): Promise<number> {
	const cube = [2048, 2048];
	return matmulRate(runtime, [
		{ kind: 'MatMul', a: cube, b: cube, constant: true, transposeA: false, transposeB: false, flops: 2 * 2048 ** 3 },
	]);
}
