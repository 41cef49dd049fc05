import type { Cell, Table } from './csv.ts';
import { interval, percent, significant } from './format.ts';
import { foreign, type Html, type HtmlValue, html } from './html.ts';

/** A table that may be wider than the screen: it scrolls by itself, by keyboard too, and never stretches the page. */
export function scrolling(label: string, table: Html): Html {
	// biome-ignore format: one tag
	return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${table}</div>`;
}

/** A number with its interval below it in small type. */
export function estimate(value: string, bounds: string | null): Html {
	return html`<span class="value">${value}</span>${bounds !== null && html`<span class="bounds">${bounds}</span>`}`;
}

/** An accuracy in percent over its interval. */
export function accuracyCell(score: { accuracy: number; interval: readonly [number, number] } | undefined): HtmlValue {
	return score ? estimate(percent(score.accuracy), interval(score.interval)) : NOTHING;
}

/** A mean over its interval. */
export const meanCell = (
	{ mean, low, high }: { mean: number; low: number; high: number },
	print: (value: number) => string = significant,
): Html => estimate(print(mean), interval([low, high], print));

/** Stands where there is no value, so that an empty cell never reads as zero. */
export const NOTHING = html`<span class="none" title="not measured">–</span>`;

export interface Column {
	head: HtmlValue;
	/** Numbers are set right; default `number`. */
	kind?: 'text' | 'number' | 'paper';
}

export interface RowGroup {
	/** A line over the rows that belong together; none by default. */
	head?: HtmlValue;
	rows: readonly (readonly HtmlValue[])[];
}

/** Heads over several columns: a label and how many columns it spans. */
export type Spans = readonly { label: HtmlValue; columns: number }[];

/** A table whose first column names its rows. */
export function table(label: string, columns: readonly Column[], groups: readonly RowGroup[], spans?: Spans): Html {
	const kind = (i: number) => columns[i]?.kind ?? 'number';
	const cell = (value: HtmlValue, i: number) =>
		i === 0 ? html`<th scope="row">${value}</th>` : html`<td class="${kind(i)}">${value}</td>`;
	const head = ({ head, kind = 'number' }: Column) => html`<th scope="col" class="${kind}">${head}</th>`;
	const spanHead = ({ label, columns }: Spans[number]) => html`<th scope="colgroup" colspan="${columns}">${label}</th>`;
	const body = ({ head, rows }: RowGroup) => html`<tbody>
${head !== undefined && html`<tr class="group"><th scope="rowgroup" colspan="${columns.length}">${head}</th></tr>\n`}
${rows.map((row) => html`<tr>${row.map(cell)}</tr>\n`)}</tbody>`;
	return scrolling(
		label,
		html`<table><thead>${spans && html`<tr class="spans">${spans.map(spanHead)}</tr>\n`}<tr>${columns.map(head)}</tr></thead>
${groups.map(body)}</table>`,
	);
}

function dataCell(cell: Cell): HtmlValue {
	if (cell === null) return NOTHING;
	return typeof cell === 'number' ? String(Number(cell.toFixed(6))) : foreign(cell);
}

/** A CSV table as it stands, numbers to six decimals. */
export function dataTable({ columns, rows }: Table): Html {
	const numeric = (i: number) => rows.every((row) => typeof row[i] !== 'string');
	return table(
		'Data',
		columns.map((head, i) => ({ head, kind: numeric(i) ? 'number' : 'text' })),
		[{ rows: rows.map((row) => row.map(dataCell)) }],
	);
}

/** Head of the column that `lenientCell` fills. */
export const LENIENT_HEAD = html`Lenient<span class="bounds">unparsed</span>`;

/** Accuracy when the answer is looked for anywhere in the text, over the share of answers that could not be read. */
export const lenientCell = (score: { lenient: number; unparsed: number } | undefined): HtmlValue =>
	score ? estimate(percent(score.lenient), percent(score.unparsed)) : NOTHING;
