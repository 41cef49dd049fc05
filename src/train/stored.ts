import { type JsonDifference, jsonDifferences } from '../base/difference.ts';

/** What JSON keeps of a value. */
const stored = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Where two values first differ, each as it would be stored; undefined where they agree. */
export const firstDifference = (a: unknown, b: unknown): JsonDifference | undefined =>
	jsonDifferences(stored(a), stored(b)).next().value ?? undefined;
