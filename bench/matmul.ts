import { rng } from '../src/base/random.ts';
import { float32, sizeOf } from '../src/base/tensor.ts';
import { createGraph, type Graph, gemm, input, matmul, output, type Shape, weight } from '../src/graph/index.ts';
import type { Runtime, Session } from '../src/runtime/runtime.ts';

/** One matrix product as it stands in a network, sizes filled in. */
export interface Product {
	kind: 'Gemm' | 'MatMul';
	a: number[];
	b: number[];
	/** Whether b is a weight (packed once when the session is made) or computed at run time. */
	constant: boolean;
	transposeB: boolean;
	count: number;
	/** Multiplications and additions of all `count` of them. */
	flops: number;
}

/** Every distinct matrix product of a graph, with its named sizes filled in by `sizes`. */
export function productsOf(graph: Graph, sizes: Readonly<Record<string, number>>): Product[] {
	const found = new Map<string, Product>();
	const fill = (shape: Shape) => shape.map((dim) => evaluate(dim, sizes));
	for (const { operator, inputs, attributes } of graph.nodes) {
		if (operator.type !== 'Gemm' && operator.type !== 'MatMul') continue;
		const [a, b] = [fill(inputs[0]!.shape), fill(inputs[1]!.shape)];
		const constant = [...graph.weights.values()].includes(inputs[1]!);
		const transposeB = attributes.transB === 1;
		const columns = transposeB ? b.at(-2)! : b.at(-1)!;
		const key = JSON.stringify([operator.type, a, b, constant, transposeB]);
		const product = found.get(key) ?? { kind: operator.type, a, b, constant, transposeB, count: 0, flops: 0 };
		product.count++;
		product.flops += 2 * sizeOf(a) * columns;
		found.set(key, product);
	}
	return [...found.values()];
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

/** Seconds of the fastest of `runs` calls, after one that is not counted. */
export async function fastest(call: () => Promise<unknown>, runs = 7): Promise<number> {
	await call();
	let best = Number.POSITIVE_INFINITY;
	for (let i = 0; i < runs; i++) {
		const start = performance.now();
		await call();
		best = Math.min(best, performance.now() - start);
	}
	return best / 1000;
}

/** Seconds that one product takes alone. */
export async function timeProduct(runtime: Runtime, { kind, a, b, constant, transposeB }: Product): Promise<number> {
	const random = rng(0, 'matmul');
	const numbers = (shape: number[]) => float32(shape, Float32Array.from({ length: sizeOf(shape) }, random.next));
	const graph = createGraph('matmul');
	const x = input(graph, 'a', 'float32', a);
	const y = constant ? weight(graph, 'b', b) : input(graph, 'b', 'float32', b);
	output('y', kind === 'Gemm' ? gemm(x, y, null, { transposeB }) : matmul(x, y));
	const right = numbers(b);
	const session: Session = await runtime.createSession(graph, async () => right);
	const feeds = { a: numbers(a), ...(!constant && { b: right }) };
	const seconds = await fastest(() => session.run(feeds));
	await session.release();
	return seconds;
}

/** FLOP/s of a product of two cubes of side 2,048: the machine's peak as this engine reaches it. */
export async function matmulPeak(runtime: Runtime): Promise<number> {
	const side = 2048;
	const flops = 2 * side ** 3;
	const cube = { a: [side, side], b: [side, side], constant: true, transposeB: false, count: 1, flops };
	return flops / (await timeProduct(runtime, { kind: 'MatMul', ...cube }));
}

/** FLOP/s of all of a graph's products, each timed alone at its own shape. */
export async function matmulAtShapes(runtime: Runtime, products: readonly Product[]): Promise<number> {
	let flops = 0;
	let seconds = 0;
	for (const product of products) {
		flops += product.flops;
		seconds += product.count * (await timeProduct(runtime, product));
	}
	return flops / seconds;
}
