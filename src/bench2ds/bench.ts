import { UsageError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import { type Rng, rng } from '../base/random.ts';
import type { RgbImage } from '../image/image.ts';
import { byCategory, CATEGORIES, type Category, objectSets, type PlannedObject, type Wish, wishes } from './plan.ts';
import { mirrored, type Quad, quadWishes } from './quads.ts';
import { rasterize } from './raster.ts';
import {
	type Direction,
	extreme,
	isClear,
	isClearPlace,
	OPPOSITE,
	type Relation,
	relation,
	SIDES,
	type Side,
} from './relations.ts';
import { onGrid, PLACEMENTS, type Placement, randomScene, type Scene } from './scene.ts';

export const FORMS = ['yes-no', 'direction', 'both'] as const;
/** How relative questions are asked: "Is A above B?", "Where is A relative to B?", or each in both ways. */
export type Form = (typeof FORMS)[number];

export interface BenchOptions {
	/** Images of each of the five categories. Default 100; with `quads` a multiple of 4. */
	images?: number;
	/** Side of an image in pixels. Default 336. Scenes and questions do not depend on it, only margins in pixels do. */
	size?: number;
	/** Default 0. */
	seed?: number;
	/** Default `yes-no`. */
	form?: Form;
	/** Images in mirrored fours, see `quads.ts`. Default false. */
	quads?: boolean;
	/**
	 * Where objects may be. Default `grid`, as in the pictures that the shipped model was trained on. `free` is the harder
	 * test of a model's eyes: the shipped one then tells fewer shapes apart, wherever they are.
	 */
	placement?: Placement;
}

/** One image and the two facts that its questions ask for. */
export interface BenchEntry {
	/** Unique: number of objects and number of the image, such as `3-042`. */
	key: string;
	category: Category;
	scene: Scene;
	/** Object number `object` of the scene is nearest to `side` and leads the next one by `lead` sides of the image. */
	place: { object: number; side: Side; lead: number };
	/** Objects number `first` and `second`, and how the first lies from the second. */
	pair: Relation & { first: number; second: number };
	/** The direction that the yes-no question asks about: the true one or its opposite. */
	asked: Direction;
	quad?: Quad;
}

export interface Bench {
	options: Required<BenchOptions>;
	/** The objects of each category, in the order in which scenes list them. */
	sets: Record<Category, readonly PlannedObject[]>;
	/** Categories take turns, so that a prefix of the list is a smaller benchmark. */
	entries: readonly BenchEntry[];
	/** Draws the image of an entry. */
	image(key: string): RgbImage;
}

/** Enough for any statistics; far below what would fill memory. */
const MAX_IMAGES = 10_000;
const SIZES = { min: 16, max: 2048 };

/** Scenes tried for one image. The rarest wish is met by about one scene in 15. */
const TRIES = 10_000;

function checked(options: BenchOptions): Required<BenchOptions> {
	const { images = 100, size = 336, seed = 0, form = 'yes-no', quads = false, placement = 'grid' } = options;
	const fail = (what: string, value: unknown) => {
		throw new UsageError(`2ds: ${what}, got ${show(value)}`, { code: 'bench-options' });
	};
	const isWhole = (value: number, min: number, max: number) => Number.isInteger(value) && value >= min && value <= max;
	if (!isWhole(images, 1, MAX_IMAGES)) fail(`--images: expected a whole number of 1 to ${MAX_IMAGES}`, images);
	if (!isWhole(size, SIZES.min, SIZES.max)) fail(`--size: expected ${SIZES.min} to ${SIZES.max} whole pixels`, size);
	if (!Number.isSafeInteger(seed)) fail('--seed: expected a whole number', seed);
	if (!FORMS.includes(form)) fail(`--form: expected ${FORMS.join(', ')}`, form);
	if (quads && images % SIDES.length !== 0) fail('--images: expected a multiple of 4 with --quads', images);
	if (!PLACEMENTS.includes(placement)) fail(`--placement: expected ${PLACEMENTS.join(', ')}`, placement);
	return { images, size, seed, form, quads, placement };
}

function placeIn(scene: Scene, side: Side): BenchEntry['place'] {
	const { object, lead } = extreme(scene, side);
	return { object: scene.objects.indexOf(object), side, lead: onGrid(lead) };
}

function pairIn(scene: Scene, first: number, second: number): BenchEntry['pair'] {
	const { direction, margin, ratio } = relation(scene.objects[first]!, scene.objects[second]!);
	return { first, second, direction, margin: onGrid(margin), ratio };
}

/** Draws scenes until one fulfils the wish; of several pairs that fit, one is picked at random. */
function fulfil(
	random: Rng,
	objects: readonly PlannedObject[],
	wish: Omit<Wish, 'asked'>,
	{ placement }: Required<BenchOptions>,
) {
	for (let i = 0; i < TRIES; i++) {
		const scene = randomScene(random, objects, { placement });
		const place = placeIn(scene, wish.side);
		if (place.object !== wish.object) continue;
		if (!isClearPlace(wish.side, { object: scene.objects[place.object]!, lead: place.lead })) continue;
		const pairs = objects
			.flatMap((_, first) => objects.map((_, second) => ({ first, second })))
			.filter(({ first, second }) => first !== second)
			.map(({ first, second }) => pairIn(scene, first, second))
			.filter((pair) => pair.direction === wish.direction && isClear(pair));
		if (pairs.length > 0) return { scene, place, pair: random.pick(pairs) };
	}
	throw new RangeError(`no scene of ${objects.length} objects found in ${TRIES}`);
}

/**
 * The 2DS benchmark as data: five categories of two to six objects, the same objects in all images of a category.
 * Nothing is drawn until an image is asked for. The same options give the same benchmark, byte for byte, everywhere.
 */
export function generateBench(options: BenchOptions = {}): Bench {
	const all = checked(options);
	const { images, size, seed, quads } = all;
	const units = quads ? images / SIDES.length : images;
	const sets = objectSets(seed, units);
	const digits = Math.max(3, String(units - 1).length);

	const single = wishes(seed, sets);
	const four = quadWishes(seed, sets);
	const make = (category: Category, unit: number): BenchEntry[] => {
		const random = rng(seed, '2ds', 'scene', category, unit);
		const number = String(unit).padStart(digits, '0');
		if (!quads) {
			const { asked, ...wish } = single[category][unit]!;
			return [{ key: `${category}-${number}`, category, ...fulfil(random, sets[category], wish, all), asked }];
		}
		const { object, asked } = four[category][unit]!;
		const base = fulfil(random, sets[category], { object, side: 'top', direction: 'above' }, all);
		return mirrored(base.scene, `${category}-q${number}`).map(({ direction, side, scene, quad }) => ({
			key: `${quad.name}-${direction}`,
			category,
			scene,
			place: placeIn(scene, side),
			pair: pairIn(scene, base.pair.first, base.pair.second),
			asked: asked.find((each) => each === direction || each === OPPOSITE[direction])!,
			quad,
		}));
	};
	const made = byCategory((category) => Array.from({ length: units }, (_, unit) => make(category, unit)));
	const entries = Array.from({ length: units }, (_, unit) => CATEGORIES.flatMap((category) => made[category][unit]!));

	const flat = entries.flat();
	const byKey = new Map(flat.map((entry) => [entry.key, entry]));
	return {
		options: all,
		sets,
		entries: flat,
		image(key) {
			const entry = byKey.get(key);
			if (entry === undefined) throw new RangeError(`2ds has no image ${show(key)}`);
			return rasterize(entry.scene, size);
		},
	};
}
