import { gatherElements, logSoftmax, neg, reduceMean, unsqueeze, type Value } from '../graph/index.ts';

/** Mean of −log softmax(logits)[target]: logits [targets, vocab], target ids int64 [targets] → a scalar. */
export function crossEntropy(logits: Value, targets: Value): Value {
	const picked = gatherElements(logSoftmax(logits), unsqueeze(targets, [1]), 1);
	return neg(reduceMean(picked, [0, 1]));
}
