import type { Condition } from '../backends/backend.ts';
import { UsageError } from '../base/errors.ts';
import { parseConditions } from '../eval/conditions.ts';
import { type AccuracyProbeOptions, askUnder } from './accuracy.ts';
import type { PermutationProbe } from './accuracy-results.ts';

export interface PermutationProbeOptions extends AccuracyProbeOptions {
	/** Random orders of each kind, with the seeds `seed`, `seed` + 1, … Default 3. */
	draws?: number;
	/** Sides of the blocks within which tokens are shuffled. Default those of 2 and 4 that divide the grid. */
	blocks?: readonly number[];
}

const DEFAULT_BLOCKS = [2, 4];

type Order = Pick<PermutationProbe['orders'][number], 'within' | 'block'> & { conditions: Condition[] };

/**
 * Accuracy with the vision tokens in other orders (Sec. 3.1): anywhere on the grid, within rows, within columns, within
 * blocks, and last to first. What a shuffle leaves untouched tells which part of the order the answers rest on. On any
 * task; each order with PSI and with the share of answers that change.
 *
 * @example
 * const model = await load('models/base');
 * const { orders } = await probePermutation({ task: twoDsTask({ images: 20 }), backend: await nativeBackend(model) });
 */
export async function probePermutation({
	draws = 3,
	blocks,
	...options
}: PermutationProbeOptions): Promise<PermutationProbe> {
	const { backend, seed = 0 } = options;
	const order = (text: string, within: Order['within'], block: number | null = null): Order => ({
		within,
		block,
		conditions: parseConditions(text, { seed }),
	});
	const orders = [
		order(`permuted:${draws}`, 'grid'),
		order(`permuted-rows:${draws}`, 'rows'),
		order(`permuted-columns:${draws}`, 'columns'),
		...(blocks ?? DEFAULT_BLOCKS)
			.map((block) => order(`permuted-blocks:${block}:${draws}`, 'blocks', block))
			.filter(({ conditions }) => blocks !== undefined || backend.cannot(conditions[0]!) === null),
		order('reversed', 'reversed'),
	];
	const refused = orders.map(({ conditions }) => backend.cannot(conditions[0]!)).find((reason) => reason !== null);
	if (refused) throw new UsageError(`probe permutation: ${backend.facts.model}: ${refused}`, { code: 'permutation' });

	const { header, changes } = await askUnder(
		orders.flatMap(({ conditions }) => conditions),
		options,
	);
	return {
		probe: 'permutation',
		...header,
		orders: orders.map(({ conditions, ...what }) => ({ ...changes(conditions[0]!.name), ...what })),
	};
}
