import { foreign, type Html, type HtmlValue, html } from '../html.ts';
import type { ReportData, ReportRun } from '../inputs.ts';
import type { Section } from '../section.ts';
import { table } from '../tables.ts';

/** Longest value shown whole; a chat template may be long, a list of token positions too. */
const SHOWN = 2000;

/** Every leaf of a manifest with the path that leads to it. */
function leaves(value: unknown, path = ''): [string, string][] {
	if (Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null)) {
		return [[path, JSON.stringify(value)]];
	}
	if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
		return Object.entries(value).flatMap(([key, item]) => leaves(item, path === '' ? key : `${path}.${key}`));
	}
	return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
}

function manifestHtml({ dir, model, dataset, manifest }: ReportRun): Html {
	const rows = leaves(manifest).map(([path, value]): HtmlValue[] => [foreign(path), foreign(value, SHOWN)]);
	return html`<details class="manifest"><summary>${dataset}, ${model}: <code>${dir}</code></summary>
${table(
	`Manifest of ${dir}`,
	[
		{ head: 'Field', kind: 'text' },
		{ head: 'Value', kind: 'text' },
	],
	[{ rows }],
)}
</details>\n`;
}

/** Everything that determines the results, and the command that made this report. */
export function manifestSection({ runs, command, undrawn }: ReportData): Section {
	return {
		id: 'manifest',
		title: 'What made this',
		html: html`${command !== null && html`<p>This page was made by</p>\n<pre><code>${command}</code></pre>`}
<p>Each run is a folder; its manifest holds everything that determines its answers.</p>
${runs.map(manifestHtml)}
${undrawn.length > 0 && html`<p class="note">Probe results that this version does not draw: ${undrawn.map((name, i) => html`${i > 0 && ', '}<code>${name}</code>`)}.</p>`}`,
		figures: [],
	};
}
