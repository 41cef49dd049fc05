import { dataAddress } from '../../src/probes/drawing.ts';
import type { LinearProbe, LinearSite } from '../../src/probes/linear-results.ts';
import type { AttentionMap, AttentionProbe, BalanceProbe, NormsProbe, RopeProbe } from '../../src/probes/results.ts';
import { ropeTheory } from '../../src/probes/rope-theory.ts';
import { syntheticNorms } from './synthetic.ts';
import {
	around,
	header,
	type SyntheticProbeOptions,
	syntheticCompression,
	syntheticInterventions,
	syntheticPermutation,
} from './synthetic-accuracy.ts';

const mean = (value: number, reach = 0.02) => ({ mean: value, low: value - reach, high: value + reach });

const table = (layers: number, heads: number, of: (layer: number, head: number) => number) =>
	Array.from({ length: layers }, (_, layer) => Array.from({ length: heads }, (_, head) => of(layer, head)));

/** A few points of the theory, so that tests stay fast. */
const THEORY = ropeTheory({
	headDim: 16,
	visionTokens: 16,
	textTokens: 8,
	queries: 1,
	scales: [0.1, 1, 10, 100, 1000],
});

export function syntheticRope({
	model = 'models/tiny-llava',
	layers = 4,
	heads = 4,
}: SyntheticProbeOptions = {}): RopeProbe {
	const condition = (name: string, size: number, trained: boolean): RopeProbe['conditions'][number] => ({
		name,
		trained,
		normalize: trained ? null : { mode: 'paper', targetMean: null, maxNorm: null },
		absDeltaGV: mean(size),
		deltaAlphaV: mean(-0.001, 0.004),
		absDeltaAlphaV: mean(0.02, 0.005),
		byHead: {
			alphaV: table(layers, heads, () => 0.5),
			deltaAlphaV: table(layers, heads, (l, h) => ((l + h) % 3) * 0.01 - 0.01),
			absDeltaGV: table(layers, heads, (l, h) => size * (1 + Math.sin(l * 3 + h))),
			slope: table(layers, heads, () => 0),
		},
	});
	const conditions = [condition('not normalised', 0.45, true), condition('normalised (paper)', 0.6, false)];
	const difference = {
		absDeltaGV: mean(0.15, 0.01),
		deltaAlphaV: mean(0, 0.004),
		absDeltaAlphaV: mean(0, 0.005),
	};
	return { probe: 'rope', ...header(model), conditions, difference, theory: THEORY };
}

export function syntheticBalance({
	model = 'models/tiny-llava',
	layers = 4,
	heads = 4,
}: SyntheticProbeOptions = {}): BalanceProbe {
	const condition = (name: string, systemTokens: number, system: number): BalanceProbe['conditions'][number] => {
		const shares = { bos: 0.05, system, vision: 0.5 - system / 2, user: 0.4 - system / 2, answer: 0.05 };
		const byHead: (number | null)[][] = table(layers, heads, (l, h) => (1 + Math.sin(l + 2 * h)) / 2);
		byHead[0]![0] = null;
		return {
			name,
			systemTokens,
			rows: 300,
			balance: mean(0.55),
			balanceByHead: byHead,
			shares: {
				bos: mean(shares.bos),
				system: mean(system),
				vision: mean(shares.vision),
				user: mean(shares.user),
				answer: mean(shares.answer),
			},
			sharesByLayer: Array.from({ length: layers }, (_, l) => ({ ...shares, vision: shares.vision - l / 100 })),
			visionOfImageAndUser: 0.55,
		};
	};
	return {
		probe: 'balance',
		...header(model),
		conditions: [condition('as asked', 9, 0.3), condition('without system prompt', 0, 0)],
	};
}

/** A picture of one colour. */
const PICTURE = dataAddress({ width: 4, height: 4, data: new Uint8Array(48).fill(200) });

