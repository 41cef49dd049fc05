import { describe, expect, it } from 'vitest';
import { toCsv } from './csv.ts';

describe('toCsv', () => {
	it('ends lines with CR LF, doubles quotes, keeps six decimals, leaves null empty', () => {
		const table = {
			columns: ['a', 'b,c'],
			rows: [
				['say "hi"\nthere', 1 / 3],
				[null, -2],
			],
		};
		expect(toCsv(table)).toBe('a,"b,c"\r\n"say ""hi""\nthere",0.333333\r\n,-2\r\n');
	});

	it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('defuses the formula %j', (text) => {
		expect(toCsv({ columns: ['a'], rows: [[text]] })).toMatch(/^a\r\n"?'/);
	});

	it('leaves no NaN or infinity to a spreadsheet', () => {
		expect(toCsv({ columns: ['a', 'b'], rows: [[Number.NaN, Number.POSITIVE_INFINITY]] })).toBe('a,b\r\n,\r\n');
	});
});
