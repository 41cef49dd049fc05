import type { VisionPath } from '../checkpoint/vision-path.ts';
import { releaseCache } from '../vlm/cache.ts';
import { embed } from '../vlm/embed.ts';
import { presentKey } from '../vlm/graphs.ts';
import type { Model } from '../vlm/model.ts';
import { inverseFrequencies } from '../vlm/rope.ts';
import { overridePath } from '../vlm/vision.ts';
import { encodedImages, type ProbeData, type ProbeRunOptions } from './data.ts';
import { meanInterval, meanTable, pairedInterval } from './mean.ts';
import { type ProbeHeader, probeHeader, type RopeCondition, type RopeProbe } from './results.ts';
import { type RopeTheoryOptions, ropeTheory } from './rope-theory.ts';
import { attentionOf, type HeadKeys, logitsAt, visionSlopes } from './rotation.ts';
import { readPrompt, type TracedPrompt, tracedPrompt, traceLast } from './trace.ts';

/** What turning the vision keys does to one head. */
export interface HeadSensitivity {
	/** Attention on vision before the turn, α_V. */
	alphaV: number;
	/** α_V after the turn less α_V before. */
	deltaAlphaV: number;
	/** Mean change of the vision logits a position, weighted by attention: Σ (α_v / α_V) Δℓ_v / δ. */
	deltaGV: number;
	/** dα_V/dφ = α_V (1 − α_V) g_V at no turn, in closed form. */
	slope: number;
}

/** Turns a head's vision keys on by `delta` positions (default 1), all others staying where they are. */
export function turnVision(
	q: Float32Array,
	head: HeadKeys,
	frequencies: ArrayLike<number>,
	{ delta = 1 }: { delta?: number } = {},
): HeadSensitivity {
	const [start, end] = head.vision;
	const before = logitsAt(q, head, 0, frequencies);
	const after = logitsAt(q, head, delta, frequencies);
	const { vision: alphaV, text } = attentionOf(before, head.vision);
	// Among the vision tokens alone, so that a head that all but ignores them has its weights too.
	const { weights } = attentionOf(before.subarray(start, end), [0, end - start]);
	const slopes = visionSlopes(q, head, frequencies);
	let [deltaGV, gV] = [0, 0];
	for (const [i, weight] of weights.entries()) {
		deltaGV += (weight * (after[start + i]! - before[start + i]!)) / delta;
		gV += weight * slopes[i]!;
	}
	return {
		alphaV,
		deltaAlphaV: attentionOf(after, head.vision).vision - alphaV,
		deltaGV,
		slope: alphaV * text * gV,
	};
}

/**
 * The RoPE probe on one prompt: `</s>` is put after it as the query, which looks at the keys before it, and the vision
 * keys alone are turned on by one position. [layers][heads]
 */
export async function ropeSensitivity(model: Model, prompt: TracedPrompt): Promise<HeadSensitivity[][]> {
	const { heads, kvHeads, headDim } = model.config.text;
	const { cache } = await readPrompt(model, prompt);
	const { queries } = await traceLast(model, await embed(model, [[model.config.eosTokenIds[0]!]]), cache);
	const frequencies = inverseFrequencies(model.config.text);
	const group = heads / kvHeads;
	const size = cache.length * headDim;
	const found = queries.map((ofLayer, layer) => {
		const all = cache.tensors[presentKey(layer)]!.data as Float32Array; // [1, kvHeads, N, headDim]
		return ofLayer.map((q, head) => {
			const at = Math.floor(head / group) * size;
			const keys = all.subarray(at, at + size);
			return turnVision(q, { keys, count: cache.length, vision: prompt.spans.vision }, frequencies);
		});
	});
	releaseCache(cache);
	return found;
}

export interface ProbeRopeOptions extends ProbeRunOptions {
	/** Parts of the vision path to replace in both conditions. Default none. */
	path?: Partial<VisionPath>;
	/** The normalisation of the second condition. Default the published one, with constants of the model's own words. */
	normalize?: NonNullable<VisionPath['normalize']>;
	theory?: RopeTheoryOptions;
}

