import type { Rng } from '../../base/random.ts';
import { type Kind, nameOf } from '../../bench2ds/questions.ts';
import { isClear, isClearLead, relation, SIDES, type Side } from '../../bench2ds/relations.ts';
import type { Scene, SceneObject } from '../../bench2ds/scene.ts';
import { COLORS, SHAPES } from '../../bench2ds/shapes.ts';
import type { Turn } from '../../text/text.ts';

/**
 * Questions whose answers say much about an image, token by token: what a model learns to look up here, it has at hand
 * when a question asks for one word.
 */

/** Draws a question of one kind about a scene; undefined where the scene allows no unambiguous one. */
export type Ask = (scene: Scene, random: Rng, cells: number) => Turn | undefined;

const describe = ({ color, shape }: SceneObject) => `${color} ${shape}`;

/** Column and row of the centre, counted from the top left: `2 0`. */
const placeOf = ({ x, y }: SceneObject, cells: number): string =>
	[x, y].map((value) => Math.min(cells - 1, Math.floor(value * cells))).join(' ');

/** Colour, shape and place: `red circle 2 0`. */
export const describePlace = (object: SceneObject, cells: number): string =>
	`${describe(object)} ${placeOf(object, cells)}`;

/** In the order of the palette, so that there is one right answer. */
const byColor = (objects: readonly SceneObject[]) =>
	[...objects].sort((a, b) => COLORS.indexOf(a.color) - COLORS.indexOf(b.color));

export const locateAll: Ask = ({ objects }, _, cells) => ({
	question: 'Locate the objects.',
	answer: byColor(objects)
		.map((object) => describePlace(object, cells))
		.join(' '),
});

/** As `locateAll`, but found by their shapes, in the order in which these are named: `circle red 2 0 square blue 1 3`. */
export const locateShapes: Ask = ({ objects }, _, cells) => ({
	question: 'Locate the shapes.',
	answer: [...objects]
		.sort((a, b) => SHAPES.indexOf(a.shape) - SHAPES.indexOf(b.shape))
		.map((object) => `${object.shape} ${object.color} ${placeOf(object, cells)}`)
		.join(' '),
});

export const locate =
	(kind: Kind): Ask =>
	({ objects }, random, cells) => {
		const object = random.pick(objects);
		return { question: `Locate the ${nameOf(kind, object)}.`, answer: describePlace(object, cells) };
	};

const ORDERS: Readonly<Record<Side, { words: string; towards(object: SceneObject): number }>> = {
	top: { words: 'top to bottom', towards: ({ y }) => -y },
	right: { words: 'right to left', towards: ({ x }) => x },
	bottom: { words: 'bottom to top', towards: ({ y }) => y },
	left: { words: 'left to right', towards: ({ x }) => -x },
};

/** The objects from one side to the other, as far as each leads the next one clearly: `red circle blue square`. */
export const inOrder: Ask = ({ objects }, random) => {
	const { words, towards } = ORDERS[random.pick(SIDES)];
	const sorted = [...objects].sort((a, b) => towards(b) - towards(a));
	const lead = (i: number) => (i + 1 < sorted.length ? towards(sorted[i]!) - towards(sorted[i + 1]!) : 1);
	const unclear = sorted.findIndex((_, i) => !isClearLead(lead(i)));
	const listed = unclear < 0 ? sorted : sorted.slice(0, unclear);
	if (listed.length === 0) return undefined;
	return { question: `Describe the objects ${words}.`, answer: listed.map(describe).join(' ') };
};

const across = (a: SceneObject, b: SceneObject) => (a.x < b.x ? 'left' : 'right');
const down = (a: SceneObject, b: SceneObject) => (a.y < b.y ? 'above' : 'below');

/** How one object lies from another: one direction where it is clear, else both, the vertical first: `above left`. */
function direction(a: SceneObject, b: SceneObject): string {
	const found = relation(a, b);
	if (isClear(found)) return found.direction;
	return `${down(a, b)} ${across(a, b)}`;
}

/** Where every other object is relative to one: `red circle left blue square above`. */
export const relateAll =
	(kind: Kind): Ask =>
	({ objects }, random) => {
		const from = random.pick(objects);
		const others = byColor(objects.filter((object) => object !== from));
		if (others.length === 0) return undefined;
		return {
			question: `Where are the objects relative to the ${nameOf(kind, from)}?`,
			answer: others.map((object) => `${describe(object)} ${direction(object, from)}`).join(' '),
		};
	};

/** Parts of the image's side in which distances are told. */
const PARTS = 8;

/** How far one object lies from another, across and then down, in eighths of the image: `left 3 above 1`. */
export const distance =
	(kind: Kind): Ask =>
	({ objects }, random) => {
		const [a, b] = random.shuffle(objects);
		if (!a || !b) return undefined;
		const parts = (from: number, to: number) => Math.round(Math.abs(from - to) * PARTS);
		return {
			question: `How far is the ${nameOf(kind, a)} from the ${nameOf(kind, b)}?`,
			answer: `${across(a, b)} ${parts(a.x, b.x)} ${down(a, b)} ${parts(a.y, b.y)}`,
		};
	};
