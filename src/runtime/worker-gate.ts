/** Places of the numbers that both threads see. */
const BUSY = 0;
const SHUT = 1;

/**
 * Whether a worker thread is inside ORT, and whether it may go in: a process that ends while one is inside is aborted,
 * because what ORT hands to a JavaScript that is gone cannot be caught.
 */
export interface Gate {
	/** The worker goes in; false where it is shut. */
	enter(): boolean;
	/** The worker is out. */
	leave(): void;
	/** The other thread: nothing goes in any more. */
	shut(): void;
	/** The other thread, blocked until the worker is out, this many milliseconds at most. */
	wait(most: number): void;
}

/** The numbers of a gate of a worker that is about to start, which counts as being inside. */
export const newGate = (): Int32Array<SharedArrayBuffer> => {
	const shared = new Int32Array(new SharedArrayBuffer(8));
	shared[BUSY] = 1;
	return shared;
};

export function gateOf(shared: Int32Array<SharedArrayBuffer>): Gate {
	const leave = () => {
		Atomics.store(shared, BUSY, 0);
		Atomics.notify(shared, BUSY);
	};
	return {
		enter() {
			// In this order, so that whoever shuts the gate and then looks sees a worker that has not seen it shut.
			Atomics.store(shared, BUSY, 1);
			if (Atomics.load(shared, SHUT) === 0) return true;
			leave();
			return false;
		},
		leave,
		shut: () => void Atomics.store(shared, SHUT, 1),
		wait: (most) => void Atomics.wait(shared, BUSY, 1, most),
	};
}
