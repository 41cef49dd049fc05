import { UsageError } from '../base/errors.ts';
import { rng } from '../base/random.ts';
import { row, type Tensor } from '../base/tensor.ts';
import type { VisionPath } from '../checkpoint/vision-path.ts';
import type { Task } from '../tasks/task.ts';
import { gridSide } from '../vlm/clip.ts';
import { type ImageSource, pixelsOf } from '../vlm/images.ts';
import type { Model } from '../vlm/model.ts';
import { applyTail, encodePixels } from '../vlm/vision.ts';

/** One image and what is asked and said about it. */
export interface ProbeItem {
	/** Unique; names the image in results. */
	id: string;
	/** PNG, JPEG or WebP bytes, or pixels; read when its turn comes and not kept. */
	image(): Promise<ImageSource>;
	question: string;
	/** Texts whose word embeddings the vision tokens are compared with. */
	captions: readonly string[];
}

/** What a probe runs over. */
export interface ProbeData {
	/** In words, for results and captions: `2DS, 100 images`. */
	name: string;
	items: readonly ProbeItem[];
}

/**
 * `count` of the items, one at random from each of as many equal stretches, so that neither data sorted by kind nor data
 * whose kinds take turns is seen one-sidedly; always the same ones. All items where there are no more.
 */
export function spread<T>(items: readonly T[], count: number): T[] {
	if (count >= items.length) return [...items];
	const random = rng(0, 'spread', items.length, count);
	return Array.from({ length: count }, (_, i) => items[Math.floor(((i + random.next()) * items.length) / count)]!);
}

/**
 * A task's images, each with one of its questions; the kinds of question take turns from image to image. All its
 * questions are its captions. `limit` images are taken from all over the task (see `spread`). Default: all.
 */
export function taskData(
	task: Pick<Task, 'title' | 'questions' | 'image'>,
	{ limit = Number.POSITIVE_INFINITY }: { limit?: number } = {},
): ProbeData {
	const prompts = new Map<string, string[]>();
	for (const { image, prompt } of task.questions) {
		const list = prompts.get(image) ?? [];
		list.push(prompt);
		prompts.set(image, list);
	}
	const items = spread([...prompts], limit).map(([id, captions], i): ProbeItem => {
		return { id, image: () => task.image(id), question: captions[i % captions.length]!, captions };
	});
	return { name: `${task.title}, ${items.length} images`, items };
}

/** What every probe over images takes. */
export interface ProbeRunOptions {
	/** Called after each image. */
	onProgress?: (done: number, total: number) => void;
	/** Ends the probe with its reason before the next image. */
	signal?: AbortSignal;
}

/** One image on its way through a probe, encoded. */
export interface Encoded {
	item: ProbeItem;
	/** [1, 3, size, size] */
	pixels: Tensor<'float32'>;
	/** After the projector: [1, V, width] */
	projected: Tensor<'float32'>;
	/** What the decoder reads under each of the asked paths: [1, V′, width] */
	tokens: Tensor<'float32'>[];
}

/** Memory that the encoder's attention and inner activations may take at once, in bytes. */
const ENCODER_BUDGET = 2 ** 26;
/** As many images as one run of the encoder takes. */
const MOST_IMAGES = 16;

/** How many images are encoded together: small ones in batches, those of a large encoder one by one. */
function imagesAtOnce({ config: { vision } }: Model): number {
	const tokens = gridSide(vision) ** 2 + 1;
	const bytes = 4 * tokens * (2 * vision.heads * tokens + 2 * vision.intermediateSize);
	return Math.min(MOST_IMAGES, Math.max(1, Math.floor(ENCODER_BUDGET / bytes)));
}

/**
 * Encodes the images of `data`, a few at a time, and hands them out one by one. Of the paths, which differ only after the
 * projector, the first says which hidden states are taken.
 */
export async function* encodedImages(
	model: Model,
	{ items, name }: ProbeData,
	paths: readonly VisionPath[],
	{ onProgress, signal }: ProbeRunOptions = {},
): AsyncGenerator<Encoded> {
	requireTrace(model);
	if (items.length === 0) throw new UsageError(`${name}: holds no images; give at least one`, { code: 'no-images' });
	const batch = imagesAtOnce(model);
	for (let start = 0; start < items.length; start += batch) {
		signal?.throwIfAborted();
		const part = items.slice(start, start + batch);
		const pixels = await pixelsOf(model, await Promise.all(part.map((item) => item.image())));
		const projected = await encodePixels(model, pixels, paths[0]);
		const tokens: Tensor<'float32'>[] = [];
		for (const path of paths) tokens.push(await applyTail(model, projected, path));
		for (const [i, item] of part.entries()) {
			signal?.throwIfAborted();
			yield {
				item,
				pixels: oneOf(pixels, i),
				projected: oneOf(projected, i),
				tokens: tokens.map((all) => oneOf(all, i)),
			};
			onProgress?.(start + i + 1, items.length);
		}
	}
}

/** Row i with its first axis kept: [batch, ...rest] → [1, ...rest] */
function oneOf(all: Tensor<'float32'>, i: number): Tensor<'float32'> {
	const one = row(all, i);
	return { ...one, shape: [1, ...one.shape] };
}

/** Probes look inside the decoder, which only a model loaded for it lets them. */
export function requireTrace({ trace, checkpoint: { location } }: Model): void {
	if (trace) return;
	throw new UsageError(`${location}: probes look inside the decoder; load the model with { trace: true }`, {
		code: 'no-trace',
	});
}
