/** The benchmarks: their questions, how answers are read, and scores exactly as the official scorers give them. @module */
export { type DrawnTask, type TwoDsItem, type TwoDsQuestion, twoDsTask, ventralTask } from './2ds.ts';
export { type AnswerReader, type ClosedOptions, closed, closedPair, yesNo } from './closed.ts';
export { PARAPHRASES, type Paraphrase } from './paraphrases.ts';
export { circular, paraphrased, thirdOption } from './robustness.ts';
export { benchmarkOf, benchmarks, type ScoreRequest, type ScoreResult, scoreAnswers } from './score.ts';
export type { Benchmark } from './score-benchmark.ts';
export type { Counts, Grade, Metrics, QuestionGrades, ScoreOptions } from './score-engine.ts';
export { blobFile, type DataFile, memoryFile } from './score-file.ts';
export type { TaskInput } from './score-task.ts';
export * from './task.ts';
