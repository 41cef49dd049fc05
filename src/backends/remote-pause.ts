import { type Ending, sleep } from './ending.ts';

/** What all requests to a server have in common: when it will take more, and how many it has answered. */
export class Pause {
	/** Requests answered so far. */
	answered = 0;
	#until = 0;

	/** Nothing more is sent for some milliseconds. */
	extend(milliseconds: number): void {
		this.#until = Math.max(this.#until, performance.now() + milliseconds);
	}

	/** Resolves after the pause and up to `jitter` milliseconds more, so that not all come at once; at once without one. */
	async over(jitter: number, ending: Ending): Promise<void> {
		for (;;) {
			ending.throwIfEnded();
			const left = this.#until - performance.now();
			if (left <= 0) return;
			await sleep(left + Math.random() * jitter, ending);
		}
	}
}
