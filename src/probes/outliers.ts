import type { TokenGrid } from './grid.ts';
import { histogramQuantile, type LogHistogram } from './log-histogram.ts';

/** Bins of a factor of 10 and range of the counts kept for each place. */
const PER_DECADE = 64;
const FIRST = -4;
const BINS = 9 * PER_DECADE;

const edge = (bin: number) => 10 ** (FIRST + bin / PER_DECADE);

/** Norms by place on the grid: sums for means, and counts in logarithmic bins, as what is an outlier is known last. */
export function normsByPlace(grid: TokenGrid) {
	const places = grid.side * grid.side;
	const sums = new Float64Array(places);
	const counts = new Float64Array(places);
	const bins = new Uint32Array(places * BINS); // [place, bin]
	return {
		/** One image's norms by position. */
		add(norms: ArrayLike<number>) {
			for (const [position, place] of grid.places.entries()) {
				if (place === null) continue;
				const norm = norms[position]!;
				sums[place]! += norm;
				counts[place]!++;
				const bin = Math.floor((Math.log10(norm) - FIRST) * PER_DECADE);
				bins[place * BINS + Math.min(BINS - 1, Math.max(0, bin))]!++;
			}
		},
		means: () => Array.from(sums, (sum, place) => sum / counts[place]!),
		/** Share of the tokens of each place above the lower edge of `bin`, and of all of them. */
		above(bin: number) {
			const over = Array.from({ length: places }, (_, place) =>
				bins.subarray(place * BINS + bin, (place + 1) * BINS).reduce((a, b) => a + b, 0),
			);
			const total = counts.reduce((a, b) => a + b, 0);
			return {
				share: over.reduce((a, b) => a + b, 0) / total,
				byPlace: over.map((n, place) => n / counts[place]!),
			};
		},
	};
}

export const OUTLIER_RULE = 'above Q3 + 1.5 · IQR of log10 norm, rounded up to a bin of 1/64 decade';

/** Tukey's upper fence on a logarithmic axis, as the number of the next bin's edge and the norm there. */
export function outlierFence(histogram: LogHistogram): { bin: number; threshold: number } {
	const [q1, q3] = [0.25, 0.75].map((p) => Math.log10(histogramQuantile(histogram, p)!));
	const fence = q3! + 1.5 * (q3! - q1!);
	const bin = Math.min(BINS, Math.max(0, Math.ceil((fence - FIRST) * PER_DECADE)));
	return { bin, threshold: edge(bin) };
}
