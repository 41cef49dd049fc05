/** The whole of Dorsal for Node: load a model, ask it, evaluate it, study it. @module */
export { DorsalError, GraphError, InputError, UsageError } from './base/errors.ts';
export { VERSION } from './base/version.ts';
