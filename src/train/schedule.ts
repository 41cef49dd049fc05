export interface Schedule {
	/** Share of the steps in which the rate rises to its peak. */
	warmup: number;
	/** Share of the peak that the cosine comes down to. */
	final: number;
}

/**
 * Factor on the peak learning rate at `step` (1 is the first) of `steps`: a linear rise over the first `warmup` of them,
 * then a cosine from 1 down to `final`, which the step after the last would reach.
 */
export function scheduleAt({ warmup, final }: Schedule, step: number, steps: number): number {
	const rising = Math.ceil(warmup * steps);
	if (step <= rising) return step / rising;
	const gone = (step - 1 - rising) / Math.max(1, steps - rising);
	return final + ((1 - final) * (1 + Math.cos(Math.PI * gone))) / 2;
}
