import { InputError } from '../../base/errors.ts';
import { float32, type Tensor } from '../../base/tensor.ts';
import type { LlavaConfig } from '../../checkpoint/config.ts';
import { gridSide } from '../../vlm/clip.ts';
import type { VisionTail } from '../../vlm/vision-tail.ts';
import type { Sample } from './sample.ts';

/** Sizes of the model that samples are laid out for. */
export interface Layout {
	/** Vision tokens of an image. */
	visionTokens: number;
	imageSize: number;
	/** Longest sequence of positions that the decoder reads. */
	maxPositions: number;
}

/** What samples of a model are laid out for. */
export function layoutOf({ config, tail }: { config: LlavaConfig; tail: VisionTail }): Layout {
	const tokens = gridSide(config.vision) ** 2 + (config.visionFeatureSelect === 'full' ? 1 : 0);
	return {
		visionTokens: tail.pool === null ? tokens : tail.pool ** 2,
		imageSize: config.vision.imageSize,
		maxPositions: config.text.maxPositions,
	};
}

/** Rows of a micro-batch are at most this many times as long as the decoder reads: branches share one, side by side. */
const ROW = 8;

/** The model with RoPE's tables as long as a row may be; positions within it stay those that the decoder reads. */
export const forRows = (config: LlavaConfig): LlavaConfig => ({
	...config,
	text: { ...config.text, maxPositions: ROW * config.text.maxPositions },
});

export interface MicroBatch {
	/** Inputs of the dialogue graph. */
	feeds: Record<string, Tensor>;
	/** Its samples, in the order of the rows. */
	samples: readonly Sample[];
	/** Tokens before the image, the same in all of them; null for text alone. */
	imageAt: number | null;
}

const branchTokens = ({ branches }: Sample) => branches.reduce((sum, { ids }) => sum + ids.length, 0);
const targetCount = ({ branches }: Sample) => branches.reduce((sum, { targets }) => sum + targets.length, 0);
/** Tokens that the prefix takes: the image's one id grows. */
export const prefixLength = ({ pixels, prefix }: Sample, { visionTokens }: Layout) =>
	prefix.length + (pixels ? visionTokens - 1 : 0);

/**
 * Samples as inputs of the dialogue graph, `size` at a time, those of like length together, padded on the right. Target
 * weights are one over the number of targets of all samples, so that losses and gradients of the parts add up to those
 * of the mean over the whole.
 */
export function packBatch(samples: readonly Sample[], size: number, layout: Layout): MicroBatch[] {
	const weight = 1 / samples.reduce((sum, sample) => sum + targetCount(sample), 0);
	return [true, false].flatMap((vision) => {
		const length = (sample: Sample) => prefixLength(sample, layout) + branchTokens(sample);
		const members = samples
			.filter(({ pixels }) => (pixels !== null) === vision)
			.map((sample, i) => ({ sample, i, length: length(sample) }))
			.sort((a, b) => a.length - b.length || a.i - b.i)
			.map(({ sample }) => sample);
		return Array.from({ length: Math.ceil(members.length / size) }, (_, i): MicroBatch => {
			const part = members.slice(i * size, (i + 1) * size);
			// A prefix ends with the image's id.
			const imageAt = vision ? part[0]!.prefix.length - 1 : null;
			return { feeds: feedsOf(part, weight, layout), samples: part, imageAt };
		});
	});
}

