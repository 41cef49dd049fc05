/** Look inside a model: norms, RoPE sensitivity, attention maps and entropy, cross-modal balance. @module */
export { type ProbeAttentionOptions, probeAttention } from './attention.ts';
export { type AttentionMapOptions, attentionMap } from './attention-map.ts';
export { type AttentionShares, attentionShares, crossModalBalance } from './balance.ts';
export { type ProbeBalanceOptions, probeBalance } from './balance-probe.ts';
export { type ProbeData, type ProbeItem, type ProbeRunOptions, taskData } from './data.ts';
export { type Drawing, drawingPixels, drawingPng, drawingSvg } from './drawing.ts';
export { normalizedEntropy } from './entropy.ts';
export { type ColourScale, type HeatOptions, heatOver } from './heat-map.ts';
export { type ProbeNormsOptions, probeNorms } from './norms.ts';
export { encoderView, type MapRow, mapCaption, mapDrawing, mapGridDrawing } from './overlay.ts';
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
