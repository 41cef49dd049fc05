/** Train a LLaVA from a recipe, with or without what the paper changes. @module */
export { parseLlava } from './data/llava.ts';
export type { OpenConversations } from './data/source.ts';
export type { Evaluation } from './evaluation.ts';
export { type Metric, metricSchema } from './metrics.ts';
export { type Recipe, recipeSchema, type Stage } from './recipe.ts';
export type { RunFolder } from './run-folder.ts';
export { type Start, startingPoint } from './start.ts';
export type { StageSummary, TrainResult } from './summary.ts';
export { type TrainingProgress, type TrainOptions, train } from './trainer.ts';