function feedsOf(samples: readonly Sample[], weight: number, layout: Layout): Record<string, Tensor> {
	const batch = samples.length;
	const length = Math.max(...samples.map((sample) => prefixLength(sample, layout) + branchTokens(sample)));
	const text = Math.max(...samples.map((sample) => sample.prefix.length + branchTokens(sample)));
	const asked = Math.max(1, ...samples.map(targetCount));
	const ids = new BigInt64Array(batch * text);
	const positions = new BigInt64Array(batch * length);
	const bias = new Float32Array(batch * length * length).fill(Number.NEGATIVE_INFINITY);
	const askedPositions = new BigInt64Array(batch * asked);
	const askedRows = new BigInt64Array(batch * asked);
	const targetIds = new BigInt64Array(batch * asked);
	const weights = new Float32Array(batch * asked);

	samples.forEach((sample, b) => {
		checkLength(sample, layout);
		const prefix = prefixLength(sample, layout);
		const see = (query: number, start: number, end: number) => {
			const row = (b * length + query) * length;
			bias.fill(0, row + start, row + end);
		};
		sample.prefix.forEach((id, i) => {
			ids[b * text + i] = BigInt(id);
		});
		for (let i = 0; i < prefix; i++) {
			positions[b * length + i] = BigInt(i);
			see(i, 0, i + 1);
		}
		let column = prefix;
		let word = sample.prefix.length;
		let target = b * asked;
		for (const branch of sample.branches) {
			branch.ids.forEach((id, i) => {
				ids[b * text + word + i] = BigInt(id);
				positions[b * length + column + i] = BigInt(prefix + i);
				see(column + i, 0, prefix);
				see(column + i, column, column + i + 1);
			});
			for (const i of branch.targets) {
				// A token is predicted by the one before it; the first of a branch, by the end of the prefix.
				const from = i === 0 ? prefix - 1 : column + i - 1;
				askedPositions[target] = positions[b * length + from]!;
				askedRows[target] = BigInt(b * length + from);
				targetIds[target] = BigInt(branch.ids[i]!);
				weights[target] = weight;
				target++;
			}
			column += branch.ids.length;
			word += branch.ids.length;
		}
		// What asks too little asks its first token again, for nothing; padding sees itself, as it must see something.
		for (; target < (b + 1) * asked; target++) askedRows[target] = BigInt(b * length);
		for (; column < length; column++) see(column, column, column + 1);
	});
	return {
		input_ids: int64Of([batch, text], ids),
		position_ids: int64Of([batch, length], positions),
		attention_bias: float32([batch, 1, length, length], bias),
		asked_positions: int64Of([batch, asked], askedPositions),
		asked_rows: int64Of([batch * asked], askedRows),
		target_ids: int64Of([batch * asked], targetIds),
		target_weights: float32([batch * asked], weights),
		...(samples[0]!.pixels && { pixel_values: pixelsOf(samples, layout) }),
	};
}

const int64Of = (shape: number[], data: BigInt64Array): Tensor<'int64'> => ({ dtype: 'int64', shape, data });

function pixelsOf(samples: readonly Sample[], { imageSize }: Layout): Tensor<'float32'> {
	const size = 3 * imageSize * imageSize;
	const out = new Float32Array(samples.length * size);
	samples.forEach(({ pixels }, i) => {
		out.set(pixels!, i * size);
	});
	return float32([samples.length, 3, imageSize, imageSize], out);
}

/** Throws an InputError, `where` before its words, for a sample that is longer than the model can read. */
export function checkLength(sample: Sample, layout: Layout, where = ''): void {
	const { maxPositions } = layout;
	const prefix = prefixLength(sample, layout);
	const row = prefix + branchTokens(sample);
	if (row > ROW * maxPositions) {
		throw new InputError(
			`${where}${sample.branches.length} questions about one image take ${row} tokens, and at most ${ROW * maxPositions} are computed at once; ask fewer turns, or raise model.text.maxPositions`,
			{ code: 'conversation-too-long' },
		);
	}
	const length = prefix + Math.max(...sample.branches.map(({ ids }) => ids.length));
	if (length <= maxPositions) return;
	throw new InputError(
		`${where}a conversation of ${length} tokens is longer than the model can read (max_position_embeddings ${maxPositions}); shorten it, pool the vision tokens, or raise model.text.maxPositions`,
		{ code: 'conversation-too-long' },
	);
}
