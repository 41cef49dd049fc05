import { folderStore } from '../checkpoint/files.node.ts';
import { openCheckpoint } from '../checkpoint/open.ts';
import { decodeImage } from '../image/decode.node.ts';
import { parsePreprocessConfig } from '../image/preprocess-config.ts';
import { type NodeRuntimeOptions, nodeRuntime } from '../runtime/node.node.ts';
import { createText } from '../text/text.ts';
import { createModel, type Model } from './model.ts';

export interface LoadOptions extends NodeRuntimeOptions {
	/** Builds the decoder so that probes can look inside. Default false. */
	trace?: boolean;
	/** Folder of the vision tower, for original LLaVA checkpoints that leave it out. */
	visionTower?: string;
	/** Pads images to a square before resizing; default as preprocessor_config.json has it (`do_pad`). */
	pad?: boolean;
}

/**
 * Opens a checkpoint folder: Hugging Face's LLaVA layout or the original one. Weights are read when the first question
 * is asked. Throws a UsageError where the folder is missing and an InputError where a file in it is wrong.
 *
 * @example
 * const model = await load('models/tiny-llava');
 */
export async function load(folder: string, options: LoadOptions = {}): Promise<Model> {
	const { trace, visionTower, pad, ...engine } = options;
	const runtime = nodeRuntime(engine);
	const checkpoint = await openCheckpoint(folderStore(folder), {
		...(visionTower !== undefined && { visionTower: folderStore(visionTower) }),
	});
	const { files, config } = checkpoint;
	const preprocess = parsePreprocessConfig(files.preprocessor, {
		imageSize: config.vision.imageSize,
		where: `${folder}/preprocessor_config.json`,
	});
	return createModel({
		checkpoint,
		runtime,
		text: createText({ files, config, location: folder }),
		preprocess: pad === undefined ? preprocess : { ...preprocess, pad },
		decodeImage,
		...(trace !== undefined && { trace }),
	});
}
