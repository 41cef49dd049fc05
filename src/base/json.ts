import type { z } from 'zod';
import { InputError } from './errors.ts';

/** Longest piece of a foreign value that an error line quotes. */
const SHOWN = 60;

const NOUNS: Record<string, string> = {
	int: 'a whole number',
	number: 'a number',
	string: 'text',
	boolean: 'true or false',
	object: 'an object',
	record: 'an object',
	array: 'a list',
	tuple: 'a list',
	null: 'null',
};

function stringify(value: unknown): string {
	try {
		return JSON.stringify(value) ?? String(value);
	} catch {
		// JSON.stringify recurses, so foreign nesting can exhaust the stack where JSON.parse did not.
		return 'a deeply nested value';
	}
}

/** A foreign value as one line of JSON of at most `most` characters, safe to print: no line breaks, no terminal escapes. */
export function show(value: unknown, { most = SHOWN }: { most?: number } = {}): string {
	if (value === undefined) return 'nothing';
	const text = stringify(value);
	const short = text.length > most ? `${text.slice(0, most)}…` : text;
	return short.replace(/\p{C}/gu, (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, '0')}`);
}

/** UTF-8 bytes → JSON value. Throws an InputError `where: not JSON (…)`. */
export function parseJson(bytes: Uint8Array, where: string): unknown {
	try {
		return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch (cause) {
		const reason =
			cause instanceof SyntaxError ? cause.message.replace(/\s+/g, ' ').replace(/\p{C}/gu, '?') : 'not UTF-8';
		throw new InputError(`${where}: not JSON (${reason})`, { code: 'json', cause });
	}
}

/** What zod found, in plain words. A schema's own `error` text takes precedence. */
function words(issue: z.core.$ZodRawIssue): string | undefined {
	switch (issue.code) {
		case 'invalid_type':
			return `expected ${NOUNS[issue.expected] ?? issue.expected}`;
		case 'invalid_value':
			return `expected ${issue.values.map((value) => show(value)).join(' or ')}`;
		case 'too_small':
			return `expected ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
		case 'too_big':
			return `expected ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
		case 'unrecognized_keys':
			return `unknown key ${issue.keys
				.slice(0, 3)
				.map((key) => show(key))
				.join(', ')}`;
		default:
			return undefined;
	}
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
	let inner = value;
	for (const key of path) inner = (inner as Record<PropertyKey, unknown> | null | undefined)?.[key];
	return inner;
}

function dotted(path: readonly PropertyKey[]): string {
	return path
		.map((key) =>
			typeof key === 'number' ? `[${key}]` : /^\w+$/.test(String(key)) ? `.${String(key)}` : `[${show(key)}]`,
		)
		.join('')
		.replace(/^\./, '');
}

/**
 * Validates a foreign value. The first problem is thrown as one line, such as
 * `run.json: samples[3].answer: expected text, got null; was the file edited?`
 */
export function validate<T>(
	schema: z.ZodType<T>,
	value: unknown,
	{ where, code, hint }: { where: string; code: string; hint?: string },
): T {
	const result = schema.safeParse(value, { error: words });
	if (result.success) return result.data;
	const issue = result.error.issues[0]!;
	const parts = [where];
	if (issue.path.length > 0) parts.push(dotted(issue.path));
	const got = issue.code === 'unrecognized_keys' ? '' : `, got ${show(at(value, issue.path))}`;
	parts.push(`${issue.message}${got}${hint === undefined ? '' : `; ${hint}`}`);
	throw new InputError(parts.join(': '), { code });
}
