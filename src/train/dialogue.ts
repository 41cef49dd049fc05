import type { LlavaConfig } from '../checkpoint/config.ts';
import type { VisionPath } from '../checkpoint/vision-path.ts';
import {
	concat,
	type Dim,
	type Graph,
	gather,
	input,
	product,
	reshape,
	slice,
	squeeze,
	type Value,
} from '../graph/index.ts';
import { visionFeatures } from '../vlm/graphs.ts';
import { type AskedTokens, embedTokens, llama, logits } from '../vlm/llama.ts';
import type { Parameters } from '../vlm/parameters.ts';
import { projector } from '../vlm/projector.ts';
import { type VisionTail, visionTail } from '../vlm/vision-tail.ts';
import { crossEntropy, hitShare, hits } from './loss.ts';

/** What the graph of a conversation is built for. */
export interface DialogueSetup {
	config: LlavaConfig;
	/** The image's way into the conversation; null for text alone. */
	vision: {
		features: Pick<VisionPath, 'layers' | 'postLayerNorm'>;
		tail: VisionTail;
		/** Where the image's id stands in `input_ids`; the same in every sequence. */
		imageAt: number;
	} | null;
	/** Whether the backward pass computes each layer anew instead of keeping what it holds. Default false. */
	recompute?: boolean;
}

/**
 * The next-token logits of conversations, at the places where an answer's tokens are predicted: [batch * asked, vocab].
 *
 * Inputs: `pixel_values` [batch, 3, size, size] (with vision), `input_ids` int64 [batch, text], `position_ids` int64
 * [batch, length], `attention_bias` [batch, 1, length, length], and of the asked tokens, as many of each sequence, their
 * columns `asked_positions` int64 [batch, asked] and rows among all batch · length tokens `asked_rows` int64
 * [batch * asked]. `length` is `text`, the image's one id replaced by its vision tokens.
 */
function dialogueLogits(graph: Graph, p: Parameters, { config, vision, recompute = false }: DialogueSetup): Value {
	const { text } = config;
	const pixels = vision && input(graph, 'pixel_values', 'float32', pixelShape(config));
	const ids = input(graph, 'input_ids', 'int64', ['batch', vision ? 'text' : 'length']);
	const positions = input(graph, 'position_ids', 'int64', ['batch', 'length']);
	const bias = input(graph, 'attention_bias', 'float32', ['batch', 1, 'length', 'length']);
	const words = embedTokens(p, ids, text);
	let embeddings = words;
	if (vision && pixels) {
		const features = visionFeatures(p, pixels, config, vision.features, { recompute });
		const tokens = visionTail(p, projector(p, features, text.hiddenSize, config.projector), vision.tail);
		const before = slice(words, 1, 0, vision.imageAt, vision.imageAt);
		const after = slice(words, 1, vision.imageAt + 1, Number.MAX_SAFE_INTEGER, 'rest');
		embeddings = concat([before, tokens, after], 1, { dim: 'length' });
	}
	const asked = askedTokens(graph, bias);
	const { hiddenStates } = llama(p, { embeddings, positions, bias, past: [], asked, recompute }, text);
	return logits(p, reshape(hiddenStates.at(-1)!, [product('batch', 'asked'), text.hiddenSize]), text);
}

/** The inputs `target_ids` int64 [batch * asked] and `target_weights` [batch * asked] (0 where padding asks). */
function targetsOf(graph: Graph) {
	const rows = [product('batch', 'asked')];
	return { ids: input(graph, 'target_ids', 'int64', rows), weights: input(graph, 'target_weights', 'float32', rows) };
}

/** Σ weight · −log of the target's probability, and Σ weight over the targets that are likeliest. */
export function dialogueLoss(graph: Graph, p: Parameters, setup: DialogueSetup): { loss: Value; accuracy: Value } {
	const next = dialogueLogits(graph, p, setup);
	const { ids, weights } = targetsOf(graph);
	return { loss: crossEntropy(next, ids, weights), accuracy: hitShare(next, ids, weights) };
}

/** 1 for every asked token whose target is the likeliest: [batch * asked] */
export function dialogueHits(graph: Graph, p: Parameters, setup: DialogueSetup): Value {
	const next = dialogueLogits(graph, p, setup);
	return hits(next, targetsOf(graph).ids);
}

const pixelShape = ({ vision: { channels, imageSize } }: LlavaConfig): Dim[] => [
	'batch',
	channels,
	imageSize,
	imageSize,
];

/** The asked tokens, each with its own row of the bias. */
function askedTokens(graph: Graph, bias: Value): AskedTokens {
	const positions = input(graph, 'asked_positions', 'int64', ['batch', 'asked']);
	const rows = input(graph, 'asked_rows', 'int64', [product('batch', 'asked')]);
	const table = reshape(squeeze(bias, [1]), [product('batch', 'length'), 'length']);
	return { positions, rows, bias: reshape(gather(table, rows), ['batch', 1, 'asked', 'length']) };
}
