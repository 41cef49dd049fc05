/** Results that may wait for an older one to end, as a multiple of `ahead`; bounds what a kill can lose. */
const HELD = 4;

interface Job<T, R> {
	item: T;
	size: number;
	result: Promise<R>;
	/** Resolves when `result` has settled; never rejects. */
	ended: Promise<void>;
	busy: boolean;
}

const total = (jobs: readonly { size: number }[]) => jobs.reduce((sum, { size }) => sum + size, 0);

/**
 * Works on items and hands their results on in the items' order. While the oldest is under way, so many of the next
 * ones are started that their sizes add up to `ahead`; 0 works on one item at a time, and starts the next only when the
 * result has been taken. Once `signal` is aborted nothing more is started, what has been is handed on, and the signal's
 * reason is thrown if anything is left. The first error in the items' order is thrown; when the generator ends, by
 * whatever way, nothing is under way any more.
 */
export async function* inOrder<T, R>(
	items: Iterable<T>,
	work: (item: T) => Promise<R>,
	{ size, ahead, signal }: { size: (item: T) => number; ahead: number; signal?: AbortSignal | undefined },
): AsyncGenerator<[item: T, result: R]> {
	const jobs: Job<T, R>[] = [];
	const rest = items[Symbol.iterator]();
	let next = rest.next();

	const start = (item: T) => {
		const result = work(item);
		const job: Job<T, R> = { item, size: size(item), result, ended: Promise.resolve(), busy: true };
		const end = () => {
			job.busy = false;
		};
		job.ended = result.then(end, end);
		jobs.push(job);
	};
	const mayStart = () => {
		if (next.done || signal?.aborted || total(jobs) > HELD * ahead) return false;
		const busy = jobs.filter((job) => job.busy);
		return busy.length === 0 || total(busy.slice(1)) < ahead;
	};

	try {
		for (;;) {
			while (mayStart()) {
				start(next.value as T);
				next = rest.next();
			}
			const [oldest] = jobs;
			if (oldest === undefined) break;
			if (oldest.busy) {
				await Promise.race(jobs.filter((job) => job.busy).map(({ ended }) => ended));
				continue;
			}
			const result = await oldest.result;
			jobs.shift();
			yield [oldest.item, result];
		}
		if (!next.done) signal?.throwIfAborted();
	} finally {
		await Promise.all(jobs.map(({ ended }) => ended));
	}
}
