import type { Tensor } from '../base/tensor.ts';
import type { LlavaConfig } from './config.ts';
import type { VisionPath } from './vision-path.ts';

/** Where files come from: a folder in Node, a base URL in the browser. Paths are relative, with `/`. */
export interface FileStore {
	/** Folder or URL, for messages. */
	readonly location: string;
	has(path: string): Promise<boolean>;
	size(path: string): Promise<number>;
	/** The whole file, or the bytes [start, end). */
	read(path: string, start?: number, end?: number): Promise<Uint8Array>;
	/** sha256 of the whole file, hex, read in pieces. */
	sha256(path: string): Promise<string>;
	close(): Promise<void>;
}

/** Where files are written: a folder in Node, memory in a browser. A file appears whole or not at all. */
export interface WriteStore {
	/** Folder, for messages. */
	readonly location: string;
	write(path: string, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void>;
	/** Removes a file; none of that name is no error. */
	remove(path: string): Promise<void>;
}

/** Parts of the other files that a model needs, parsed but not interpreted; null where the file is absent. */
export interface CheckpointFiles {
	/** tokenizer.json */
	tokenizer: unknown;
	/** tokenizer_config.json */
	tokenizerConfig: unknown;
	/** The Jinja source: chat_template.jinja, else chat_template.json, else tokenizer_config.json's. */
	chatTemplate: string | null;
	/** preprocessor_config.json */
	preprocessor: unknown;
	/** generation_config.json */
	generation: unknown;
}

/**
 * A checkpoint opened for reading. Tensor names are canonical, whichever layout the files use:
 * `vision_tower.vision_model.*`, `multi_modal_projector.linear_1|linear_2.*`, `multi_modal_projector.norm.weight`,
 * `language_model.model.*`, `language_model.lm_head.weight`.
 */
export interface Checkpoint {
	location: string;
	config: LlavaConfig;
	/** The vision path the model was trained with (config.json: vision_feature_layer and our own `dorsal` section). */
	visionPath: VisionPath;
	files: CheckpointFiles;
	/** Canonical names of all tensors, sorted. */
	names: readonly string[];
	/** Shape of a tensor; undefined where there is none of that name. */
	shape(name: string): readonly number[] | undefined;
	/** Reads one tensor by its offset and widens it to float32. Throws an InputError that names tensor and file. */
	read(name: string): Promise<Tensor<'float32'>>;
	/** sha256 over the digests of all files that determine an answer (JSON files, chat template, weights), hex. */
	hash(): Promise<string>;
	close(): Promise<void>;
}
