/** The report: stored runs → one HTML page, with every figure as SVG and its data as CSV. */

export { type ComparisonPage, renderComparison } from './comparison-page.ts';
export { type Cell, type Table, toCsv } from './csv.ts';
export { type ReportOptions, reportData } from './data.ts';
export { standalone } from './figures/svg.ts';
export {
	type Comparison,
	type NormDistribution,
	type NormsProbe,
	normsProbeSchema,
	type ProbeResult,
	probeSchema,
	type ReportData,
	type ReportRun,
} from './inputs.ts';
export { renderReport } from './page.ts';
export { PAPER_MODELS, PAPER_TABLE_1, PAPER_TABLE_2, PAPER_TABLE_2_OVERALL } from './paper.ts';
export type { Figure, Section } from './section.ts';
export { readTrainingRun, type TrainingRun } from './training/inputs.ts';
export { renderTraining, type TrainingPage } from './training/page.ts';
export { KEPT, type Verdict, verdict } from './verdict.ts';
