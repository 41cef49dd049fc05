/**
 * Ends many waits at once. Not an AbortSignal, which in Node warns of a leak where it has as many listeners as there
 * are requests in flight.
 */
export class Ending {
	#reason: { error: unknown } | undefined;
	readonly #listeners = new Set<() => void>();

	end(error: unknown): void {
		this.#reason ??= { error };
		for (const listener of this.#listeners) listener();
		this.#listeners.clear();
	}

	/** Ends with the signal's reason once it is aborted; the function returned takes no more notice of it. */
	endWith(signal: AbortSignal | undefined): () => void {
		const stop = () => this.end(signal?.reason);
		if (signal?.aborted) stop();
		signal?.addEventListener('abort', stop, { once: true });
		return () => signal?.removeEventListener('abort', stop);
	}

	throwIfEnded(): void {
		if (this.#reason) throw this.#reason.error;
	}

	/** Calls `listener` at the end, at once where that has been; the function returned takes it off again. */
	on(listener: () => void): () => void {
		if (this.#reason) listener();
		this.#listeners.add(listener);
		return () => void this.#listeners.delete(listener);
	}

	/** What `work` gives, or throws at the end if that comes first; then the work goes on unheard. */
	race<T>(work: Promise<T>): Promise<T> {
		return new Promise((resolve, reject) => {
			const off = this.on(() => reject(this.#reason?.error));
			work.then(resolve, reject).finally(off);
		});
	}
}

/** Resolves after some milliseconds, or at the end. */
export function sleep(milliseconds: number, ending: Ending): Promise<void> {
	return new Promise((resolve) => {
		const timer = setTimeout(() => {
			off();
			resolve();
		}, milliseconds);
		const off = ending.on(() => {
			clearTimeout(timer);
			resolve();
		});
	});
}

/** Resolves when `work` has ended, well or not, or after some milliseconds. */
export async function endOf(work: Promise<unknown>, milliseconds: number): Promise<void> {
	const late = new Ending();
	const settled = work.then(
		() => {},
		() => {},
	);
	await Promise.race([settled, sleep(milliseconds, late)]);
	late.end(undefined);
}