export function syntheticAttention({
	model = 'models/tiny-llava',
	layers = 4,
	heads = 4,
	side = 8,
	source = 'llm',
}: SyntheticProbeOptions = {}): AttentionProbe {
	const all = (n: number) => Array.from({ length: n }, (_, i) => i);
	const map = (i: number): AttentionMap => ({
		image: `scene-${i}`,
		question: ['What shape is at the left of the image?', 'Is the red object above the blue object?'][i]!,
		answer: ['ring', 'yes'][i]!,
		token: { index: 0, id: 20 + i, text: ['ring', 'yes'][i]! },
		source,
		layers: all(layers),
		heads: all(heads),
		rows: side,
		columns: side,
		weights: all(side * side).map((k) => 0.01 / (1 + (Math.floor(k / side) - i) ** 2 + (k % side) ** 2)),
		entropy: 0.85,
		visionShare: 0.5,
		...(i === 0 && { picture: PICTURE }),
	});
	const byLayer = all(layers).map((l) => 0.9 - 0.02 * l);
	return {
		probe: 'attention',
		...header(model),
		layers: all(layers),
		heads: all(heads),
		entropy: {
			rows: 250,
			meanOfH: mean(0.88),
			hOfMean: mean(0.91),
			perImage: all(100).map((i) => 0.88 + 0.002 * ((i % 11) - 5)),
			hOfMeanOverAll: 0.97,
			byToken: [0.88, 0.86],
			byLayer: { meanOfH: byLayer, hOfMean: byLayer.map((h) => h + 0.03) },
			byHead: table(layers, heads, (l, h) => 0.9 - 0.02 * ((l * 7 + h) % 20)),
		},
		maps: [map(0), map(1)],
	};
}

export function syntheticLinear({
	model = 'models/tiny-llava',
	layers = 4,
	side = 8,
}: SyntheticProbeOptions = {}): LinearProbe {
	const decoded = (accuracy: number, chance: number) => ({
		accuracy,
		interval: around(accuracy, 0.02),
		chance,
		control: chance,
		controlInterval: around(chance, 0.02),
	});
	const place = (accuracy: number) => ({
		...decoded(accuracy, 1 / side),
		r2: accuracy,
		r2Interval: around(accuracy, 0.02),
	});
	const site = (part: LinearSite['part'], layer: number | null, where: number): LinearSite => ({
		part,
		layer,
		side,
		row: place(where),
		column: place(where * 0.9),
		cell: decoded(where * 0.8, 1 / side ** 2),
		color: decoded(0.95, 0.14),
		shape: decoded(0.5, 0.15),
	});
	return {
		probe: 'linear',
		...header(model),
		seed: 0,
		folds: 5,
		maxWidth: 256,
		sites: [
			...Array.from({ length: layers + 1 }, (_, l) => site('encoder', l, 0.9 - (0.5 * l) / layers)),
			site('projected', null, 0.2),
			...Array.from({ length: layers + 1 }, (_, l) => site('decoder', l, 0.2 + (0.3 * l) / layers)),
		],
	};
}

/** Norms with hidden states, outliers by place and nearest words. */
export function syntheticFullNorms({
	model = 'models/tiny-llava',
	layers = 4,
	side = 8,
}: SyntheticProbeOptions = {}): NormsProbe {
	const norms = syntheticNorms({ model, side });
	const hidden = Array.from({ length: layers + 1 }, (_, layer) => {
		return { layer, bos: 200, system: null, vision: 30 + 10 * layer, user: 1 + 20 * layer };
	});
	return {
		...norms,
		outliers: { ...norms.outliers, byPlace: norms.grid.mean.map((_, i) => (i % 5) / 100) },
		hidden: { images: 100, layers: hidden },
		nearest: {
			mean: 0.28,
			min: 0.19,
			max: 0.46,
			quantiles: { '0.5': 0.28 },
			words: [
				{ word: 'five', share: 0.6 },
				{ word: '</s>', share: 0.1 },
			],
		},
	};
}

/** One result of every kind, in the order of the report. */
export const syntheticProbes = (options: SyntheticProbeOptions = {}) => [
	syntheticPermutation(options),
	syntheticCompression(options),
	syntheticFullNorms(options),
	syntheticRope(options),
	syntheticBalance(options),
	syntheticAttention(options),
	syntheticLinear(options),
	syntheticInterventions(options),
];
