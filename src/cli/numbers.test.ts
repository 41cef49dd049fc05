import { expect, it } from 'vitest';
import { decimalNumber, wholeNumber } from './numbers.ts';

it('reads whole numbers within a range', () => {
	expect(wholeNumber('limit', undefined)).toBeUndefined();
	expect(wholeNumber('limit', '12')).toBe(12);
	expect(wholeNumber('seed', '-3', { min: -10 })).toBe(-3);
	for (const wrong of ['', '1.5', '1e3', 'ten', '0x10', ' 4', '99999999999999999999']) {
		expect(() => wholeNumber('limit', wrong)).toThrow(`--limit ${wrong}: expected a whole number of 0 or more`);
	}
	expect(() => wholeNumber('threads', '0', { min: 1, max: 8 })).toThrow('expected a whole number from 1 to 8');
});

it('reads decimal numbers within a range', () => {
	expect(decimalNumber('temperature', undefined)).toBeUndefined();
	expect(decimalNumber('temperature', '0.2', { min: 0, max: 2 })).toBe(0.2);
	for (const wrong of ['', ' ', 'hot', 'NaN', 'Infinity', '-1']) {
		expect(() => decimalNumber('temperature', wrong, { min: 0, max: 2 })).toThrow('expected a number from 0 to 2');
	}
});
