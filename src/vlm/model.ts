import { UsageError } from '../base/errors.ts';
import { float32, int64, type Tensor } from '../base/tensor.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { LlavaConfig } from '../checkpoint/config.ts';
import type { VisionPath } from '../checkpoint/vision-path.ts';
import type { Graph } from '../graph/index.ts';
import type { RgbImage } from '../image/image.ts';
import type { PreprocessConfig } from '../image/preprocess.ts';
import type { Runtime, Session } from '../runtime/runtime.ts';
import type { TextProcessor } from '../text/text.ts';
import { gridSide } from './clip.ts';
import {
	type DecoderOptions,
	decoderGraph,
	embedTokensGraph,
	type VisionFeatures,
	visionEncoderGraph,
} from './graphs.ts';
import { ROPE_COS, ROPE_SIN, ropeTables } from './rope.ts';
import { PROJECTOR_NORM } from './vision-tail.ts';

export interface ModelParts {
	checkpoint: Checkpoint;
	text: TextProcessor;
	preprocess: PreprocessConfig;
	/** Turns PNG, JPEG or WebP bytes into pixels on this platform; `name` is for messages. */
	decodeImage: (bytes: Uint8Array, name?: string) => Promise<RgbImage>;
	runtime: Runtime;
	/**
	 * Builds the decoder so that hidden states, attention rows and queries can be fetched; probes need it. Costs nothing
	 * where they are not fetched but ORT's fusions across them. Default false.
	 */
	trace?: boolean;
	/**
	 * Builds the one decoder so that attention can be scaled and tokens ranked by it. Else the first condition that needs
	 * either makes a decoder of its own, with the weights once more. Changes no answer. Default false.
	 */
	interventions?: boolean;
}

export type DecoderVariant = Pick<DecoderOptions, 'attentionScale' | 'askedAttentions'>;

/** A checkpoint with the sessions made from it so far. `close` frees them; using the model afterwards is an error. */
export interface Model extends Required<ModelParts> {
	config: LlavaConfig;
	/** What the model was trained with; every override starts from it. */
	visionPath: VisionPath;
	/** The session of a graph: made at the first call with `key`, kept until `close`. */
	session(key: string, build: () => Graph): Promise<Session>;
	embedTokens(): Promise<Session>;
	/** The plain decoder, or one that an intervention needs; with `interventions` they are the same. */
	decoder(options?: DecoderVariant): Promise<Session>;
	/** Encoder and projector for a choice of hidden states; with `trace` also all `hidden_states.n`, and a rollout on demand. */
	visionEncoder(features: VisionFeatures): Promise<Session>;
	/** Norms of the word embeddings, computed at the first call: what `normalize` measures its constants from. */
	wordNorms(): Promise<{ mean: number; max: number }>;
	close(): Promise<void>;
}

/** Puts a checkpoint and a runtime together. No graph is built before it is needed. */
export function createModel(parts: ModelParts): Model {
	const { checkpoint, runtime, trace = false, interventions = false } = parts;
	const { config } = checkpoint;
	const sessions = new Map<string, Promise<Session>>();
	let closed = false;

	const readWeight = async (name: string): Promise<Tensor> => {
		if (name === ROPE_COS) return ropeTables(config.text).cos;
		if (name === ROPE_SIN) return ropeTables(config.text).sin;
		// The published normalisation starts from ones; a checkpoint trained without it has no weight to read.
		if (name === PROJECTOR_NORM && !checkpoint.shape(name)) return ones(config.text.hiddenSize);
		return checkpoint.read(name);
	};
	const session = (key: string, build: () => Graph) => {
		if (closed) throw new UsageError(`${checkpoint.location}: the model has been closed`, { code: 'model-closed' });
		let made = sessions.get(key);
		if (!made) {
			made = runtime.createSession(build(), readWeight);
			sessions.set(key, made);
		}
		return made;
	};
	const embedTokens = () => session('embed_tokens', () => embedTokensGraph(config.text));
	let norms: Promise<{ mean: number; max: number }> | undefined;

	return {
		...parts,
		trace,
		interventions,
		config,
		visionPath: checkpoint.visionPath,
		session,
		embedTokens,
		decoder(options = {}) {
			const { attentionScale = false, askedAttentions = false } = options;
			const variant = {
				attentionScale: interventions || attentionScale,
				askedAttentions: interventions || askedAttentions,
			};
			return session(`decoder:${variant.attentionScale}:${variant.askedAttentions}`, () =>
				decoderGraph(config.text, { trace, ...variant }),
			);
		},
		async visionEncoder({ layers, postLayerNorm }) {
			const made = await session(`vision_encoder:${layers}:${postLayerNorm}`, () =>
				visionEncoderGraph(config, { layers, postLayerNorm }, { rollout: trace, hiddenStates: trace }),
			);
			return trace ? rolloutOnDemand(made, gridSide(config.vision) ** 2) : made;
		},
		wordNorms: () => {
			norms ??= embedTokens().then((session) => measureWords(session, config.text.vocabSize));
			return norms;
		},
		async close() {
			closed = true;
			const open = await Promise.all(sessions.values());
			sessions.clear();
			for (const made of open) await made.release();
			await checkpoint.close();
		},
	};
}

/** An encoder that follows no weights back unless some are fed. */
const rolloutOnDemand = (session: Session, patches: number): Session => ({
	...session,
	run(feeds, outputs) {
		const images = feeds.pixel_values!.shape[0]!;
		return session.run({ rollout_weights: float32([images, 0, patches + 1], []), ...feeds }, outputs);
	},
});

const ones = (size: number) => float32([size], new Float32Array(size).fill(1));

interface NormTotals {
	sum: number;
	count: number;
	max: number;
}

/** Takes in the L2 norms of a table's rows, but for those that are (nearly) zero: unused vocabulary entries often are. */
function addRowNorms({ sum, count, max }: NormTotals, { shape, data }: Tensor<'float32'>): NormTotals {
	const width = shape.at(-1)!;
	for (let row = 0; row < data.length; row += width) {
		let square = 0;
		for (let i = row; i < row + width; i++) square += data[i]! ** 2;
		const norm = Math.sqrt(square);
		if (norm < 1e-6) continue;
		sum += norm;
		count++;
		max = Math.max(max, norm);
	}
	return { sum, count, max };
}

const NOTHING: NormTotals = { sum: 0, count: 0, max: 0 };
const meanAndMax = ({ sum, count, max }: NormTotals) => ({ mean: sum / count, max });

/** Mean and largest L2 norm of the rows that are not (nearly) zero. */
export const rowNorms = (table: Tensor<'float32'>) => meanAndMax(addRowNorms(NOTHING, table));

/** Words looked up together: the table of all of them may have half a gigabyte. */
const WORDS = 256;

/** `rowNorms` of all word embeddings, without the whole table at once. */
async function measureWords(embedTokens: Session, words: number): Promise<{ mean: number; max: number }> {
	let totals = NOTHING;
	for (let start = 0; start < words; start += WORDS) {
		const ids = Array.from({ length: Math.min(WORDS, words - start) }, (_, i) => start + i);
		const { inputs_embeds } = await embedTokens.run({ input_ids: int64([1, ids.length], ids) });
		totals = addRowNorms(totals, inputs_embeds as Tensor<'float32'>);
	}
	return meanAndMax(totals);
}
