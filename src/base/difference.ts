const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Where two JSON values first differ; undefined where they agree. */
export function firstDifference(
	a: unknown,
	b: unknown,
	path = '',
): { path: string; a: unknown; b: unknown } | undefined {
	if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b))
		return a === b ? undefined : { path, a, b };
	for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
		const step = Array.isArray(a) ? `[${key}]` : path === '' ? key : `.${key}`;
		const found = firstDifference(a[key], b[key], path + step);
		if (found) return found;
	}
	return undefined;
}

/** What JSON keeps of a value: stored recipes are compared with what would be stored. */
export const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
