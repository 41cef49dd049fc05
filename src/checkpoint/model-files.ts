import { z } from 'zod';
import { validate } from '../base/json.ts';
import type { CheckpointFiles, FileStore } from './checkpoint.ts';
import { readJson, readSmallFile } from './json-file.ts';

/** What turns a conversation into tokens. */
export const TOKENIZER_FILES = [
	'tokenizer.json',
	'tokenizer_config.json',
	'special_tokens_map.json',
	'chat_template.jinja',
	'chat_template.json',
] as const;

/** All files beside the weights that a model is used with: copied with it, and part of its hash where they are there. */
export const MODEL_FILES = [
	...TOKENIZER_FILES,
	'preprocessor_config.json',
	'processor_config.json',
	'generation_config.json',
] as const;

const templateSchema = z.looseObject({
	chat_template: z
		.union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))], {
			error: 'expected text or a list of named templates',
		})
		.nullish(),
});

function templateIn(json: unknown, where: string): string | null {
	if (json === null) return null;
	const { chat_template: template } = validate(templateSchema, json, { where, code: 'chat-template' });
	if (!Array.isArray(template)) return template ?? null;
	return template.find(({ name }) => name === 'default')?.template ?? null;
}

async function readTemplate(store: FileStore, tokenizerConfig: unknown): Promise<string | null> {
	const jinja = await readSmallFile(store, 'chat_template.jinja');
	if (jinja) return new TextDecoder().decode(jinja);
	const own = await readJson(store, 'chat_template.json');
	return (
		templateIn(own, `${store.location}/chat_template.json`) ??
		templateIn(tokenizerConfig, `${store.location}/tokenizer_config.json`)
	);
}

/** Reads what a model needs beside configuration and weights. */
export async function readModelFiles(store: FileStore): Promise<CheckpointFiles> {
	const [tokenizer, tokenizerConfig, preprocessor, generation] = await Promise.all(
		['tokenizer.json', 'tokenizer_config.json', 'preprocessor_config.json', 'generation_config.json'].map((path) =>
			readJson(store, path),
		),
	);
	const chatTemplate = await readTemplate(store, tokenizerConfig);
	return { tokenizer, tokenizerConfig, chatTemplate, preprocessor, generation };
}

/**
 * preprocessor_config.json for a checkpoint of the original LLaVA, which has none: that of its CLIP folder (`tower`), or
 * else CLIP's own numbers. `pad` comes from its config.json (`image_aspect_ratio`) and is named as transformers'
 * LlavaImageProcessor names it.
 */
export function originalPreprocessor(tower: unknown, { imageSize, pad }: { imageSize: number; pad: boolean }): unknown {
	const clip = {
		image_processor_type: 'CLIPImageProcessor',
		do_convert_rgb: true,
		do_resize: true,
		size: { shortest_edge: imageSize },
		resample: 3,
		do_center_crop: true,
		crop_size: { height: imageSize, width: imageSize },
		do_rescale: true,
		rescale_factor: 1 / 255,
		do_normalize: true,
		image_mean: [0.48145466, 0.4578275, 0.40821073],
		image_std: [0.26862954, 0.26130258, 0.27577711],
	};
	return { ...((tower ?? clip) as object), do_pad: pad };
}
