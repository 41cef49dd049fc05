import { z } from 'zod';

/**
 * Everything the paper does to vision tokens, as one plain value. The order is fixed: select layers, concatenate
 * channels, project, normalise, pool, permute, scale. Checkpoint, command line, report and browser all speak it.
 */
export const visionPathSchema = z.strictObject({
	/**
	 * Hidden states of the encoder to take, as Hugging Face counts them: 0 is the state after pre-layernorm, n the
	 * state after layer n, negative from the end. Several are concatenated on channels (Sec. 5.2).
	 */
	layers: z.array(z.int()).min(1),
	/** Applies the encoder's post-layernorm to each taken state, as the paper's code does for its multi-layer path. */
	postLayerNorm: z.boolean(),
	/** What is done to the projected tokens' norms; `null` leaves them. */
	normalize: z
		.strictObject({
			/**
			 * `paper`: RMSNorm with a learnt weight, clip to `maxNorm`, times `targetMean` (the published code's steps).
			 * `match-mean`, `match-median`: one factor that brings the mean or median token norm to `targetMean`.
			 * `clip`: tokens longer than `maxNorm` are cut to it. `layernorm`: LayerNorm, then to norm `targetMean`.
			 */
			mode: z.enum(['paper', 'match-mean', 'match-median', 'clip', 'layernorm']),
			/** Norm to reach; `null` measures the mean norm of the model's word embeddings. Paper: 0.83. */
			targetMean: z.number().positive().nullable(),
			/** Largest norm allowed; `null` measures the largest norm of the word embeddings. Paper: 1.22. */
			maxNorm: z.number().positive().nullable(),
		})
		.nullable(),
	/** Side of the grid after adaptive average pooling (Sec. 3.2); `null` keeps the grid. */
	pool: z.int().positive().nullable(),
	/** A new order of the tokens (Sec. 3.1); `null` keeps it. */
	permute: z
		.discriminatedUnion('kind', [
			z.strictObject({
				kind: z.literal('random'),
				seed: z.int(),
				/** `grid`: anywhere; `rows`, `columns`: within each; `blocks`: within blocks of `block` × `block`. */
				within: z.enum(['grid', 'rows', 'columns', 'blocks']),
				block: z.int().positive().optional(),
			}),
			z.strictObject({ kind: z.literal('reverse') }),
			/** Position i receives token order[i]. */
			z.strictObject({ kind: z.literal('list'), order: z.array(z.int().nonnegative()) }),
		])
		.nullable(),
	/** Factor on every token; 1 leaves them. */
	scale: z.number(),
});

export type VisionPath = z.infer<typeof visionPathSchema>;
