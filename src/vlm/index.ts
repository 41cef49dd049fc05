/** The network: a LLaVA as ONNX graphs, its vision path, generation. `load` of the package's root puts it together. @module */
export type { Checkpoint, FileStore } from '../checkpoint/checkpoint.ts';
export type { LlavaConfig, TextConfig, VisionConfig } from '../checkpoint/config.ts';
export { openCheckpoint } from '../checkpoint/open.ts';
export { type VisionPath, visionPathSchema } from '../checkpoint/vision-path.ts';
export type { Runtime, Session } from '../runtime/runtime.ts';
export { type Answer, type AskOptions, ask } from './ask.ts';
export { type GenerateOptions, generate } from './generate.ts';
export { decoderGraph, embedTokensGraph, visionEncoderGraph, visionTailGraph } from './graphs.ts';
export { type ImageSource, pixelsOf } from './images.ts';
export { type LoadFromOptions, loadFrom, type Platform } from './load.ts';
export { createModel, type Model, type ModelParts } from './model.ts';
export { permutationOrder } from './permutation.ts';
export { poolWindows } from './pooling.ts';
export { applyTail, encodePixels, overridePath, visionTokensOf } from './vision.ts';
