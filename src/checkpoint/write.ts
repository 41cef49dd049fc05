import { UsageError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import type { Tensor } from '../base/tensor.ts';
import type { FileStore, WriteStore } from './checkpoint.ts';
import type { LlavaConfig } from './config.ts';
import { hfConfig } from './config-write.ts';
import type { FloatDtype } from './dtypes.ts';
import { MODEL_FILES } from './model-files.ts';
import { entryBytes, type TensorEntry, writeSafetensors } from './safetensors-write.ts';
import { tensorShapes } from './shapes.ts';
import type { VisionPath } from './vision-path.ts';
import { INDEX_FILE, SINGLE_FILE } from './weights.ts';

export interface CheckpointContent {
	config: LlavaConfig;
	/** The vision path that the model was trained with. */
	visionPath: VisionPath;
	/** Gives a tensor by canonical name; a `Checkpoint` has such a method. */
	read(name: string): Tensor<'float32'> | Promise<Tensor<'float32'>>;
	/** Folder that tokenizer, chat template, preprocessor and generation settings are copied from. */
	copyFrom: FileStore;
}

export interface WriteOptions {
	/** Element type of all weights; default F32. */
	dtype?: FloatDtype;
	/** Largest shard; a tensor larger than that has one of its own. Default 5 GB, as transformers has it. */
	maxShardBytes?: number;
	/**
	 * File of its own for the encoder's weights: `encoder.safetensors` is written; `../base/encoder.safetensors`, a
	 * neighbouring folder's, is only named and has to be there. Default: among the others.
	 */
	encoder?: string;
}

const json = (value: unknown) => [new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`)];

function intoShards(entries: readonly TensorEntry[], maxBytes: number): TensorEntry[][] {
	const shards: TensorEntry[][] = [[]];
	let filled = 0;
	for (const entry of entries) {
		const bytes = entryBytes(entry);
		if (filled > 0 && filled + bytes > maxBytes) {
			shards.push([]);
			filled = 0;
		}
		shards.at(-1)!.push(entry);
		filled += bytes;
	}
	return shards;
}

const isEncoder = ({ name }: TensorEntry) => name.startsWith('vision_tower.');

async function writeWeights(
	out: WriteStore,
	entries: readonly TensorEntry[],
	{ maxShardBytes, encoder }: { maxShardBytes: number; encoder: string | undefined },
): Promise<void> {
	const shards = intoShards(encoder === undefined ? entries : entries.filter((e) => !isEncoder(e)), maxShardBytes);
	if (shards.length === 1 && encoder === undefined) {
		await writeSafetensors(out, SINGLE_FILE, entries);
		await out.remove(INDEX_FILE);
		return;
	}
	const number = (n: number) => String(n).padStart(5, '0');
	const files = shards.map((shard, i): [path: string, TensorEntry[]] => [
		`model-${number(i + 1)}-of-${number(shards.length)}.safetensors`,
		shard,
	]);
	if (encoder !== undefined) files.push([encoder, entries.filter(isEncoder)]);
	const weightMap: Record<string, string> = {};
	for (const [path, shard] of files) {
		if (!path.startsWith('../')) await writeSafetensors(out, path, shard);
		for (const { name } of shard) weightMap[name] = path;
	}
	const total = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
	await out.write(INDEX_FILE, json({ metadata: { total_size: total }, weight_map: weightMap }));
	// Readers prefer a single file, so that one of an earlier checkpoint would win.
	await out.remove(SINGLE_FILE);
}

/**
 * Writes a checkpoint in the Hugging Face layout: config.json, the weights under canonical names, and the other files
 * copied. One tensor at a time is in memory. config.json comes last, so that a folder without it was not finished.
 */
export async function writeCheckpoint(
	out: WriteStore,
	{ config, visionPath, read, copyFrom }: CheckpointContent,
	{ dtype = 'F32', maxShardBytes = 5e9, encoder }: WriteOptions = {},
): Promise<void> {
	if (config.imageTokenId < 0) {
		throw new UsageError(
			`${out.location}: image token ${show(config.imageTokenId)} of the original LLaVA layout is no word of the ` +
				'vocabulary, which the Hugging Face layout asks for',
			{ code: 'image-token' },
		);
	}
	const entries = [...tensorShapes(config, visionPath)].map(
		([name, shape]): TensorEntry => ({ name, dtype, shape, read: () => read(name) }),
	);
	await out.remove('config.json');
	for (const path of MODEL_FILES) {
		if (await copyFrom.has(path)) await out.write(path, [await copyFrom.read(path)]);
		else await out.remove(path);
	}
	await writeWeights(out, entries, { maxShardBytes, encoder });
	await out.write('config.json', json(hfConfig(config, visionPath)));
}
