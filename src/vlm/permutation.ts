import { UsageError } from '../base/errors.ts';
import { rng } from '../base/random.ts';
import type { VisionPath } from '../checkpoint/vision-path.ts';
import { squareSide } from './pooling.ts';

/**
 * The order that `permute` gives `tokens` vision tokens: position i receives token order[i] (Sec. 3.1). Random orders
 * depend on the seed and the number of tokens only, so that one draw is the same for all images.
 */
export function permutationOrder(permute: NonNullable<VisionPath['permute']>, tokens: number): number[] {
	switch (permute.kind) {
		case 'reverse':
			return Array.from({ length: tokens }, (_, i) => tokens - 1 - i);
		case 'list':
			return checkOrder(permute.order, tokens);
		case 'random':
			return permute.within === 'grid' ? shuffle(permute.seed, tokens) : shuffleWithin(permute, squareSide(tokens));
	}
}

/** Draws until the order changes something: among few tokens the order itself comes up, and shuffles nothing. */
function untilChanged(draw: () => number[]): number[] {
	let order = draw();
	while (order.every((from, to) => from === to)) order = draw();
	return order;
}

function shuffle(seed: number, tokens: number): number[] {
	const random = rng(seed, 'permutation', tokens);
	return tokens > 1 ? untilChanged(() => random.permutation(tokens)) : [0];
}

function checkOrder(order: readonly number[], tokens: number): number[] {
	const seen = new Set(order);
	if (order.length !== tokens || seen.size !== tokens || order.some((i) => i >= tokens)) {
		throw new UsageError(
			`a permutation of ${tokens} vision tokens must hold each of 0 … ${tokens - 1} once, got ${order.length} numbers, ${seen.size} of them different, the largest ${Math.max(...order)}`,
			{ code: 'permutation-length' },
		);
	}
	return [...order];
}

/** Shuffles the tokens of each row, each column or each block among themselves. */
function shuffleWithin(
	{ seed, within, block = 2 }: Extract<VisionPath['permute'], { kind: 'random' }>,
	side: number,
): number[] {
	if (within === 'blocks' && side % block !== 0) {
		throw new UsageError(
			`blocks of ${block} × ${block} do not fill a grid of ${side} × ${side}; take a divisor of ${side}`,
			{
				code: 'permutation-block',
			},
		);
	}
	const cell = (y: number, x: number) => {
		if (within === 'rows') return y;
		if (within === 'columns') return x;
		return Math.floor(y / block) * (side / block) + Math.floor(x / block);
	};
	const groups = new Map<number, number[]>();
	for (let i = 0; i < side * side; i++) {
		const key = cell(Math.floor(i / side), i % side);
		groups.set(key, [...(groups.get(key) ?? []), i]);
	}
	const parts = [...groups].map(([key, places]) => ({
		places,
		random: rng(seed, 'permutation', within, key, side),
	}));
	const draw = () => {
		const order = new Array<number>(side * side);
		for (const { places, random } of parts) {
			const shuffled = random.shuffle(places);
			places.forEach((place, i) => {
				order[place] = shuffled[i]!;
			});
		}
		return order;
	};
	return parts.some(({ places }) => places.length > 1) ? untilChanged(draw) : draw();
}
