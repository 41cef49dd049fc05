/** Dorsal for Node: load a model, ask it, evaluate it, study it, write the report. @module */
export { type OpenRemoteOptions, openRemote } from './backends/remote.node.ts';
export * from './common.ts';
export { openRun, readRun } from './eval/store.node.ts';
export { type CocoOptions, cocoData } from './probes/coco.node.ts';
export { type WriteReportOptions, type WrittenReport, writeReport } from './report/write.node.ts';
export { type ServeOptions, type Serving, serve } from './serve/server.node.ts';
export { defaultModel, shippedModels } from './study/shipped.node.ts';
export { type Study, type StudyOptions, study } from './study/study.ts';
export { type LoadOptions, load } from './vlm/load.node.ts';
