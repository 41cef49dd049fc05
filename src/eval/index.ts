/** Put a task's questions to a backend under conditions, keep the answers, compute statistics, compare runs. @module */
export { type ClusterSums, RESAMPLES, resampleTotals } from './bootstrap.ts';
export {
	type Comparison,
	type ConditionComparison,
	compareRuns,
	type Flip,
	type PairedRuns,
} from './compare.ts';
export { compareText } from './compare-text.ts';
export { conditionHelp, parseConditions } from './conditions.ts';
export { EXPORTS, type Exported, type ExportFormat, type ExportOptions, exportRun } from './export/export.ts';
export { type Difference, describeDifference, differences, firstDifference } from './manifest.ts';
export { type PairedQuestion, pairedComparisons, type Side } from './paired.ts';
export { planQuestions, spreadOrder } from './plan.ts';
export {
	connorQuestions,
	detectableDifference,
	type PowerOptions,
	type PowerPlan,
	type PowerPlanOptions,
	powerPlan,
	questionsNeeded,
} from './power.ts';
export { createTally, resultsOf, SET_PREFIX, type Tally } from './results.ts';
export * from './run.ts';
export { type EvaluateOptions, evaluate, type Progress } from './runner.ts';
export {
	type Interval,
	mcnemarExact,
	percentileInterval,
	quantileSorted,
	wilsonInterval,
} from './statistics.ts';
export { memoryStore, type Run, type RunStore, readRecords, runFrom } from './store.ts';
export { zipStore } from './zip-store.ts';
