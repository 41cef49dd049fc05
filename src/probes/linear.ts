import { InputError, UsageError } from '../base/errors.ts';
import { rng } from '../base/random.ts';
import { COLORS, SHAPES } from '../bench2ds/shapes.ts';
import type { VisionPath } from '../checkpoint/vision-path.ts';
import { gridSide } from '../vlm/clip.ts';
import { pixelsOf } from '../vlm/images.ts';
import type { Model } from '../vlm/model.ts';
import { checkPath, overridePath } from '../vlm/vision.ts';
import { type ProbeRunOptions, requireTrace } from './data.ts';
import { type FeatureReader, featureReader } from './hash-features.ts';
import type { LinearProbe, LinearSite } from './linear-results.ts';
import {
	createReading,
	fitReading,
	isReadable,
	type Labels,
	learnToken,
	type Reading,
	resultsOfReadings,
	testToken,
} from './reading.ts';
import { type ObjectToken, objectTokens, probeImage, probeScene } from './scene-labels.ts';
import { imagesTogether, type Site, sitesOf, stateOf, visitStates } from './token-states.ts';

export interface LinearProbeOptions extends ProbeRunOptions {
	/** Number of scenes; default 100. */
	images?: number;
	/** Of scenes, controls and bootstrap. Default 0. */
	seed?: number;
	/** Parts of the images in cross-validation; at least 3. Default 5. */
	folds?: number;
	/** Parts of the vision path to replace; default none. */
	path?: Partial<VisionPath>;
	/** Wider states are hashed down to so many channels. Default 256. */
	maxWidth?: number;
}

/** What is read at one site. */
interface SiteReadings {
	site: Site;
	side: number;
	features: FeatureReader;
	place: Reading;
	object: Reading;
}

/**
 * Linear probes of every vision token's state, from the encoder's input to the decoder's output: its row and column in
 * the grid, and the colour and shape of the object whose centre it covers. Shows layer by layer where "where" is lost.
 * Ridge regression on one-hot labels, closed form, cross-validated with folds of images. Reads every image twice, so that
 * memory does not grow with their number; `onProgress` counts both.
 *
 * @example
 * const model = await load('models/base', { trace: true });
 * const { sites } = await probeLinear(model, { images: 100 });
 */
export async function probeLinear(model: Model, options: LinearProbeOptions = {}): Promise<LinearProbe> {
	const { images = 100, seed = 0, folds = 5, maxWidth = 256, onProgress, signal } = options;
	checkWhole('folds', folds, 3);
	checkWhole('images', images, folds);
	checkWhole('maxWidth', maxWidth, 1);
	requireTrace(model);
	const path = overridePath(model, options.path ?? {});
	if (path.permute) {
		throw new UsageError('probe linear: permuted tokens have no place in the grid; leave the permutation out', {
			code: 'linear-permute',
		});
	}
	checkPath(model, path);

	const encoderSide = gridSide(model.config.vision);
	const sites = sitesOf(model).map((site): SiteReadings => {
		const side = site.part === 'decoder' ? (path.pool ?? encoderSide) : encoderSide;
		const width = Math.min(site.width, maxWidth);
		return {
			site,
			side,
			features: featureReader(site.width, maxWidth, seed),
			place: createReading(width, [side, side], { folds, images }),
			object: createReading(width, [COLORS.length, SHAPES.length], { folds, images }),
		};
	});
	const labels = new Map(
		[...new Set(sites.map(({ side }) => side))].map((side) => [side, labelsOf(side, images, seed)]),
	);

	let done = 0;
	const pass = async (take: typeof learnToken, readable: (reading: Reading) => boolean) => {
		const batch = imagesTogether(model);
		// The scenes are drawn at the encoder's own size, so that nothing moves a token's part of the picture.
		const drawn = { ...model, preprocess: { ...model.preprocess, resize: null, crop: null } };
		for (let first = 0; first < images; first += batch) {
			signal?.throwIfAborted();
			const members = Array.from({ length: Math.min(batch, images - first) }, (_, i) => first + i);
			const pixels = await pixelsOf(
				drawn,
				members.map((image) => probeImage(seed, image, model.config.vision.imageSize)),
			);
			await visitStates(model, pixels, path, (s, states, start) => {
				const { site, side, features, place, object } = sites[s]!;
				const { places, objects } = labels.get(side)!;
				for (const [i, image] of members.entries()) {
					const found = objects[image]!;
					const cells = places(image);
					for (let t = 0; t < states.shape[1]!; t++) {
						const x = features(checkedState(stateOf(states, i, t), site, model));
						if (readable(place)) take(place, image, x, cells[start + t]!);
						const what = found.get(start + t);
						if (what && readable(object)) take(object, image, x, what);
					}
				}
			});
			done += members.length;
			onProgress?.(done, 2 * images);
		}
	};
	await pass(learnToken, () => true);
	const readings = sites.flatMap(({ place, object }) => [place, object]).filter(isReadable);
	for (const reading of readings) fitReading(reading);
	await pass(testToken, ({ maps }) => maps.length > 0);

	const results = new Map(resultsOfReadings(readings, seed).map((result, i) => [readings[i]!, result]));
	return {
		probe: 'linear',
		model: model.checkpoint.location,
		modelHash: await model.checkpoint.hash(),
		data: `${images} scenes of 2 to 6 objects`,
		images,
		seed,
		folds,
		maxWidth,
		sites: sites.map(({ site: { part, layer }, side, place, object }): LinearSite => {
			const [where, what] = [side > 1 ? results.get(place) : undefined, results.get(object)];
			return { part, layer, side, ...placeOf(where), ...objectOf(what) };
		}),
	};
}

