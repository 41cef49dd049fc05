import { solvePositive } from './cholesky.ts';

/**
 * Sums that a linear regression is computed from, over some rows of features x [d] and one-hot targets y [k]. They do not
 * grow with the number of rows.
 */
export interface Moments {
	rows: number;
	/** Σx [d] */
	x: Float64Array;
	/** Σy [k] */
	y: Float64Array;
	/** Σxxᵀ, the lower triangle row by row [d(d + 1)/2] */
	xx: Float64Array;
	/** Σxyᵀ [d, k] */
	xy: Float64Array;
}

export function createMoments(features: number, targets: number): Moments {
	return {
		rows: 0,
		x: new Float64Array(features),
		y: new Float64Array(targets),
		xx: new Float64Array((features * (features + 1)) / 2),
		xy: new Float64Array(features * targets),
	};
}

/** Takes in one row; y is 1 in the columns `labels` and 0 elsewhere. */
export function addRow(m: Moments, x: Float64Array, labels: readonly number[]): void {
	const k = m.y.length;
	m.rows++;
	for (const label of labels) m.y[label]!++;
	for (let i = 0, at = 0; i < x.length; i++) {
		const value = x[i]!;
		m.x[i]! += value;
		for (const label of labels) m.xy[i * k + label]! += value;
		for (let j = 0; j <= i; j++) m.xx[at++]! += value * x[j]!;
	}
}

/** `a` plus `factor` times `b`. */
export function combine(a: Moments, b: Moments, factor: number): Moments {
	const sum = (p: Float64Array, q: Float64Array) => p.map((value, i) => value + factor * q[i]!);
	return {
		rows: a.rows + factor * b.rows,
		x: sum(a.x, b.x),
		y: sum(a.y, b.y),
		xx: sum(a.xx, b.xx),
		xy: sum(a.xy, b.xy),
	};
}

/** y ≈ bias + Wᵀx */
export interface LinearMap {
	/** [d, k] */
	weights: Float64Array;
	/** [k] */
	bias: Float64Array;
}

/** A feature whose variance is below this share of its mean square is constant but for rounding. */
const CONSTANT = 1e-12;

/**
 * Ridge regression (Hoerl and Kennard 1970) on standardised features, the intercept left free: minimises
 * mean‖y − b − Wᵀz‖² + λ‖W‖², z = (x − mean) / deviation. Features that do not vary are left out. Maps to the first
 * `columns` targets, by default all.
 */
export function ridge({ rows, x, y, xx, xy }: Moments, lambda: number, columns = y.length): LinearMap {
	const [d, k] = [x.length, columns];
	const mean = x.map((sum) => sum / rows);
	const scale = mean.map((value, i) => {
		const square = xx[(i * (i + 3)) / 2]! / rows;
		const variance = square - value * value;
		return variance > CONSTANT * square ? 1 / Math.sqrt(variance) : 0;
	});
	const gram = new Float64Array(d * d);
	for (let i = 0, at = 0; i < d; i++) {
		for (let j = 0; j <= i; j++) {
			gram[i * d + j] = (xx[at++]! / rows - mean[i]! * mean[j]!) * scale[i]! * scale[j]!;
		}
		gram[i * d + i]! += scale[i] === 0 ? 1 : lambda;
	}
	const weights = new Float64Array(d * k);
	for (let i = 0; i < d; i++) {
		for (let c = 0; c < k; c++) {
			weights[i * k + c] = ((xy[i * y.length + c]! - mean[i]! * y[c]!) / rows) * scale[i]!;
		}
	}
	if (!solvePositive(gram, weights, d)) throw new RangeError(`ridge: lambda ${lambda} is too small for ${d} features`);
	const bias = y.slice(0, k).map((sum) => sum / rows);
	for (let i = 0; i < d; i++) {
		for (let c = 0; c < k; c++) {
			weights[i * k + c]! *= scale[i]!;
			bias[c]! -= mean[i]! * weights[i * k + c]!;
		}
	}
	return { weights, bias };
}

/** Σ(y − bias − Wᵀx)² over the rows of some moments, of the targets that the map has. */
export function squaredError({ rows, x, y, xx, xy }: Moments, { weights, bias }: LinearMap): number {
	const [d, k] = [x.length, bias.length];
	const row = new Float64Array(k);
	let error = 0;
	for (let c = 0; c < k; c++) error += y[c]! * (1 - 2 * bias[c]!) + rows * bias[c]! ** 2;
	for (let i = 0, at = 0; i < d; i++) {
		row.fill(0);
		for (let j = 0; j < i; j++) {
			const value = 2 * xx[at++]!;
			for (let c = 0; c < k; c++) row[c]! += value * weights[j * k + c]!;
		}
		const square = xx[at++]!;
		for (let c = 0; c < k; c++) {
			const w = weights[i * k + c]!;
			error += w * (row[c]! + square * w + 2 * (bias[c]! * x[i]! - xy[i * y.length + c]!));
		}
	}
	return error;
}

/** bias + Wᵀx → `out` [k] */
export function predict({ weights, bias }: LinearMap, x: Float64Array, out: Float64Array): void {
	const k = bias.length;
	out.set(bias);
	for (let i = 0; i < x.length; i++) {
		const value = x[i]!;
		for (let c = 0; c < k; c++) out[c]! += value * weights[i * k + c]!;
	}
}

/** Strengths of the ridge that are tried. */
export const LAMBDAS = [1e-4, 1e-3, 1e-2, 1e-1, 1] as const;

/**
 * One map a fold, fitted to all the other folds. Its λ is the one of `LAMBDAS` with the smallest squared error of the
 * first `columns` targets on the next fold, when fitted to those that are left: the fold itself has no say.
 */
export function crossValidated(folds: readonly Moments[], columns: number): LinearMap[] {
	const all = folds.reduce((sum, fold) => combine(sum, fold, 1));
	return folds.map((fold, f) => {
		const training = combine(all, fold, -1);
		const held = folds[(f + 1) % folds.length]!;
		const inner = combine(training, held, -1);
		const errors = LAMBDAS.map((lambda) => squaredError(held, ridge(inner, lambda, columns)));
		return ridge(training, LAMBDAS[errors.indexOf(Math.min(...errors))]!);
	});
}
