import type { Rng } from '../../base/random.ts';
import { answerOf, type Kind, nameOf, withArticle } from '../../bench2ds/questions.ts';
import { type Direction, extreme, isClear, isClearLead, OPPOSITE, relation, SIDES } from '../../bench2ds/relations.ts';
import type { Scene, SceneObject } from '../../bench2ds/scene.ts';
import { SHAPES } from '../../bench2ds/shapes.ts';
import { NUMBER_WORDS } from '../../bench2ds/ventral.ts';
import type { Turn } from '../../text/text.ts';
import type { QuestionKind } from '../recipe-data.ts';
import { type Ask, distance, inOrder, locate, locateAll, locateShapes, relateAll } from './dense.ts';

const ASKED_FOR: Readonly<Record<Kind, string>> = { color: 'color', shape: 'shape', shape_color: 'object' };

const absolute =
	(kind: Kind): Ask =>
	(scene, random) => {
		for (const side of random.shuffle(SIDES)) {
			const { object, lead } = extreme(scene, side);
			if (!isClearLead(lead)) continue;
			return { question: `What ${ASKED_FOR[kind]} is at the ${side} of the image?`, answer: answerOf(kind, object) };
		}
		return undefined;
	};

interface Pair {
	first: SceneObject;
	second: SceneObject;
	direction: Direction;
}

/** Two objects whose relation is clear; undefined where the scene has none. */
function clearPair({ objects }: Scene, random: Rng): Pair | undefined {
	const order = random.shuffle(objects);
	for (const first of order) {
		for (const second of order) {
			if (first === second) continue;
			const found = relation(first, second);
			if (isClear(found)) return { first, second, direction: found.direction };
		}
	}
	return undefined;
}

const PHRASE: Readonly<Record<Direction, string>> = {
	above: 'above',
	below: 'below',
	left: 'left of',
	right: 'right of',
};

const yesNo =
	(kind: Kind): Ask =>
	(scene, random) => {
		const pair = clearPair(scene, random);
		if (!pair) return undefined;
		const yes = random.next() < 0.5;
		const asked = yes ? pair.direction : OPPOSITE[pair.direction];
		return {
			question: `Is the ${nameOf(kind, pair.first)} ${PHRASE[asked]} the ${nameOf(kind, pair.second)}?`,
			answer: yes ? 'yes' : 'no',
		};
	};

const where =
	(kind: Kind): Ask =>
	(scene, random) => {
		const pair = clearPair(scene, random);
		return (
			pair && {
				question: `Where is the ${nameOf(kind, pair.first)} relative to the ${nameOf(kind, pair.second)}?`,
				answer: pair.direction,
			}
		);
	};

const color: Ask = ({ objects }, random) => {
	const object = random.pick(objects);
	return { question: `What color is the ${object.shape}?`, answer: object.color };
};

const shape: Ask = ({ objects }, random) => {
	const object = random.pick(objects);
	return { question: `What shape is the ${object.color} object?`, answer: object.shape };
};

/** What is not there differs from what is in its colour or its shape: from the image, as in 2DS's twin, or any other. */
const exists: Ask = ({ objects }, random) => {
	const object = random.pick(objects);
	const there = random.next() < 0.5;
	const named = there ? object : random.pick(otherKinds(objects, object, random));
	return {
		question: `Is there ${withArticle(`${named.color} ${named.shape}`)} in the image?`,
		answer: there ? 'yes' : 'no',
	};
};

function otherKinds(objects: readonly SceneObject[], { color, shape }: SceneObject, random: Rng) {
	const inImage = objects.length > 1 && random.next() < 0.75;
	const shapes = inImage ? objects.map((object) => object.shape) : SHAPES;
	return shapes.filter((other) => other !== shape).map((other) => ({ color, shape: other }));
}

const count: Ask = ({ objects }) => ({
	question: 'How many objects are in the image?',
	answer: NUMBER_WORDS[objects.length]!,
});

const ASK: Readonly<Record<QuestionKind, Ask>> = {
	locate_all: locateAll,
	locate_shapes: locateShapes,
	locate_color: locate('color'),
	locate_shape: locate('shape'),
	in_order: inOrder,
	relate_color: relateAll('color'),
	relate_shape: relateAll('shape'),
	relate_shape_color: relateAll('shape_color'),
	distance_color: distance('color'),
	distance_shape: distance('shape'),
	color_abs: absolute('color'),
	shape_abs: absolute('shape'),
	shape_color_abs: absolute('shape_color'),
	color_rel: yesNo('color'),
	shape_rel: yesNo('shape'),
	shape_color_rel: yesNo('shape_color'),
	color_where: where('color'),
	shape_where: where('shape'),
	shape_color_where: where('shape_color'),
	color,
	shape,
	exists,
	count,
};

/** How often a kind is drawn before a turn is given up; most scenes allow all kinds. */
const TRIES = 20;

/**
 * A question and its answer, of a kind drawn by `weights`; undefined where the scene allows none. `cells`: columns and
 * rows of the grid in which dense answers name a place.
 */
export function drawTurn(
	scene: Scene,
	random: Rng,
	{ weights, cells }: { weights: Readonly<Partial<Record<QuestionKind, number>>>; cells: number },
): Turn | undefined {
	const kinds = Object.entries(weights) as [QuestionKind, number][];
	const total = kinds.reduce((sum, [, weight]) => sum + weight, 0);
	for (let i = 0; i < TRIES; i++) {
		let left = random.next() * total;
		for (const [kind, weight] of kinds) {
			left -= weight;
			if (left >= 0) continue;
			const turn = ASK[kind](scene, random, cells);
			if (turn) return turn;
			break;
		}
	}
	return undefined;
}
