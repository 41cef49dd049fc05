import { describe, expect, it } from 'vitest';
import { PAPER_TABLE_1, PAPER_TABLE_2, PAPER_TABLE_2_OVERALL } from './paper.ts';

describe("the paper's figures", () => {
	it.each(PAPER_TABLE_1)(
		'Table 1, $dataset: the difference is permutation − original',
		({ original, permutation, difference }) => {
			expect([difference]).toBeAllclose([permutation - original], { atol: 1e-9 });
		},
	);

	it('Table 2: the last row is the mean of the six categories, as printed', () => {
		const rows = Object.values(PAPER_TABLE_2);
		const means = [0, 1, 2].map((i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
		expect(means).toBeAllclose(PAPER_TABLE_2_OVERALL, { atol: 5e-5 });
	});
});
