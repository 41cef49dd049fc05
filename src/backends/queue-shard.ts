import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { VERSION } from '../base/version.ts';
import type { BackendFacts } from './backend.ts';
import { conditionSchema } from './condition.ts';

/** More images or questions than a shard ever has: a list from elsewhere must not fill a worker's memory. */
const MAX_ITEMS = 100_000;

const askSchema = z.strictObject({
	image: z.int().nonnegative(),
	prompt: z.string(),
	box: z.tuple([z.number(), z.number(), z.number(), z.number()]).optional(),
	id: z.string(),
});

/** A part of an evaluation that one worker does in one go: the questions about some images under one draw. */
export const shardSchema = z.strictObject({
	/** sha256 of the encoded images, under which they are found. */
	images: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(MAX_ITEMS),
	condition: conditionSchema,
	asks: z.array(askSchema).max(MAX_ITEMS),
	settings: z.strictObject({ maxNewTokens: z.int().positive(), temperature: z.number(), seed: z.int() }),
});
export type Shard = z.infer<typeof shardSchema>;

export const shardResultSchema = z.strictObject({ answers: z.array(z.string()).max(MAX_ITEMS) });
export type ShardResult = z.infer<typeof shardResultSchema>;

export const hashBytes = (bytes: Uint8Array): string => bytesToHex(sha256(bytes));
const hashJson = (value: unknown): string => hashBytes(utf8ToBytes(JSON.stringify(value)));

/** A shard's key: equal shards are one job, however often they are handed in. */
export const shardKey = (shard: Shard): string => hashJson(shard);

/**
 * The queue of a backend: only workers whose model, graphs, prompts and versions are the same take from it. The folder's
 * name counts only where no hash identifies the model.
 */
export function queueName({ model, ...facts }: BackendFacts): string {
	return `answers-${hashJson([VERSION, facts.modelHash === null ? model : null, facts]).slice(0, 24)}`;
}
