import { parseHTML } from 'linkedom';
import { expect, it } from 'vitest';
import { syntheticRun } from '../../../test/report/synthetic.ts';
import { reportData } from '../data.ts';
import { markupOf } from '../html.ts';
import type { ReportRun } from '../inputs.ts';
import { categoryTable } from './two-ds-table.ts';

const data = await reportData([await syntheticRun({ conditions: { intact: 0.8 } }, { images: 5 })]);

/** The paper's overall figures beside a run with these categories alone; `renamed` adds one that the paper lacks. */
function overallBeside(categories: (name: string) => boolean, renamed: Record<string, string> = {}): string[] {
	const run = structuredClone(data.runs[0]!) as ReportRun;
	const intact = run.results.conditions.intact!;
	const kept = Object.entries(intact.byCategory).filter(([name]) => categories(name));
	intact.byCategory = Object.fromEntries(kept.map(([name, score]) => [renamed[name] ?? name, score]));
	const { document } = parseHTML(`<html><body>${markupOf(categoryTable('2DS', [run], data))}</body></html>`);
	const rows = Array.from(document.querySelectorAll('tbody:last-child tr:not(.group)'));
	return rows.map((row) => row.querySelector('td')!.textContent!);
}

it("prints the paper's overall figures beside all its categories, and the mean of those that were asked beside fewer", () => {
	expect(overallBeside(() => true)).toEqual(['56.63', '59.30', '64.80']);
	expect(overallBeside((name) => name.endsWith('_rel'))).toEqual(['36.93', '39.00', '46.20']);
	expect(overallBeside(() => true, { color_abs: 'size_abs' })).toEqual(['–', '–', '–']);
});
