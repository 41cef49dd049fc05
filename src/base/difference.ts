const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Where two JSON values differ: a path, such as `stages[0].steps`, and what stands there. */
export interface JsonDifference {
	path: string;
	a: unknown;
	b: unknown;
}

/** Every place where two JSON values differ, in the order of the first one's keys. */
export function* jsonDifferences(a: unknown, b: unknown, path = ''): Generator<JsonDifference> {
	if (isObject(a) && isObject(b) && Array.isArray(a) === Array.isArray(b)) {
		for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
			const step = Array.isArray(a) ? `[${key}]` : path === '' ? key : `.${key}`;
			yield* jsonDifferences(a[key], b[key], path + step);
		}
	} else if (a !== b) {
		yield { path, a, b };
	}
}
