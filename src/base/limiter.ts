/** Runs at most `limit` of the functions it is given at a time, in the order given. */
export function limiter(limit: number) {
	const waiting: (() => void)[] = [];
	let free = limit;
	return async <T>(work: () => Promise<T>): Promise<T> => {
		if (free > 0) free--;
		else await new Promise<void>((resolve) => waiting.push(resolve));
		try {
			return await work();
		} finally {
			const next = waiting.shift();
			if (next) next();
			else free++;
		}
	};
}
