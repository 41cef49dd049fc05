import { httpStore } from '../checkpoint/files.web.ts';
import { decodeImage } from '../image/decode.web.ts';
import { type WebRuntimeOptions, webRuntime } from '../runtime/web.ts';
import { type LoadFromOptions, loadFrom } from './load.ts';
import type { Model } from './model.ts';

export interface WebLoadOptions extends WebRuntimeOptions, LoadFromOptions {
	/** Base URL of the vision tower, for original LLaVA checkpoints that leave it out. */
	visionTower?: string;
}

/**
 * Opens a checkpoint below a URL in a browser. Weights are fetched when the first question is asked.
 *
 * @example
 * const model = await load('/models/base', { device: 'webgpu' });
 */
export async function load(url: string, options: WebLoadOptions = {}): Promise<Model> {
	const { visionTower, trace, interventions, pad, ...engine } = options;
	const platform = {
		runtime: webRuntime(engine),
		decodeImage,
		store: httpStore(url),
		...(visionTower !== undefined && { visionTower: httpStore(visionTower) }),
	};
	return loadFrom(platform, {
		...(trace !== undefined && { trace }),
		...(interventions !== undefined && { interventions }),
		...(pad !== undefined && { pad }),
	});
}
