import { UsageError } from '../base/errors.ts';

/** What is there, without what is undefined. */
export const given = <T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
	Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
		[K in keyof T]?: Exclude<T[K], undefined>;
	};

/** The whole numbers of a list such as `0,2,-1`; undefined where the option is not given. */
export function numberList(
	option: string,
	text: string | undefined,
	{ min }: { min?: number } = {},
): number[] | undefined {
	if (text === undefined) return undefined;
	const numbers = text.split(',').map((part) => (/^\s*-?\d+\s*$/.test(part) ? Number(part) : Number.NaN));
	const bad = numbers.some((n) => !Number.isSafeInteger(n) || (min !== undefined && n < min));
	if (!bad) return numbers;
	const wanted = min === undefined ? 'whole numbers' : `whole numbers of ${min} or more`;
	throw new UsageError(`--${option} ${text}: expected ${wanted} with commas between, such as 1,2`, {
		code: 'option-value',
	});
}

/** The words of a list, each one of `known`; undefined where the option is not given. */
export function wordList<T extends string>(
	option: string,
	text: string | undefined,
	known: readonly T[],
): T[] | undefined {
	return text?.split(',').map((part) => {
		const word = known.find((each) => each === part.trim());
		if (word !== undefined) return word;
		throw new UsageError(`--${option} ${text}: ${JSON.stringify(part)} is none of ${known.join(', ')}`, {
			code: 'option-value',
		});
	});
}
