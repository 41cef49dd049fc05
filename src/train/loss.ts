import {
	argMax,
	cast,
	equal,
	type Graph,
	gatherElements,
	input,
	logSoftmax,
	mul,
	neg,
	reduceSum,
	unsqueeze,
	type Value,
} from '../graph/index.ts';

/** −log softmax(logits)[target], one a row: logits [rows, vocab], targets int64 [rows] → [rows] */
function negativeLogLikelihood(logits: Value, targets: Value): Value {
	const picked = gatherElements(logSoftmax(logits), unsqueeze(targets, [1]), 1);
	return neg(reduceSum(picked, [1]));
}

/**
 * Σ weight · −log softmax(logits)[target]: logits [rows, vocab], targets int64 [rows], weights [rows] → a scalar. With
 * weights of one over the number of targets it is their mean; parts of a batch, weighted by the whole, add up exactly.
 */
export const crossEntropy = (logits: Value, targets: Value, weights: Value): Value =>
	reduceSum(mul(negativeLogLikelihood(logits, targets), weights), [0]);

/** The loss of the logits against the inputs `target_ids` int64 [rows] and `target_weights` [rows] (0 for padding). */
export function targetLoss(graph: Graph, logits: Value): Value {
	const rows = logits.shape[0]!;
	const targets = input(graph, 'target_ids', 'int64', [rows]);
	return crossEntropy(logits, targets, input(graph, 'target_weights', 'float32', [rows]));
}

/** 1 where the likeliest token is `target_ids`: logits [rows, vocab] → [rows] */
export function hits(graph: Graph, logits: Value): Value {
	const targets = input(graph, 'target_ids', 'int64', [logits.shape[0]!]);
	return cast(equal(argMax(logits, 1), targets), 'float32');
}
