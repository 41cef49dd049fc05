import { expect, it } from 'vitest';
import { columns, table } from './columns.ts';

const rows = [
	['', 'right', 'p'],
	['intact', '37.5', ''],
	['text-only', '3.3', '0.267'],
];

it('aligns words on the left and figures on the right', () => {
	expect(columns(rows)).toEqual(['           right  p', 'intact     37.5', 'text-only  3.3    0.267']);
	expect(table(rows)).toBe('           right      p\nintact      37.5\ntext-only    3.3  0.267');
	expect(columns([])).toEqual([]);
});
