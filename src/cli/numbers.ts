import { UsageError } from '../base/errors.ts';

export interface Range {
	min?: number;
	max?: number;
}

/** The whole number given for an option; undefined where it is not given. */
export function wholeNumber(
	option: string,
	text: string | undefined,
	{ min = 0, max = Number.MAX_SAFE_INTEGER }: Range = {},
): number | undefined {
	if (text === undefined) return undefined;
	const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
	if (value >= min && value <= max) return value;
	const range = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`;
	throw new UsageError(`--${option} ${text}: expected a whole number ${range}`, { code: 'option-value' });
}

/** The decimal number given for an option; undefined where it is not given. */
export function decimalNumber(
	option: string,
	text: string | undefined,
	{ min = -Number.MAX_VALUE, max = Number.MAX_VALUE }: Range = {},
): number | undefined {
	if (text === undefined) return undefined;
	const value = text.trim() === '' ? Number.NaN : Number(text);
	if (value >= min && value <= max) return value;
	throw new UsageError(`--${option} ${text}: expected a number from ${min} to ${max}`, { code: 'option-value' });
}
