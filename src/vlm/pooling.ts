import { UsageError } from '../base/errors.ts';
import { float32, type Tensor } from '../base/tensor.ts';

/** Windows of PyTorch's AdaptiveAvgPool: output i averages inputs floor(i·n/s) … ceil((i+1)·n/s) − 1, as [start, end). */
export function poolWindows(n: number, s: number): [start: number, end: number][] {
	return Array.from({ length: s }, (_, i) => [Math.floor((i * n) / s), Math.ceil(((i + 1) * n) / s)]);
}

/** The average pooling of a grid as a matrix: [s², side²], rows and columns in row-major order of the grids. */
export function poolMatrix(side: number, s: number): Tensor<'float32'> {
	const windows = poolWindows(side, s);
	const data = new Float32Array(s * s * side * side);
	windows.forEach(([top, bottom], i) => {
		windows.forEach(([left, right], j) => {
			const share = 1 / ((bottom - top) * (right - left));
			for (let y = top; y < bottom; y++) {
				for (let x = left; x < right; x++) data[(i * s + j) * side * side + y * side + x] = share;
			}
		});
	});
	return float32([s * s, side * side], data);
}

/** Side of a square grid of `tokens` tokens; a UsageError where they are no square. */
export function squareSide(tokens: number): number {
	const side = Math.round(Math.sqrt(tokens));
	if (side * side !== tokens) {
		throw new UsageError(`expected a square grid of vision tokens, got ${tokens}; was the class token kept?`, {
			code: 'grid-not-square',
		});
	}
	return side;
}
