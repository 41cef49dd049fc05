import type { Backend, Condition } from '../backends/backend.ts';
import { UsageError } from '../base/errors.ts';
import { compareRuns } from '../eval/compare.ts';
import { parseConditions } from '../eval/conditions.ts';
import { evaluate } from '../eval/runner.ts';
import { memoryStore, type RunStore, runFrom } from '../eval/store.ts';
import { type AccuracyProbeOptions, askUnder } from './accuracy.ts';
import type { CompressionProbe } from './accuracy-results.ts';

type Point = CompressionProbe['points'][number];
type Positions = NonNullable<Point['positions']>;
export type SelectionKind = Exclude<Point['method'], 'pool'>;

/** A model trained at a number of vision tokens of its own. */
export interface RetrainedModel {
	backend: Backend;
	/** Vision tokens that it reads. */
	tokens: number;
	/** Where its run is kept; default nowhere. */
	store?: RunStore;
}

export interface CompressionProbeOptions extends AccuracyProbeOptions {
	/** Vision tokens that the model reads as it is: `visionTokensOf(model)`. */
	tokens: number;
	/** Sides to pool to. Default: the powers of two that leave fewer tokens. */
	sides?: readonly number[];
	/** Numbers of tokens to select. Default: the squares of `sides`. */
	counts?: readonly number[];
	/** Default: all five, without those that do not go with the model's own vision path. */
	selections?: readonly SelectionKind[];
	/** Whose position ids selected tokens have: kept, packed together, or once each. Default: kept. */
	positions?: readonly Positions[];
	/** Draws of random selection. Default 3. */
	draws?: number;
	/** Models retrained at their own numbers of tokens; each is asked as it is. Default none. */
	retrained?: readonly RetrainedModel[];
}

const KINDS: readonly SelectionKind[] = ['random', 'strided', 'attention', 'class-attention', 'farthest'];

const powersOfTwo = (tokens: number): number[] =>
	Array.from({ length: 15 }, (_, i) => 2 ** (14 - i)).filter((side) => side ** 2 < tokens);

/**
 * Accuracy by number of vision tokens (Sec. 3.2): pooled to smaller grids, and with most tokens left out, chosen in five
 * ways, at their old places or packed together. Given models that were trained at each number, the paper's Fig. 2.
 */
export async function probeCompression({
	tokens,
	sides = powersOfTwo(tokens),
	counts = sides.map((side) => side ** 2),
	selections,
	positions = ['original'],
	draws = 3,
	retrained = [],
	...options
}: CompressionProbeOptions): Promise<CompressionProbe> {
	const { backend, task, seed = 0, onProgress } = options;
	const ways: (Pick<Point, 'method' | 'positions' | 'tokens'> & { conditions: Condition[] })[] = [];
	const way = (method: Point['method'], kept: number, place: Point['positions'], text: string) =>
		ways.push({ method, positions: place, tokens: kept, conditions: parseConditions(text, { seed }) });
	for (const side of sides) way('pool', side ** 2, null, `pool:${side}`);
	// Of the default ways, those that go with the model's own vision path.
	const able = (kind: SelectionKind) => backend.cannot(parseConditions(`select:${kind}:1`)[0]!) === null;
	for (const kind of selections ?? KINDS.filter(able)) {
		for (const count of counts) {
			for (const place of positions) {
				const ending = `${place === 'repacked' ? ':repacked' : ''}${kind === 'random' ? `:${draws}` : ''}`;
				way(kind, count, place, `select:${kind}:${count}${ending}`);
			}
		}
	}
	for (const { conditions } of ways) {
		const reason = backend.cannot(conditions[0]!);
		if (reason === null) continue;
		throw new UsageError(`probe compression: ${conditions[0]!.name}: ${reason}`, { code: 'compression' });
	}

	// Retrained models come after, and are counted from the start.
	const conditions = ways.flatMap((one) => one.conditions);
	const runs = 1 + conditions.length + retrained.length;
	const asked = (before: number) => (done: number, total: number) => {
		const questions = total / (before === 0 ? runs - retrained.length : 1);
		onProgress?.(before * questions + done, runs * questions);
	};
	const store = options.store ?? memoryStore();
	const { header, changes } = await askUnder(conditions, { ...options, store, onProgress: asked(0) });
	const points = ways.map(({ conditions, ...what }) => ({ ...changes(conditions[0]!.name), ...what }));

	const results: CompressionProbe['retrained'] = [];
	for (const [i, other] of [...retrained].sort((a, b) => b.tokens - a.tokens).entries()) {
		const own = other.store ?? memoryStore();
		const progress = asked(1 + conditions.length + i);
		const { conditions: scores } = await evaluate({
			...options,
			backend: other.backend,
			store: own,
			conditions: [{ name: 'intact', image: 'own', path: {}, draw: 0 }],
			onProgress: ({ done, total }) => progress(done, total),
		});
		const { byCategory, draws: _, byGroup: __, sets: ___, ...overall } = scores.intact!;
		const { model, modelHash } = other.backend.facts;
		const compared = await compareRuns(await runFrom(store), await runFrom(own), { seed });
		const { difference, interval } = compared.conditions.find(({ condition }) => condition === 'intact')!.paired[0]!;
		results.push({ model, modelHash, tokens: other.tokens, overall, byCategory, difference, interval });
	}
	return { probe: 'compression', ...header, task: task.name, tokens, points, retrained: results };
}
