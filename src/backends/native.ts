import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { UsageError } from '../base/errors.ts';
import { sizeOf, type Tensor } from '../base/tensor.ts';
import type { VisionPath } from '../checkpoint/vision-path.ts';
import { encodeGraph } from '../graph/index.ts';
import type { Prompt } from '../text/text.ts';
import { decoderGraph, embedTokensGraph, visionEncoderGraph } from '../vlm/graphs.ts';
import { pixelsOf } from '../vlm/images.ts';
import type { Model } from '../vlm/model.ts';
import { keptOfImages, selectionProblem } from '../vlm/select.ts';
import { applyTail, checkPath, encodePixels, overridePath, visionTokenCount } from '../vlm/vision.ts';
import { answerAsks, type View } from './answer.ts';
import type { Backend, BackendFacts, Condition, PreparedImages } from './backend.ts';
import { withPixelControls } from './pixel-controls-backend.ts';

/** Memory that keys and values of the images asked about at once may take, in bytes. */
const CACHE_BUDGET = 2 ** 26;

/** Our own graphs over a loaded model: every condition that fits its sizes can be carried out. `close` closes the model. */
export async function nativeBackend(model: Model): Promise<Backend> {
	const backend: Backend = {
		facts: await factsOf(model),
		cannot: (condition) => problemOf(model, condition),
		prepare: async (images) => prepareImages(model, await pixelsOf(model, images)),
		close: () => model.close(),
	};
	return withPixelControls(backend, model.decodeImage);
}

function problemOf(model: Model, { image, path, select, attention }: Condition): string | null {
	if (image === 'none') return select || attention ? 'without an image there are no vision tokens to look at' : null;
	const full = overridePath(model, path);
	try {
		checkPath(model, full);
	} catch (error) {
		if (error instanceof UsageError) return error.message;
		throw error;
	}
	return select ? selectionProblem(model, full, select) : null;
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
	const projectedOf = (path: VisionPath) => {
		const key = `${path.layers}:${path.postLayerNorm}`;
		const tokens = projected.get(key) ?? encodePixels(model, pixels, path);
		projected.set(key, tokens);
		return tokens;
	};
	/** What is seen of the images [start, end); null for none. */
	const viewOf = async ({ image, path, select }: Condition, start: number, end: number): Promise<View | null> => {
		if (image === 'none') return null;
		const full = overridePath(model, path);
		const tokens = await applyTail(model, slicedRows(await projectedOf(full), start, end), full);
		if (!select || select.kind === 'attention') return { tokens };
		return { tokens, kept: await keptOfImages(model, slicedRows(pixels, start, end), tokens, full, select) };
	};
	const prompts = new Map<string, Prompt>();
	/** Under every condition the same questions are asked. */
	const encode = (question: string, image: boolean) => {
		const key = `${image} ${question}`;
		const prompt = prompts.get(key) ?? model.text.encodePrompt({ question, image });
		prompts.set(key, prompt);
		return prompt;
	};
	return {
		async answer(condition, asks, settings) {
			const seen = asks.map((ask) => ({ ...ask, image: imageOf(condition, ask.image, count) }));
			const rows = rowsAtOnce(model);
			const answers: string[] = new Array(asks.length);
			for (let start = 0; start < count; start += rows) {
				const end = Math.min(start + rows, count);
				const members = [...seen.keys()].filter((i) => seen[i]!.image >= start && seen[i]!.image < end);
				if (members.length === 0) continue;
				const part = members.map((i) => ({ ...seen[i]!, image: seen[i]!.image - start }));
				const found = await answerAsks(model, await viewOf(condition, start, end), part, condition, {
					...settings,
					rows: end - start,
					rowsAtOnce: rows,
					encode,
				});
				members.forEach((i, j) => {
					answers[i] = found[j]!;
				});
			}
			return answers;
		},
		release() {
			projected.clear();
			prompts.clear();
		},
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

/** Rows [start, end) along the first axis, on the same memory. */
const slicedRows = ({ shape, data }: Tensor<'float32'>, start: number, end: number): Tensor<'float32'> => {
	const [, ...rest] = shape;
	const size = sizeOf(rest);
	return { dtype: 'float32', shape: [end - start, ...rest], data: data.subarray(start * size, end * size) };
};
