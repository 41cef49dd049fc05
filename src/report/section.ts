import type { Table } from './csv.ts';
import { count } from './format.ts';
import { type Html, type HtmlValue, html, trusted } from './html.ts';
import { dataTable } from './tables.ts';

export interface DrawOptions {
	/** In pixels. */
	width: number;
	/** For readers who cannot see it. */
	label: string;
}

/** A figure of the report: drawn twice for the page (wide, narrow) and once as a file, with its data as CSV. */
export interface Figure {
	/** Name of its files, without ending; unique in the report. */
	name: string;
	/** What is drawn, with n and the method of the intervals. */
	caption: string;
	/** What a reader who cannot see it should know. */
	alt: string;
	data: Table;
	/** Draws it as an SVG string labelled `label`. Colours are `var(--…)` of `palette.ts`. */
	draw: (options: DrawOptions) => string;
}

export interface Section {
	id: string;
	title: string;
	html: Html;
	figures: readonly Figure[];
}

/** Sentences on several models up to which each is a paragraph. */
const PARAGRAPHS = 3;

/** What is said of each model: paragraphs, or a list where there are many. Of some there may be nothing to say. */
export function ofEach(sentences: readonly HtmlValue[]): Html {
	const said = sentences.filter((each) => each !== null && each !== '');
	if (said.length <= PARAGRAPHS) return html`${said.map((each) => html`<p>${each}</p>\n`)}`;
	return html`<ul>${said.map((each) => html`<li>${each}</li>\n`)}</ul>\n`;
}

/** Width in pixels of figures on a page or in a file, and on a phone. */
export const WIDE = 720;
export const NARROW = 358;

/** A longer table is left to the figure's CSV file. */
const LONGEST_TABLE = 400;

/** The figure as an SVG string of that width. */
export const drawn = (figure: Figure, width: number): string => figure.draw({ width, label: figure.alt });

/** The figure in the page: both widths (the style shows one), caption, and its data as a folded table. */
export function figureHtml(figure: Figure): Html {
	return html`<figure id="figure-${figure.name}">
<div class="wide">${trusted(drawn(figure, WIDE))}</div>
<div class="narrow">${trusted(drawn(figure, NARROW))}</div>
<figcaption>${figure.caption}</figcaption>
<details><summary>The numbers of this figure</summary>
${figure.data.rows.length <= LONGEST_TABLE ? dataTable(figure.data) : html`<p class="note">${count(figure.data.rows.length)} rows, too many for this page.</p>`}
<p class="note">Also beside this page: <code>figures/${figure.name}.svg</code> and <code>figures/${figure.name}.csv</code>.</p>
</details>
</figure>`;
}
