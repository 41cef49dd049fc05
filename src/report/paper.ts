/**
 * Figures printed in "Beyond Semantics: Rediscovering Spatial Awareness in Vision-Language Models" (first version,
 * March 2025). Fractions of 1. All are of LLaVA-1.5 7B and the paper's two variants of it, on the paper's own data.
 */

export interface PaperPermutation {
	/** Name of the task here that stands for the data set. */
	task: string;
	dataset: string;
	original: number;
	permutation: number;
	/** As printed; permutation − original. */
	difference: number;
}

/** Table 1: accuracy of LLaVA-1.5 7B before and after a random permutation of its vision tokens. */
export const PAPER_TABLE_1: readonly PaperPermutation[] = [
	{ task: 'vqav2', dataset: 'VQAv2', original: 0.782, permutation: 0.7735, difference: -0.0085 },
	{ task: 'pope', dataset: 'POPE', original: 0.873, permutation: 0.871, difference: -0.002 },
	{ task: 'gqa', dataset: 'GQA', original: 0.6136, permutation: 0.5862, difference: -0.0274 },
	{ task: 'cv-bench', dataset: 'CV-Bench 2D', original: 0.5659, permutation: 0.5626, difference: -0.0033 },
];

/** Column heads of Table 2. */
export const PAPER_MODELS = ['LLaVA-1.5', '+ Normalize', '+ Normalize + Multilayer'] as const;

/** Table 2: accuracy on the paper's 2DS by category, one value a column of `PAPER_MODELS`. */
export const PAPER_TABLE_2: Readonly<Record<string, readonly [number, number, number]>> = {
	color_abs: [0.796, 0.88, 0.878],
	color_rel: [0.37, 0.424, 0.472],
	shape_abs: [0.786, 0.79, 0.822],
	shape_rel: [0.344, 0.328, 0.408],
	shape_color_abs: [0.708, 0.718, 0.802],
	shape_color_rel: [0.394, 0.418, 0.506],
};

/** Last row of Table 2, the plain mean of the six categories. */
export const PAPER_TABLE_2_OVERALL: readonly [number, number, number] = [0.5663, 0.593, 0.648];

/** Table 4: normalised entropy of attention over the vision tokens, one value a column of `PAPER_MODELS`. */
export const PAPER_TABLE_4: readonly { dataset: string; names: RegExp; entropy: readonly [number, number, number] }[] =
	[
		{ dataset: '2DS', names: /^2DS/, entropy: [0.76, 0.9, 0.72] },
		{ dataset: 'COCO val', names: /coco/i, entropy: [0.81, 0.89, 0.72] },
		{ dataset: 'CV-Bench 2D', names: /cv-?bench/i, entropy: [0.8, 0.9, 0.72] },
	];

/** Sec. 3.2: the largest loss on any of its standard benchmarks from 576 vision tokens to 1, retrained at each number. */
export const PAPER_COMPRESSION = { from: 576, to: 1, worst: -0.085 };

/**
 * Means over 20 COCO photos in the notebooks of the paper's published code, one value a column of `PAPER_MODELS`:
 * |Δg_V| and Δα_V of the RoPE probe, and the share of vision in attention on system prompt, vision and user text.
 */
export const PAPER_NOTEBOOK = {
	absDeltaGV: [0.0072624, 0.0071762, 0.0082159],
	deltaAlphaV: [0.00086668, 0.00063521, 0.00072956],
	visionShare: [0.214, 0.188, 0.2],
	visionShareWithoutSystem: [0.747, 0.55, 0.649],
} as const satisfies Record<string, readonly [number, number, number]>;
