import type { ConditionResult } from '../../eval/run.ts';
import { count, percent, plural } from '../format.ts';
import { foreign, type Html, type HtmlValue, html } from '../html.ts';
import { conditionOf, type ReportData, type ReportRun } from '../inputs.ts';
import type { Section } from '../section.ts';
import { accuracyCell, type RowGroup, table } from '../tables.ts';

/** Values shown of one group; some data sets have hundreds, each with few questions. */
const SHOWN = 40;
/** Has a figure of its own where it is a number of objects in a scene. */
const DRAWN = 'objects';

interface Part {
	name: string;
	n: number;
	accuracy: number;
	interval: readonly [number, number];
	chance: number;
}

function partRows(parts: readonly Part[]): HtmlValue[][] {
	return parts.map((part) => [foreign(part.name, 80), count(part.n), accuracyCell(part), percent(part.chance)]);
}

/** Sets of questions that count as right only as a whole, then every group by its values, largest first. */
function groupsOf({ sets = {}, byGroup }: ConditionResult): RowGroup[] {
	const whole = Object.entries(sets).map(([name, set]) => ({ name, n: set.sets, ...set }));
	const split = Object.entries(byGroup).filter(([name, values]) => name !== DRAWN && Object.keys(values).length > 1);
	return [
		...(whole.length > 0 ? [{ head: 'Sets right as a whole', rows: partRows(whole) }] : []),
		...split.map(([group, values]) => {
			const parts = Object.entries(values).map(([name, score]) => ({ name, n: score.questions, ...score }));
			const shown = parts.sort((a, b) => b.n - a.n).slice(0, SHOWN);
			const rest = parts.length - shown.length;
			return {
				head: html`${group}${rest > 0 && ` (the ${SHOWN} largest; ${plural(rest, 'smaller one')} left out)`}`,
				rows: partRows(shown),
			};
		}),
	];
}

function runHtml(run: ReportRun): Html | null {
	const intact = conditionOf(run, 'intact');
	const groups = intact ? groupsOf(intact) : [];
	if (groups.length === 0) return null;
	return html`<details><summary>${run.dataset}, ${run.model}</summary>
${table(
	`Accuracy by group, ${run.dataset}, ${run.model}`,
	[{ head: 'Group', kind: 'text' }, { head: 'n' }, { head: 'Accuracy' }, { head: 'Chance' }],
	groups,
)}
</details>\n`;
}

/** Accuracy by every other way in which the tasks split their questions; null where there is none. */
export function groupsSection({ runs }: ReportData): Section | null {
	const tables = runs.map(runHtml).filter((part) => part !== null);
	if (tables.length === 0) return null;
	return {
		id: 'groups',
		title: 'Other ways to split the questions',
		html: html`<p>Accuracy in percent without changes to the image, by the groups that each data set names. A set counts where all of its questions are right, so that a habit of saying yes gains nothing.</p>
${tables}
<p class="note">n: questions, or sets. Accuracy: strict, with its 95 % Wilson interval. Chance of a set: of independent guesses.</p>`,
		figures: [],
	};
}
