/** Build ONNX graphs in TypeScript: values with shapes, operators, bytes. @module */
export { encodeGraph, OPSET } from './encode.ts';
export { gradients, stopGradient } from './gradients/index.ts';
export { recomputed } from './gradients/recompute.ts';
export { constant, createGraph, input, integers, output, scalar, weight } from './graph.ts';
export * from './ops/elementwise.ts';
export * from './ops/gather.ts';
export * from './ops/layout.ts';
export * from './ops/matmul.ts';
export * from './ops/normalization.ts';
export * from './ops/reduce.ts';
export * from './ops/rotary.ts';
export * from './ops/scatter.ts';
export * from './ops/sort.ts';
export { prune } from './prune.ts';
export { product } from './shape.ts';
export type { Attribute, Attributes, Dim, Graph, Node, Operator, Shape, Value, ValueType } from './types.ts';
