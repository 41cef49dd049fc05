/** What the package's root gives on every platform. */
export type { Backend, Condition } from './backends/backend.ts';
export { nativeBackend } from './backends/native.ts';
export {
	type RemoteBackend,
	type RemoteOptions,
	type RemoteUsage,
	remoteBackend,
	servedModels,
} from './backends/remote.ts';
export { DorsalError, GraphError, InputError, UsageError } from './base/errors.ts';
export { VERSION } from './base/version.ts';
export { parseConditions } from './eval/conditions.ts';
export { type EvaluateOptions, evaluate } from './eval/runner.ts';
export { memoryStore } from './eval/store.ts';
export { twoDsTask, ventralTask } from './tasks/2ds.ts';
export type { Task } from './tasks/task.ts';
export { type Answer, type AskOptions, ask } from './vlm/ask.ts';
export type { Model } from './vlm/model.ts';
