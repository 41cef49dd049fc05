import { show } from '../base/json.ts';

/** Shortest key that is kept secret; a shorter one (`EMPTY`, `none`) is a word that stands in answers. */
const MIN_SECRET = 8;
/** Longest piece of a server's own words that a message quotes. */
const LONGEST = { most: 300 };

/** Whether a key is one to be kept secret. */
export const isSecret = (apiKey: string | undefined): apiKey is string => (apiKey?.length ?? 0) >= MIN_SECRET;

/** A text from a server without the key, in which some quote it. */
export function withoutKey(text: string, apiKey: string | undefined): string {
	return isSecret(apiKey) ? text.replaceAll(apiKey, '[key]') : text;
}

/** A value that was JSON without the key, in names and texts. */
function valueWithoutKey(value: unknown, apiKey: string): unknown {
	if (typeof value === 'string') return withoutKey(value, apiKey);
	if (Array.isArray(value)) return value.map((one) => valueWithoutKey(one, apiKey));
	if (typeof value !== 'object' || value === null) return value;
	const entries = Object.entries(value);
	return Object.fromEntries(entries.map(([name, one]) => [withoutKey(name, apiKey), valueWithoutKey(one, apiKey)]));
}

/** JSON without the key, also where it was written with escapes (`\/`, `\u002f`). Throws a SyntaxError as JSON.parse. */
export function parseWithoutKey(text: string, apiKey: string | undefined): unknown {
	const value: unknown = JSON.parse(text);
	return isSecret(apiKey) ? valueWithoutKey(value, apiKey) : value;
}

type Fields = Readonly<Record<string, unknown>> | null | undefined;

const firstText = (...values: unknown[]) => values.find((one) => typeof one === 'string' && one !== '');

/** The server's own words in the body of an error, short and without the key. */
export function wordsOf(text: string, apiKey: string | undefined): string {
	let json: unknown;
	try {
		json = parseWithoutKey(text, apiKey);
	} catch {
		return show(withoutKey(text.replaceAll('\\/', '/'), apiKey), LONGEST);
	}
	const { error, message, detail } = (json ?? {}) as NonNullable<Fields>;
	return show(firstText((error as Fields)?.message, message, error, detail) ?? JSON.stringify(json), LONGEST);
}

/**
 * Why a body that came with a good status holds nothing all the same, and the status that it should have had; null where
 * it may hold something. Gateways tell so of errors behind them, in `error` or in the first choice's `error`.
 */
export function failureIn(json: unknown): { reason: string; status: number } | null {
	const { error, choices } = (json ?? {}) as { error?: Fields; choices?: unknown };
	if (Array.isArray(choices) && choices.length === 0 && !error) {
		return { reason: 'choices: expected at least 1, got []', status: 0 };
	}
	const told = error ?? (Array.isArray(choices) ? (choices[0] as { error?: Fields } | null)?.error : undefined);
	if (!told) return null;
	const code = Number(told.code ?? told.status);
	const status = Number.isInteger(code) && code >= 400 && code < 600 ? code : 200;
	const name = status === 200 ? 'an error' : `error ${status}`;
	return { reason: `status 200 with ${name}: ${show(firstText(told.message, told) ?? told, LONGEST)}`, status };
}
