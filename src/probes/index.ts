/**
 * Look inside a model: permutation, compression, interventions, norms, RoPE sensitivity, attention maps and entropy,
 * cross-modal balance, linear probes. @module
 */
export type { AccuracyProbeOptions } from './accuracy.ts';
export {
	type Change,
	type Changes,
	type CompressionProbe,
	compressionProbeSchema,
	type Flips,
	type InterventionsProbe,
	interventionsProbeSchema,
	type PermutationProbe,
	permutationProbeSchema,
} from './accuracy-results.ts';
export { type ProbeAttentionOptions, probeAttention } from './attention.ts';
export { type AttentionMapOptions, attentionMap } from './attention-map.ts';
export { type AttentionShares, attentionShares, crossModalBalance } from './balance.ts';
export { type ProbeBalanceOptions, probeBalance } from './balance-probe.ts';
export {
	type CompressionProbeOptions,
	probeCompression,
	type RetrainedModel,
	type SelectionKind,
} from './compression.ts';
export { type ProbeData, type ProbeItem, type ProbeRunOptions, taskData } from './data.ts';
export { type Drawing, drawingPixels, drawingPng, drawingSvg } from './drawing.ts';
export { normalizedEntropy } from './entropy.ts';
export { type ColourScale, type HeatOptions, heatOver } from './heat-map.ts';
export { INTERVENTIONS, type InterventionsProbeOptions, probeInterventions } from './interventions.ts';
export { type LinearProbeOptions, probeLinear } from './linear.ts';
export { type Decoded, type LinearProbe, type LinearSite, linearProbeSchema } from './linear-results.ts';
export { type ProbeNormsOptions, probeNorms } from './norms.ts';
export { encoderView, type MapRow, mapCaption, mapDrawing, mapGridDrawing } from './overlay.ts';
export { type PermutationProbeOptions, probePermutation } from './permutation.ts';
export {
	type AttentionMap,
	type AttentionProbe,
	attentionMapSchema,
	attentionProbeSchema,
	type BalanceProbe,
	balanceProbeSchema,
	type NormsProbe,
	normsProbeSchema,
	type RopeProbe,
	ropeProbeSchema,
} from './results.ts';
export { type HeadSensitivity, type ProbeRopeOptions, probeRope, ropeSensitivity } from './rope.ts';
export { type RopeTheoryOptions, type RopeTheoryPoint, ropeTheory } from './rope-theory.ts';
export { type Trace, type TracedPrompt, type TracedPromptOptions, tracedPrompt, tracePrompt } from './trace.ts';
export { type AttentionRows, type VisionColumns, visionAttention } from './vision-attention.ts';