type Result = ReturnType<typeof resultsOfReadings>[number];

function placeOf(result: Result | undefined): Pick<LinearSite, 'row' | 'column' | 'cell'> {
	if (!result) return { row: null, column: null, cell: null };
	const place = ({ r2, ...decoded }: Result['a']) => ({ ...decoded, r2: r2.value, r2Interval: r2.interval });
	return { row: place(result.a), column: place(result.b), cell: result.both };
}

function objectOf(result: Result | undefined): Pick<LinearSite, 'color' | 'shape'> {
	const object = ({ r2: _, ...decoded }: Result['a']) => decoded;
	return { color: result ? object(result.a) : null, shape: result ? object(result.b) : null };
}

/** What the tokens of all images are, on a grid of side × side, and the same in random order. */
function labelsOf(side: number, images: number, seed: number) {
	const scenes = Array.from({ length: images }, (_, image) => objectTokens(probeScene(seed, image), side));
	const random = rng(seed, 'linear-control', side);
	const all = scenes.flat();
	const colors = random.shuffle(all.map(({ color }) => color));
	const shapes = random.shuffle(all.map(({ shape }) => shape));
	let next = 0;
	const objectLabels = ({ token, color, shape }: ObjectToken): [number, Labels] => {
		const control = next++;
		return [token, [color, shape, colors[control]!, shapes[control]!]];
	};
	return {
		objects: scenes.map((objects) => new Map(objects.map(objectLabels))),
		places(image: number): Labels[] {
			const order = rng(seed, 'linear-control', side, image).permutation(side * side);
			return order.map((other, i) => [Math.floor(i / side), i % side, Math.floor(other / side), other % side]);
		},
	};
}

function checkedState(state: Float32Array, { part, layer }: Site, { checkpoint: { location } }: Model): Float32Array {
	// One channel that is not finite makes the sum so.
	let sum = 0;
	for (let i = 0; i < state.length; i++) sum += state[i]!;
	if (Number.isFinite(sum)) return state;
	const where = layer === null ? 'projected tokens' : `hidden state ${layer} of the ${part}`;
	throw new InputError(`${location}: ${where}: some numbers are not finite; are the weights damaged?`, {
		code: 'not-finite',
	});
}

function checkWhole(name: string, value: number, least: number): void {
	if (Number.isSafeInteger(value) && value >= least) return;
	throw new UsageError(`probe linear: ${name}: expected a whole number of at least ${least}, got ${value}`, {
		code: 'linear-options',
	});
}
