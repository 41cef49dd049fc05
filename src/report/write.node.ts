import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DorsalError, UsageError } from '../base/errors.ts';
import { parseJson, validate } from '../base/json.ts';
import { replaceFile } from '../base/replace-file.node.ts';
import { readRun } from '../eval/store.node.ts';
import type { Run } from '../eval/store.ts';
import { toCsv } from './csv.ts';
import { reportData } from './data.ts';
import { standalone } from './figures/svg.ts';
import { PROBE_KINDS, type ProbeResult, probeSchema } from './inputs.ts';
import { renderReport } from './page.ts';
import { drawn, type Figure, WIDE } from './section.ts';
import { verdictsOf } from './verdict.ts';

export interface WriteReportOptions {
	/** Folders of finished runs; models and data sets stand in the report in this order. */
	runs: readonly string[];
	/** Files of probe results (`probes/*.json`). Default none. */
	probes?: readonly string[];
	/** The HTML file to write; `figures/` is made beside it. */
	out: string;
	/** Heading of the page. */
	title?: string;
	/** The command that makes the report, to be printed in it. Default none. */
	command?: string | null;
	/** Most scenes in the gallery of one data set; default 6, and at most 24 in all. */
	scenes?: number;
}

export interface WrittenReport {
	out: string;
	/** Size of the HTML file. */
	bytes: number;
	/** The figures' files, SVG and CSV. */
	figures: string[];
	/** The report's answer, one for each model and form of 2DS. */
	verdicts: { model: string; dataset: string; headline: string }[];
}

async function write(path: string, text: string): Promise<void> {
	try {
		await replaceFile(path, text);
	} catch (cause) {
		const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
		throw new DorsalError(`${path}: cannot write (${code}); free the place or give another --out`, {
			code: 'report-write',
			cause,
		});
	}
}

/** Writes a page, and its figures as SVG and CSV to `figures/` beside it. */
export async function writePage(
	out: string,
	{ html, figures }: { html: string; figures: readonly Figure[] },
): Promise<Omit<WrittenReport, 'verdicts'>> {
	const folder = join(dirname(out), 'figures');
	const files: string[] = [];
	for (const figure of figures) {
		const [svg, csv] = [join(folder, `${figure.name}.svg`), join(folder, `${figure.name}.csv`)];
		await write(svg, standalone(drawn(figure, WIDE)));
		await write(csv, toCsv(figure.data));
		files.push(svg, csv);
	}
	await write(out, html);
	return { out, bytes: new TextEncoder().encode(html).length, figures: files };
}

/** A probe's result; null where it is of a kind that is not drawn. */
async function readProbe(path: string): Promise<ProbeResult | null> {
	const bytes = await readFile(path).catch((cause) => {
		throw new UsageError(`${path}: cannot read; give a file that dorsal probe has written`, {
			code: 'probe-read',
			cause,
		});
	});
	const value = parseJson(bytes, path);
	const kind = (value as { probe?: unknown } | null)?.probe;
	if (typeof kind === 'string' && !PROBE_KINDS.includes(kind)) return null;
	return validate(probeSchema, value, { where: path, code: 'probe-result' });
}

/**
 * Writes the report of stored runs as one HTML file, and every figure as SVG and CSV beside it. No model is called.
 * @example await writeReport({ runs: ['runs/2ds', 'runs/2ds-ventral'], out: 'report.html' })
 */
export async function writeReport({ runs, probes = [], out, ...options }: WriteReportOptions): Promise<WrittenReport> {
	if (runs.length === 0)
		throw new UsageError('report: no run was given; give the folder of at least one', { code: 'runs' });
	const opened: Run[] = [];
	try {
		for (const dir of runs) opened.push(await readRun(dir));
		const results = await Promise.all(probes.map(readProbe));
		const data = await reportData(opened, {
			...options,
			probes: results.filter((result) => result !== null),
			undrawn: probes.filter((_, i) => results[i] === null),
		});
		const written = await writePage(out, renderReport(data));
		const verdicts = verdictsOf(data.runs).map(({ model, dataset, headline }) => ({ model, dataset, headline }));
		return { ...written, verdicts };
	} finally {
		await Promise.all(opened.map((run) => run.close()));
	}
}
