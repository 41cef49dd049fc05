import {
	argMax,
	cast,
	equal,
	gatherElements,
	logSoftmax,
	mul,
	neg,
	reduceSum,
	unsqueeze,
	type Value,
} from '../graph/index.ts';

/**
 * Σ weight · −log softmax(logits)[target]: logits [rows, classes], targets int64 [rows], weights [rows] → a scalar. With
 * weights of one over the number of targets it is their mean; parts of a batch, weighted by the whole, add up exactly.
 */
export function crossEntropy(logits: Value, targets: Value, weights: Value): Value {
	const picked = gatherElements(logSoftmax(logits), unsqueeze(targets, [1]), 1);
	return neg(reduceSum(mul(reduceSum(picked, [1]), weights), [0]));
}

/** 1 where the largest logit is the target's: logits [rows, classes], targets int64 [rows] → [rows] */
export const hits = (logits: Value, targets: Value): Value => cast(equal(argMax(logits, 1), targets), 'float32');

/** Σ weight over the rows whose largest logit is the target's. */
export const hitShare = (logits: Value, targets: Value, weights: Value): Value =>
	reduceSum(mul(hits(logits, targets), weights), [0]);
