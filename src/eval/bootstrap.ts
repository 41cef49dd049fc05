import { rng } from '../base/random.ts';

/** Resamples of every bootstrap here. */
export const RESAMPLES = 2000;

/** Sums of some quantities over each cluster's rows. Clusters without rows are left out. */
export interface ClusterSums {
	/** Which cluster a row of `sums` is of. */
	clusters: Int32Array;
	/** Number of quantities. */
	width: number;
	/** [clusters.length, width] */
	sums: Float64Array;
}

/**
 * Bootstrap by clusters: draws all `clusters` clusters with replacement, `resamples` times, and adds up each table's
 * quantities over the drawn clusters. All tables see the same draws. Cluster sums are resampled, not rows, so the
 * time does not depend on the number of rows. Returns one [resamples, width] a table.
 */
export function resampleTotals(
	tables: readonly ClusterSums[],
	clusters: number,
	{ seed, resamples = RESAMPLES }: { seed: number; resamples?: number },
): Float64Array[] {
	const random = rng(seed, 'bootstrap');
	const totals = tables.map(({ width }) => new Float64Array(resamples * width));
	const times = new Int32Array(clusters);
	for (let resample = 0; resample < resamples; resample++) {
		times.fill(0);
		for (let i = 0; i < clusters; i++) times[random.int(clusters)]!++;
		for (const [t, table] of tables.entries()) {
			const { clusters: members, width, sums } = table;
			const out = totals[t]!;
			const at = resample * width;
			for (let row = 0; row < members.length; row++) {
				const drawn = times[members[row]!]!;
				if (drawn === 0) continue;
				for (let column = 0; column < width; column++) out[at + column]! += drawn * sums[row * width + column]!;
			}
		}
	}
	return totals;
}
