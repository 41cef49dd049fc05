import { z } from 'zod';

const interval = z.tuple([z.number(), z.number()]);

/** How often a linear map of a token's state names something rightly; fractions of 1, intervals 95 % over images. */
export const decodedSchema = z.object({
	accuracy: z.number(),
	interval,
	/** Share of the most frequent label. */
	chance: z.number(),
	/** Accuracy of the same map fitted to labels in random order. */
	control: z.number(),
	controlInterval: interval,
});
export type Decoded = z.infer<typeof decodedSchema>;

/** With the coefficient of determination of the number of the row or column, on tokens of images that were not fitted. */
const decodedPlace = decodedSchema.extend({ r2: z.number(), r2Interval: interval });

export const linearSiteSchema = z.object({
	part: z.enum(['encoder', 'projected', 'decoder']),
	/** Hidden state, 0 what goes into the first layer; null for projected tokens. */
	layer: z.int().nonnegative().nullable(),
	/** Side of the grid of tokens. */
	side: z.int().positive(),
	/** Row and column of a token in the grid, and both together; null where there is one token. */
	row: decodedPlace.nullable(),
	column: decodedPlace.nullable(),
	cell: decodedSchema.nullable(),
	/** Of the object whose centre the token covers; null where tokens are so few that objects share them. */
	color: decodedSchema.nullable(),
	shape: decodedSchema.nullable(),
});
export type LinearSite = z.infer<typeof linearSiteSchema>;

/** `dorsal probe linear`: what can be read off single vision tokens, and where in the network. */
export const linearProbeSchema = z.object({
	probe: z.literal('linear'),
	/** Folder of the model and the hash that the manifests of runs carry. */
	model: z.string(),
	modelHash: z.string().nullable(),
	/** What was measured, in words. */
	data: z.string(),
	images: z.int().positive(),
	seed: z.int(),
	folds: z.int(),
	/** States with more channels than this are hashed down to so many. */
	maxWidth: z.int().positive(),
	/** In the order in which a token passes them. */
	sites: z.array(linearSiteSchema),
});
export type LinearProbe = z.infer<typeof linearProbeSchema>;
