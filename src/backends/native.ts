import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Tensor } from '../base/tensor.ts';
import type { VisionPath } from '../checkpoint/vision-path.ts';
import { encodeGraph } from '../graph/index.ts';
import { type Cache, emptyCache } from '../vlm/cache.ts';
import { embedPrefix } from '../vlm/embed.ts';
import { type Continuation, generate } from '../vlm/generate.ts';
import { decoderGraph, embedTokensGraph, visionEncoderGraph } from '../vlm/graphs.ts';
import { pixelsOf } from '../vlm/images.ts';
import type { Model } from '../vlm/model.ts';
import { prefill } from '../vlm/prefill.ts';
import { applyTail, encodePixels, overridePath, visionTokenCount } from '../vlm/vision.ts';
import type { Ask, Backend, BackendFacts, Condition, GenerationSettings, PreparedImages } from './backend.ts';

/** Memory that keys and values of the images asked about at once may take, in bytes. */
const CACHE_BUDGET = 2 ** 29;

/** Our own graphs over a loaded model: every condition can be carried out. `close` closes the model. */
export async function nativeBackend(model: Model): Promise<Backend> {
	return {
		facts: await factsOf(model),
		cannot: () => null,
		prepare: async (images) => prepareImages(model, await pixelsOf(model, images)),
		close: () => model.close(),
	};
}

async function factsOf(model: Model): Promise<BackendFacts> {
	const { checkpoint, config, runtime, text, visionPath } = model;
	const graphs = [visionEncoderGraph(config, visionPath), embedTokensGraph(config.text), decoderGraph(config.text)];
	const hash = sha256.create();
	for (const graph of graphs) hash.update(encodeGraph(graph));
	return {
		kind: 'native',
		model: checkpoint.location,
		modelHash: await checkpoint.hash(),
		graphHash: bytesToHex(hash.digest()),
		promptTemplate: text.template,
		visionPath,
		versions: { onnxruntime: runtime.version, provider: runtime.provider },
	};
}

function prepareImages(model: Model, pixels: Tensor<'float32'>): PreparedImages {
	const count = pixels.shape[0]!;
	const projected = new Map<string, Promise<Tensor<'float32'>>>();
	const tokensOf = async (path: VisionPath) => {
		const key = `${path.layers}:${path.postLayerNorm}`;
		if (!projected.has(key)) projected.set(key, encodePixels(model, pixels, path));
		return applyTail(model, await projected.get(key)!, path);
	};
	return {
		async answer(condition, asks, settings) {
			const seen = asks.map((ask) => ({ ...ask, image: imageOf(condition, ask.image, count) }));
			const tokens = condition.image === 'none' ? null : await tokensOf(overridePath(model, condition.path));
			const rows = rowsAtOnce(model);
			const answers: string[] = new Array(asks.length);
			for (let start = 0; start < count; start += rows) {
				const end = Math.min(start + rows, count);
				const members = [...seen.keys()].filter((i) => seen[i]!.image >= start && seen[i]!.image < end);
				if (members.length === 0) continue;
				const part = members.map((i) => ({ ...seen[i]!, image: seen[i]!.image - start }));
				const found = await answerRows(model, tokens && slicedRows(tokens, start, end), end - start, part, settings);
				members.forEach((i, j) => {
					answers[i] = found[j]!;
				});
			}
			return answers;
		},
		release: () => projected.clear(),
	};
}

function imageOf({ image }: Condition, own: number, count: number): number {
	return image === 'wrong' ? (own + Math.floor(count / 2)) % count : own;
}

/** How many images' keys and values fit the budget; depends on the model only, so that runs agree on every machine. */
function rowsAtOnce(model: Model): number {
	const { layers, kvHeads, headDim } = model.config.text;
	const bytes = 2 * layers * kvHeads * headDim * 4 * (visionTokenCount(model) + 128);
	return Math.max(1, Math.floor(CACHE_BUDGET / bytes));
}

const slicedRows = ({ shape, data }: Tensor<'float32'>, start: number, end: number): Tensor<'float32'> => {
	const size = shape[1]! * shape[2]!;
	return {
		dtype: 'float32',
		shape: [end - start, shape[1]!, shape[2]!],
		data: data.subarray(start * size, end * size),
	};
};

/** Asks about one batch of images, vision tokens [rows, V, width], or about none. */
async function answerRows(
	model: Model,
	tokens: Tensor<'float32'> | null,
	rows: number,
	asks: readonly Ask[],
	settings: GenerationSettings,
): Promise<string[]> {
	const prompts = asks.map(({ prompt }) => model.text.encodePrompt({ question: prompt, image: tokens !== null }));
	const continuations: Continuation[] = asks.map(({ image, id }, i) => ({
		row: image,
		ids: prompts[i]!.ids.slice((prompts[i]!.imageAt ?? -1) + 1),
		stream: id,
	}));
	let prefix: Cache = emptyCache(model, rows);
	if (tokens)
		prefix = await prefill(model, await embedPrefix(model, prompts[0]!.ids.slice(0, prompts[0]!.imageAt!), tokens));
	const answers = await generate(model, prefix, continuations, settings);
	return answers.map((ids) => model.text.decode(ids).trim());
}
