import type { Bench, BenchEntry } from './bench.ts';
import { topShare } from './plan.ts';
import type { Direction } from './relations.ts';
import type { ObjectKind } from './scene.ts';

/** What names an object: its colour, its shape, or both. */
export const KINDS = ['color', 'shape', 'shape_color'] as const;
export type Kind = (typeof KINDS)[number];

/** The six question types, in the paper's names. */
export const QA_CATEGORIES = ['color_abs', 'color_rel', 'shape_abs', 'shape_rel', 'shape_color_abs', 'shape_color_rel'];

/** `open`: a colour, a shape or both; `count`: a number word. */
export type QaForm = 'open' | 'yes-no' | 'direction' | 'count';

/** One question as it is written to `2ds.jsonl`. The first three fields are the paper's, the others ours. */
export interface QaPair {
	qa_category: string;
	question: string;
	answer: string;
	form: QaForm;
	/** Expected accuracy of a guess, see `chance` below. */
	chance: number;
	/** The side asked about, or the true direction. Absent in the ventral twin. */
	relation?: string;
	/** Pixels by which the object leads the next one, or by which the two are apart along the direction's axis. */
	margin?: number;
	/** Larger over smaller of |dx| and |dy|, rounded down to two places; null where the smaller is 0. */
	ratio?: number | null;
	/** Names of the mirrored pair and of the quad, with `--quads`. */
	pair?: string;
	quad?: string;
}

export const withArticle = (words: string) => (/^[aeiou]/.test(words) ? `an ${words}` : `a ${words}`);

/** How an object is called: "red object", "circle", "red circle". */
export function nameOf(kind: Kind, { color, shape }: ObjectKind): string {
	if (kind === 'color') return `${color} object`;
	return kind === 'shape' ? shape : `${color} ${shape}`;
}

/** What is answered when an object is asked for: "red", "circle", "red circle". */
export function answerOf(kind: Kind, object: ObjectKind): string {
	return kind === 'color' ? object.color : nameOf(kind, object);
}

const ASKED_FOR: Readonly<Record<Kind, string>> = { color: 'color', shape: 'shape', shape_color: 'object' };

const PHRASE: Readonly<Record<Direction, string>> = {
	above: 'above',
	below: 'below',
	left: 'left of',
	right: 'right of',
};

/** Sides of the image as pixels, to a thousandth (places are thousandths of a side, so nothing is lost). */
export const toPixels = (sides: number, size: number) => Math.round(sides * size * 1000) / 1000;

/**
 * The questions of one image: three absolute ones about one object at one side, three (with `both`, six) relative ones
 * about one pair. The kinds differ in nothing but what names the objects.
 *
 * `chance` of an absolute question: the share of the answers that the most frequent object of the image's category
 * has. That is more than one in the number of objects, and more than 1/8: a guess that knows what is in the image but
 * not where can do this well. Of yes-no questions 1/2, of directions 1/4.
 */
export function questionsOf({ category, scene, place, pair, asked, quad }: BenchEntry, { options }: Bench): QaPair[] {
	const { size, form } = options;
	const sets = quad === undefined ? {} : { pair: `${quad.name}-${quad.axis}`, quad: quad.name };
	const leader = scene.objects[place.object]!;
	const first = scene.objects[pair.first]!;
	const second = scene.objects[pair.second]!;
	const absolute = KINDS.map(
		(kind): QaPair => ({
			qa_category: `${kind}_abs`,
			question: `What ${ASKED_FOR[kind]} is at the ${place.side} of the image?`,
			answer: answerOf(kind, leader),
			form: 'open',
			chance: topShare(category),
			relation: place.side,
			margin: toPixels(place.lead, size),
			...sets,
		}),
	);
	const facts = {
		relation: pair.direction,
		margin: toPixels(pair.margin, size),
		ratio: Number.isFinite(pair.ratio) ? Math.floor(pair.ratio * 100) / 100 : null,
		...sets,
	};
	const yesNo = KINDS.map(
		(kind): QaPair => ({
			qa_category: `${kind}_rel`,
			question: `Is the ${nameOf(kind, first)} ${PHRASE[asked]} the ${nameOf(kind, second)}?`,
			answer: asked === pair.direction ? 'yes' : 'no',
			form: 'yes-no',
			chance: 1 / 2,
			...facts,
		}),
	);
	const direction = KINDS.map(
		(kind): QaPair => ({
			qa_category: `${kind}_rel`,
			question: `Where is the ${nameOf(kind, first)} relative to the ${nameOf(kind, second)}?`,
			answer: pair.direction,
			form: 'direction',
			chance: 1 / 4,
			...facts,
		}),
	);
	return [...absolute, ...(form === 'direction' ? [] : yesNo), ...(form === 'yes-no' ? [] : direction)];
}
