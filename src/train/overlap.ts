import type { Runtime } from '../runtime/runtime.ts';

/**
 * Runs the parts of a step, at the same time where the runtime has threads of its own, and takes the results in the order
 * of the parts: sums do not depend on which part is done first.
 */
export async function runParts<P, R>(
	parts: readonly P[],
	{ workers }: Pick<Runtime, 'workers'>,
	run: (part: P) => Promise<R>,
	take: (result: R, part: P) => void,
): Promise<void> {
	if (workers === undefined) {
		for (const part of parts) take(await run(part), part);
		return;
	}
	const runs = parts.map(run);
	// Where one has failed, nobody waits for the others.
	for (const one of runs) one.catch(() => {});
	for (const [i, part] of parts.entries()) take(await runs[i]!, part);
}

/**
 * `make`, which depends on the step alone, for steps in a row: where the runtime has threads of its own, what the next
 * step needs is made while they compute this one.
 */
export function ahead<T>(
	make: (step: number) => Promise<T>,
	{ workers }: Pick<Runtime, 'workers'>,
	steps: number,
): (step: number) => Promise<T> {
	if (workers === undefined) return make;
	let next: { step: number; made: Promise<T> } | undefined;
	return async (step) => {
		const made = await (next?.step === step ? next.made : make(step));
		next = undefined;
		if (step < steps) {
			// Not before the caller has handed over this step's work.
			next = { step: step + 1, made: new Promise((go) => setTimeout(go)).then(() => make(step + 1)) };
			next.made.catch(() => {});
		}
		return made;
	};
}
