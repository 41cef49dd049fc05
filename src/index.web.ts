/** Dorsal for browsers: load a model from a URL, ask it, evaluate it. @module */
export * from './common.ts';
export { load, type WebLoadOptions } from './vlm/load.web.ts';
