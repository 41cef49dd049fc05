/** Numbers as the report prints them. No locale: the same everywhere. */

/** Narrow no-break space, between a number and its unit. */
const THIN = '\u202f';
const MINUS = '\u2212';

/** A number with fixed decimals and a true minus sign; never a negative zero. */
export function fixed(value: number, decimals: number): string {
	const text = Math.abs(value).toFixed(decimals);
	return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/** A fraction of 1 in percent without the sign: 0.8423 → `84.2`. */
export const percent = (fraction: number): string => fixed(fraction * 100, 1);

/** A fraction of 1 in percent: 0.8423 → `84.2 %`. */
export const withPercent = (fraction: number): string => `${percent(fraction)}${THIN}%`;

/** A difference of fractions in percentage points, signed: −0.0085 → `−0.9`, 0.02 → `+2.0`. */
export function points(difference: number): string {
	const text = percent(difference);
	return text.startsWith(MINUS) || Number(text) === 0 ? text : `+${text}`;
}

/** An interval of fractions in percent: `[82.9, 85.5]`, which no line break divides. */
export function interval([low, high]: readonly [number, number], print: (value: number) => string = percent): string {
	return `[${print(low)},\u00a0${print(high)}]`;
}

/** A whole number with thin spaces between thousands: 10000 → `10 000`; four digits stay together. */
export function count(value: number): string {
	const digits = String(value);
	return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, THIN);
}

/** A p value: three decimals, or `< 0.001`. */
export const pValue = (p: number): string => (p < 0.001 ? '< 0.001' : fixed(p, 3));

/** A round number as at a scale, of at most three significant digits: 0.5, 1, 10. */
export function mark(value: number): string {
	const rounded = Number(value.toPrecision(3));
	const size = Math.abs(rounded);
	const isFar = size >= 1e5 || (size > 0 && size < 1e-3);
	return (isFar ? rounded.toExponential(2) : String(rounded)).replaceAll('-', MINUS);
}

/** A measured quantity with three significant digits, zeros at the end too: 1.3 → `1.30`, 1234.5 → `1230`. */
export function significant(value: number): string {
	const size = Math.abs(Number(value.toPrecision(3)));
	return size >= 1e-3 && size < 1000 ? value.toPrecision(3).replace('-', MINUS) : mark(value);
}

/** A mean with its interval: `0.898 [0.878, 0.916]`. */
export const meanText = (
	{ mean, low, high }: { mean: number; low: number; high: number },
	print: (value: number) => string = significant,
): string => `${print(mean)} ${interval([low, high], print)}`;

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A power of ten for an axis: 0.01 → `10⁻²`; 0.1, 1 and 10 as they are; empty for all other numbers. */
export function powerOfTen(value: number): string {
	const exponent = Math.round(Math.log10(value));
	if (Math.abs(value / 10 ** exponent - 1) > 1e-9) return '';
	if (Math.abs(exponent) < 2) return String(10 ** exponent);
	return `10${exponent < 0 ? '⁻' : ''}${String(Math.abs(exponent)).replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)]!)}`;
}

/** `1 question`, `2 questions`. */
export const plural = (n: number, noun: string): string => `${count(n)} ${noun}${n === 1 ? '' : 's'}`;

/** Names in a sentence: `a`, `a and b`, `a, b and c`. */
export function list(names: readonly string[]): string {
	return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** What figures rest on, models of the same sizes together: `base and pool-1: 100 images (2DS); other: 20 images (COCO)`. */
export function sizesByModel<T>(
	measured: readonly { model: string; result: T }[],
	size: (result: T) => string,
): string {
	const models = new Map<string, string[]>();
	for (const { model, result } of measured) {
		const text = size(result);
		models.set(text, [...(models.get(text) ?? []), model]);
	}
	return [...models].map(([text, names]) => `${list(names)}: ${text}`).join('; ');
}

/** Size of a file: `812 B`, `141 kB`, `1.2 MB` (powers of ten). */
export function fileSize(bytes: number): string {
	if (bytes < 1000) return `${bytes} B`;
	return bytes < 1e6 ? `${fixed(bytes / 1e3, 0)} kB` : `${fixed(bytes / 1e6, 1)} MB`;
}