const PUBLISHED: NonNullable<VisionPath['normalize']> = { mode: 'paper', targetMean: null, maxNorm: null };

/**
 * Sensitivity to position (Sec. 4.2, Appendix A): the theory in numbers, and the RoPE probe over some images, once with
 * the vision tokens as they come from the projector and once normalised.
 */
export async function probeRope(
	model: Model,
	data: ProbeData,
	{ path = {}, normalize = model.visionPath.normalize ?? PUBLISHED, theory, ...run }: ProbeRopeOptions = {},
): Promise<RopeProbe> {
	const header: ProbeHeader = await probeHeader(model, data);
	const paths = [null, normalize].map((mode) => overridePath(model, { ...path, normalize: mode }));
	const conditions = paths.map(({ normalize: mode }) => collector(model, mode));
	for await (const { item, tokens } of encodedImages(model, data, paths, run)) {
		for (const [i, vision] of tokens.entries()) {
			const prompt = await tracedPrompt(model, vision, item.question);
			conditions[i]!.add(await ropeSensitivity(model, prompt));
		}
	}
	const [first, second] = [conditions[0]!.perImage, conditions[1]!.perImage];
	return {
		probe: 'rope',
		...header,
		conditions: conditions.map(({ result }) => result()),
		difference: {
			absDeltaGV: pairedInterval(first.absDeltaGV, second.absDeltaGV)!,
			deltaAlphaV: pairedInterval(first.deltaAlphaV, second.deltaAlphaV)!,
			absDeltaAlphaV: pairedInterval(first.absDeltaAlphaV, second.absDeltaAlphaV)!,
		},
		theory: ropeTheory(theory),
	};
}

/** Takes in one prompt after the other; keeps means only, of layers and heads over images and of each image. */
function collector({ config: { text }, visionPath }: Model, normalize: VisionPath['normalize']) {
	const table = () => meanTable(text.layers, text.heads);
	const tables = { alphaV: table(), deltaAlphaV: table(), absDeltaGV: table(), slope: table() };
	const perImage = { absDeltaGV: [] as number[], deltaAlphaV: [] as number[], absDeltaAlphaV: [] as number[] };
	return {
		perImage,
		add(layers: HeadSensitivity[][]) {
			layers.forEach((heads, layer) => {
				heads.forEach(({ alphaV, deltaAlphaV, deltaGV, slope }, head) => {
					tables.alphaV.add(layer, head, alphaV);
					tables.deltaAlphaV.add(layer, head, deltaAlphaV);
					tables.absDeltaGV.add(layer, head, Math.abs(deltaGV));
					tables.slope.add(layer, head, slope);
				});
			});
			const all = layers.flat();
			const mean = (of: (head: HeadSensitivity) => number) => all.reduce((sum, head) => sum + of(head), 0) / all.length;
			perImage.absDeltaGV.push(mean(({ deltaGV }) => Math.abs(deltaGV)));
			perImage.deltaAlphaV.push(mean(({ deltaAlphaV }) => deltaAlphaV));
			perImage.absDeltaAlphaV.push(mean(({ deltaAlphaV }) => Math.abs(deltaAlphaV)));
		},
		result: (): RopeCondition => ({
			name: normalize === null ? 'not normalised' : `normalised (${normalize.mode})`,
			trained: JSON.stringify(normalize) === JSON.stringify(visionPath.normalize),
			normalize,
			absDeltaGV: meanInterval(perImage.absDeltaGV)!,
			deltaAlphaV: meanInterval(perImage.deltaAlphaV)!,
			absDeltaAlphaV: meanInterval(perImage.absDeltaAlphaV)!,
			byHead: {
				alphaV: tables.alphaV.means() as number[][],
				deltaAlphaV: tables.deltaAlphaV.means() as number[][],
				absDeltaGV: tables.absDeltaGV.means() as number[][],
				slope: tables.slope.means() as number[][],
			},
		}),
	};
}
