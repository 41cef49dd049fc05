import type { VisionPath } from '../checkpoint/vision-path.ts';
import { rowNorms } from '../vlm/model.ts';
import type { VisionTail } from '../vlm/vision-tail.ts';
import type { TrainingState } from './state.ts';

/** What normalised tokens are to be brought to where it is not given: the decoder's word embeddings as they are now. */
function constantsOf({ targetMean, maxNorm }: NonNullable<VisionPath['normalize']>, { weights }: TrainingState) {
	const { mean, max } = rowNorms(weights.get('language_model.model.embed_tokens.weight')!);
	return { targetMean: targetMean ?? mean, maxNorm: maxNorm ?? max };
}

/** Settles, once a run, what normalised tokens are brought to: called when the first image is about to be trained on. */
export function measureWords({ normalize }: VisionPath, state: TrainingState): void {
	if (normalize) state.position.normalize ??= constantsOf(normalize, state);
}

/** The vision path with its constants filled in; before they are settled, as they would be now. */
export const tailOf = ({ normalize, pool, scale }: VisionPath, state: TrainingState): VisionTail => ({
	normalize: normalize && { mode: normalize.mode, ...(state.position.normalize ?? constantsOf(normalize, state)) },
	pool,
	permute: false,
	scale,
});

/** The vision path of the finished model: what no image was trained with is as the recipe or its checkpoint has it. */
export const finalPath = (path: VisionPath, { position }: TrainingState): VisionPath => ({
	...path,
	normalize: path.normalize && { ...path.normalize, ...position.normalize },
});
