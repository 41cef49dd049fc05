import type {
	Change,
	Changes,
	CompressionProbe,
	InterventionsProbe,
	PermutationProbe,
} from '../../src/probes/accuracy-results.ts';
import type { AttentionMap } from '../../src/probes/results.ts';

export interface SyntheticProbeOptions {
	model?: string;
	layers?: number;
	heads?: number;
	/** Of the token grid. */
	side?: number;
	/** Accuracy with the tokens in order. */
	accuracy?: number;
	/** Of the map's source; default `llm`. */
	source?: AttentionMap['source'];
}

const QUESTIONS = 600;
const CHANCE = 0.4;
/** An interval of that reach to both sides. */
export const around = (value: number, reach: number): [number, number] => [value - reach, value + reach];

/** What stands first in every result. */
export const header = (model: string) => ({
	model,
	modelHash: `hash of ${model}`,
	data: '2DS: where things are, 100 images',
	images: 100,
});

const score = (accuracy: number): Change['score'] => ({
	questions: QUESTIONS,
	accuracy,
	interval: around(accuracy, 0.04),
	lenient: accuracy,
	unparsed: 0,
	chance: CHANCE,
});

function change(intact: number, difference: number): Change {
	const psi = 0 - difference / intact;
	const share = Math.min(0.9, 0.05 + Math.abs(difference));
	return {
		score: score(intact + difference),
		difference,
		interval: around(difference, 0.03),
		p: Math.abs(difference) > 0.03 ? 0.0004 : 0.61,
		psi,
		psiInterval: around(psi, 0.05),
		flips: { all: { share, interval: around(share, 0.03) }, right: { share, interval: around(share, 0.04) } },
	};
}

const changes = (name: string, intact: number, difference: number, draws = 1): Changes => ({
	name,
	draws,
	overall: change(intact, difference),
	byCategory: { color_abs: change(intact, difference), shape_rel: change(intact, difference / 2) },
});

const asked = (model: string, accuracy: number) => ({
	...header(model),
	task: '2ds',
	questions: QUESTIONS,
	seed: 0,
	intact: { overall: score(accuracy), byCategory: { color_abs: score(accuracy), shape_rel: score(accuracy) } },
});

export const syntheticPermutation = ({
	model = 'models/tiny-llava',
	accuracy = 0.8,
}: SyntheticProbeOptions = {}): PermutationProbe => ({
	probe: 'permutation',
	...asked(model, accuracy),
	orders: [
		{ ...changes('permuted', accuracy, -0.3, 3), within: 'grid', block: null },
		{ ...changes('permuted-rows', accuracy, -0.2, 3), within: 'rows', block: null },
		{ ...changes('permuted-columns', accuracy, 0.01, 3), within: 'columns', block: null },
		{ ...changes('permuted-blocks:2', accuracy, -0.01, 3), within: 'blocks', block: 2 },
		{ ...changes('reversed', accuracy, -0.25), within: 'reversed', block: null },
	],
});

export function syntheticCompression({
	model = 'models/tiny-llava',
	accuracy = 0.8,
	retrained = false,
}: SyntheticProbeOptions & { retrained?: boolean } = {}): CompressionProbe {
	const methods = ['random', 'strided', 'attention', 'class-attention', 'farthest'] as const;
	const counts = [16, 4, 1];
	const loss = (tokens: number, i: number) => 0 - 0.02 * (4 - Math.log2(tokens)) - 0.01 * i;
	return {
		probe: 'compression',
		...asked(model, accuracy),
		tokens: 64,
		points: [
			...counts.map((tokens) => {
				const name = `pool:${Math.sqrt(tokens)}`;
				return { ...changes(name, accuracy, loss(tokens, 0)), method: 'pool' as const, positions: null, tokens };
			}),
			...methods.flatMap((method, i) =>
				(['original', 'repacked'] as const).flatMap((positions, j) =>
					counts.map((tokens) => {
						const name = `select:${method}:${tokens}:${positions}`;
						return { ...changes(name, accuracy, loss(tokens, i + 2 * j)), method, positions, tokens };
					}),
				),
			),
		],
		retrained: retrained
			? [16, 1].map((tokens) => ({
					model: `${model}-${tokens}`,
					modelHash: null,
					tokens,
					overall: score(accuracy - 0.05),
					byCategory: {},
					difference: -0.05,
					interval: around(-0.05, 0.03),
				}))
			: [],
	};
}

export const syntheticInterventions = ({
	model = 'models/tiny-llava',
	accuracy = 0.8,
}: SyntheticProbeOptions = {}): InterventionsProbe => ({
	probe: 'interventions',
	...asked(model, accuracy),
	conditions: [
		changes('normalize:paper', accuracy, 0.05),
		changes('normalize:clip', accuracy, 0.01),
		changes('scale:2', accuracy, -0.12),
		changes('attention:0.5', accuracy, 0.005),
		changes('adaptvis:0.35:0.5:1.5', accuracy, -0.005),
	],
});
