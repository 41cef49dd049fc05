import { count, percent } from '../format.ts';
import { foreign, type Html, html } from '../html.ts';
import type { ReportRun } from '../inputs.ts';
import { table } from '../tables.ts';

/** The answer that each model gives most often in each category: shows a model that says one thing to everything. */
export function habitsTable(runs: readonly ReportRun[]): Html | null {
	if (runs.every((run) => run.habits.length === 0)) return null;
	const groups = runs.map((run) => ({
		head: run.model,
		rows: run.habits.map(({ category, questions, answer, given, right }) => [
			category,
			count(questions),
			answer === null ? html`<i>could not be read</i>` : foreign(answer, 60),
			percent(given),
			answer === null ? null : percent(right),
		]),
	}));
	return html`<details><summary>The answer given most often</summary>
${table(
	'The answer given most often in each category',
	[
		{ head: 'Category', kind: 'text' },
		{ head: 'n' },
		{ head: 'Answer', kind: 'text' },
		{ head: 'Given to' },
		{ head: 'Right for' },
	],
	groups,
)}
<p class="note">A share given far above the share that is right is a habit, not an observation.</p>
</details>`;
}
