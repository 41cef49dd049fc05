/**
 * Solves A·X = B in place for a symmetric positive definite A (Cholesky, A = L·Lᵀ). `a` [n, n] gives A by its lower
 * triangle and is overwritten by L; `b` [n, columns] is overwritten by X. False where A is not positive definite.
 */
export function solvePositive(a: Float64Array, b: Float64Array, n: number): boolean {
	const columns = b.length / n;
	for (let i = 0; i < n; i++) {
		const row = i * n;
		for (let j = 0; j <= i; j++) {
			const other = j * n;
			let sum = a[row + j]!;
			for (let k = 0; k < j; k++) sum -= a[row + k]! * a[other + k]!;
			if (i !== j) a[row + j] = sum / a[other + j]!;
			else if (sum > 0) a[row + i] = Math.sqrt(sum);
			else return false;
		}
	}
	for (let i = 0; i < n; i++) {
		for (let k = 0; k < i; k++) addRow(b, i, k, -a[i * n + k]!, columns);
		scaleRow(b, i, 1 / a[i * n + i]!, columns);
	}
	for (let i = n - 1; i >= 0; i--) {
		for (let k = i + 1; k < n; k++) addRow(b, i, k, -a[k * n + i]!, columns);
		scaleRow(b, i, 1 / a[i * n + i]!, columns);
	}
	return true;
}

function addRow(b: Float64Array, to: number, from: number, factor: number, columns: number): void {
	for (let c = 0; c < columns; c++) b[to * columns + c]! += factor * b[from * columns + c]!;
}

function scaleRow(b: Float64Array, row: number, factor: number, columns: number): void {
	for (let c = 0; c < columns; c++) b[row * columns + c]! *= factor;
}
