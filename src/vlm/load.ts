import type { FileStore } from '../checkpoint/checkpoint.ts';
import { openCheckpoint } from '../checkpoint/open.ts';
import { parsePreprocessConfig } from '../image/preprocess-config.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createText } from '../text/text.ts';
import { createModel, type Model, type ModelParts } from './model.ts';

/** What `load` takes on every platform. */
export interface LoadFromOptions {
	/** Builds the decoder so that probes can look inside. Default false. */
	trace?: boolean;
	/** Builds the decoder so that attention can be changed without loading the weights once more. Default false. */
	interventions?: boolean;
	/** Pads images to a square before resizing; default as preprocessor_config.json has it (`do_pad`). */
	pad?: boolean;
}

/** The platform's parts of a model: where its files are, what runs it, what decodes its images. */
export interface Platform extends Pick<ModelParts, 'decodeImage'> {
	store: FileStore;
	/** Files of the vision tower, for original LLaVA checkpoints that leave it out. */
	visionTower?: FileStore;
	runtime: Runtime;
}

/** Opens a checkpoint: Hugging Face's LLaVA layout or the original one. Weights are read when they are needed. */
export async function loadFrom(
	platform: Platform,
	{ trace, interventions, pad }: LoadFromOptions = {},
): Promise<Model> {
	const { store, visionTower, runtime, decodeImage } = platform;
	const checkpoint = await openCheckpoint(store, { ...(visionTower && { visionTower }) });
	const { files, config } = checkpoint;
	const preprocess = parsePreprocessConfig(files.preprocessor, {
		imageSize: config.vision.imageSize,
		where: `${store.location}/preprocessor_config.json`,
	});
	return createModel({
		checkpoint,
		runtime,
		text: createText({ files, config, location: store.location }),
		preprocess: pad === undefined ? preprocess : { ...preprocess, pad },
		decodeImage,
		...(trace !== undefined && { trace }),
		...(interventions !== undefined && { interventions }),
	});
}
