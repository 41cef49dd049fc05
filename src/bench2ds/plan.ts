import { rng } from '../base/random.ts';
import { DIRECTIONS, type Direction, OPPOSITE, SIDES, type Side } from './relations.ts';
import type { ObjectKind } from './scene.ts';
import { COLORS, SHAPES } from './shapes.ts';

/** Numbers of objects: one category each. */
export const CATEGORIES = [2, 3, 4, 5, 6] as const;
export type Category = (typeof CATEGORIES)[number];

export function byCategory<T>(make: (category: Category, index: number) => T): Record<Category, T> {
	return Object.fromEntries(CATEGORIES.map((category, i) => [category, make(category, i)])) as Record<Category, T>;
}

/** Weights of a category add up to this. */
const WHOLE = 72;

/**
 * How often (of 72) each of eight slots is the answer in a category; a slot that is missing has no object there. The
 * weights of every slot add up to 45 = 5 × 72 / 8 over the categories, so that slots are the answer equally often in
 * the whole set. Within a category they are as even as that allows.
 */
const WEIGHTS: Readonly<Record<Category, Readonly<Record<number, number>>>> = {
	2: { 0: 36, 1: 36 },
	3: { 2: 24, 3: 24, 4: 24 },
	4: { 4: 12, 5: 20, 6: 20, 7: 20 },
	5: { 2: 21, 3: 21, 5: 10, 6: 10, 7: 10 },
	6: { 0: 9, 1: 9, 4: 9, 5: 15, 6: 15, 7: 15 },
};

/** Share of the answers that the most frequent object of a category has: what naming it every time scores. */
export function topShare(category: Category): number {
	return Math.max(...Object.values(WEIGHTS[category])) / WHOLE;
}

interface Count {
	slot: number;
	/** Number of images of the category in which the slot's object is the answer. */
	count: number;
}

/** `images` split by the weights of a category into whole numbers, by largest remainder. */
function split(category: Category, images: number): Count[] {
	const parts = Object.entries(WEIGHTS[category]).map(([slot, weight]) => {
		const exact = (weight * images) / WHOLE;
		return { slot: Number(slot), count: Math.floor(exact), rest: exact - Math.floor(exact) };
	});
	const missing = images - parts.reduce((sum, { count }) => sum + count, 0);
	for (const part of [...parts].sort((a, b) => b.rest - a.rest || b.slot - a.slot).slice(0, missing)) part.count++;
	return parts.map(({ slot, count }) => ({ slot, count }));
}

/**
 * How often each slot is the answer when every category has `images` images. Categories add up to `images`; slots, over
 * the categories, are within one of 5 × images / 8. Rounding category by category comes close; then single answers
 * move from a slot to a rarer one of the same category for as long as there is one rarer by two.
 */
function answerCounts(images: number): Record<Category, Count[]> {
	const rows = CATEGORIES.map((category) => split(category, images));
	const totals = COLORS.map((_, slot) =>
		rows.reduce((sum, row) => sum + (row.find((part) => part.slot === slot)?.count ?? 0), 0),
	);
	const moves = rows.flatMap((row) => row.flatMap((from) => row.map((to) => ({ from, to }))));
	for (;;) {
		const move = moves.find(({ from, to }) => from.count > 0 && totals[from.slot]! > totals[to.slot]! + 1);
		if (move === undefined) break;
		move.from.count--;
		move.to.count++;
		totals[move.from.slot]!--;
		totals[move.to.slot]!++;
	}
	return byCategory((_, i) => rows[i]!);
}

export interface PlannedObject extends ObjectKind {
	/** Number of images of the category in which the absolute questions are about this object. */
	count: number;
}

/**
 * The objects of each category, the same in all its images. A slot has one colour; its shape is drawn anew in each
 * category, among the slots that are the answer equally often there, so that colours and shapes are both balanced.
 */
export function objectSets(seed: number, images: number): Record<Category, PlannedObject[]> {
	const colors = rng(seed, '2ds', 'colors').shuffle(COLORS);
	const shapes = rng(seed, '2ds', 'shapes').shuffle(SHAPES);
	const counts = answerCounts(images);
	return byCategory((category) => {
		const random = rng(seed, '2ds', 'pairing', category);
		const partner = new Map<number, number>();
		for (const { count } of counts[category]) {
			const equals = counts[category].filter((other) => other.count === count).map(({ slot }) => slot);
			if (partner.has(equals[0]!)) continue;
			for (const [i, slot] of random.shuffle(equals).entries()) partner.set(equals[i]!, slot);
		}
		return counts[category].map(({ slot, count }) => ({
			color: colors[slot]!,
			shape: shapes[partner.get(slot)!]!,
			count,
		}));
	});
}

/** What the questions of one image are to be about, before there is an image. */
export interface Wish {
	/** Number of the object, in its category's set, that is to lead at `side`. */
	object: number;
	side: Side;
	/** Where the first of the two objects of the relative questions is to be as seen from the second. */
	direction: Direction;
	/** What the yes-no question asks: the true direction (answer yes) or its opposite (no). */
	asked: Direction;
}

/**
 * True direction and answer in the order in which they are dealt out. The first ones, however many, have every answer,
 * every true direction and every direction asked within one of its share; any run of consecutive ones within two.
 */
const DEAL: readonly (readonly [Direction, boolean])[] = DIRECTIONS.concat(['right', 'below', 'left', 'above']).map(
	(direction, i) => [direction, i % 2 === 0],
);

/** One wish for each image of each category, in random order within it. */
export function wishes(seed: number, sets: Record<Category, readonly PlannedObject[]>): Record<Category, Wish[]> {
	const images = sets[2].reduce((sum, { count }) => sum + count, 0);
	return byCategory((category, c) => {
		const start = c * images;
		const places = sets[category]
			.flatMap(({ count }, object) => Array.from({ length: count }, () => object))
			.map((object, i) => ({ object, side: SIDES[(start + i) % SIDES.length]! }));
		const relations = Array.from({ length: images }, (_, i) => {
			const [direction, yes] = DEAL[(start + i) % DEAL.length]!;
			return { direction, asked: yes ? direction : OPPOSITE[direction] };
		});
		const shuffled = rng(seed, '2ds', 'relations', category).shuffle(relations);
		return rng(seed, '2ds', 'places', category)
			.shuffle(places)
			.map((place, i): Wish => ({ ...place, ...shuffled[i]! }));
	});
}
