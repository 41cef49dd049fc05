import type { Dim, Shape, ValueType } from './types.ts';

/** `float32[batch,64,192]`, the form in which types stand in messages. */
export const formatType = (type: ValueType | null): string => (type ? `${type.dtype}[${type.shape}]` : 'absent');

/** Axis counted from the end where negative; undefined where the shape has no such axis. */
export function resolveAxis(axis: number, rank: number): number | undefined {
	const resolved = axis < 0 ? axis + rank : axis;
	return resolved >= 0 && resolved < rank ? resolved : undefined;
}

/**
 * numpy's broadcasting of two shapes; undefined where they do not fit. A named size against 1 gives the name; against
 * another known size it gives the known size (ORT checks it when it runs); two different names do not fit.
 */
export function broadcast(a: Shape, b: Shape): Dim[] | undefined {
	const rank = Math.max(a.length, b.length);
	const out: Dim[] = [];
	for (let i = 0; i < rank; i++) {
		const x = a[a.length - rank + i] ?? 1;
		const y = b[b.length - rank + i] ?? 1;
		if (x === y || y === 1) out.push(x);
		else if (x === 1) out.push(y);
		else return undefined;
	}
	return out;
}

/** Product of sizes where all are known, else undefined. */
export function knownSize(shape: Shape): number | undefined {
	let size = 1;
	for (const dim of shape) {
		if (typeof dim === 'string') return undefined;
		size *= dim;
	}
	return size;
}

/**
 * Product of known sizes and the sorted names of the others: equal for two shapes exactly if they hold as many values.
 * A name such as `batch*64` counts as the product that it says.
 */
export function sizeKey(shape: Shape): string {
	const factors = shape.flatMap((dim) => (typeof dim === 'number' ? [dim] : dim.split('*').map(parseFactor)));
	const known = factors.reduce<number>(
		(product, factor) => (typeof factor === 'number' ? product * factor : product),
		1,
	);
	return [known, ...factors.filter((factor) => typeof factor === 'string').sort()].join('*');
}

const parseFactor = (factor: string): Dim => (/^\d+$/.test(factor) ? Number(factor) : factor);

/** The size of axes flattened into one: a number, or a name such as `batch*sequence`. */
export function product(...dims: Dim[]): Dim {
	const size = knownSize(dims);
	if (size !== undefined) return size;
	const key = sizeKey(dims);
	return key.startsWith('1*') ? key.slice(2) : key;
}
