import { InputError } from '../../base/errors.ts';
import { type Rng, rng } from '../../base/random.ts';
import { rasterize } from '../../bench2ds/raster.ts';
import { type ObjectKind, randomKinds, randomScene, type Scene } from '../../bench2ds/scene.ts';
import { type Color, type Rgb, SHAPES } from '../../bench2ds/shapes.ts';
import type { PreprocessConfig } from '../../image/preprocess-config.ts';
import type { SceneChoice } from '../recipe-data.ts';

/** A random scene as a phase of the curriculum wants it. */
export function drawScene(random: Rng, choice: SceneChoice): Scene {
	const [low, high] = choice.objects;
	return placeScene(random, randomKinds(random, low + random.int(high - low + 1)), choice);
}

/** Throws an InputError where the largest scene that a recipe wants finds no room; `where` names its place there. */
export function checkRoom(choice: SceneChoice, where: string): void {
	const random = rng(0, 'train', 'room');
	const largest = choice.radius[1];
	try {
		for (const placement of choice.placement === 'both' ? (['grid', 'free'] as const) : [choice.placement]) {
			placeScene(random, randomKinds(random, choice.objects[1]), { ...choice, placement, radius: [largest, largest] });
		}
	} catch (cause) {
		throw new InputError(`recipe: ${where}: ${(cause as Error).message}`, { code: 'recipe', cause });
	}
}

function placeScene(random: Rng, kinds: ObjectKind[], { placement, radius }: SceneChoice): Scene {
	const where = placement === 'both' ? random.pick(['grid', 'free'] as const) : placement;
	return randomScene(random, kinds, { placement: where, radius });
}

/**
 * `count` scenes whose objects have the same colours, and shapes of their own: only shapes tell them apart. Two of them
 * have the same objects where chance alone, or the number of shapes, leaves no other choice.
 */
export function drawScenesAlike(random: Rng, choice: SceneChoice, count: number): Scene[] {
	const first = drawScene(random, choice);
	const colors = first.objects.map(({ color }) => color);
	const scenes = [first];
	const known = new Set([nameOfKinds(first.objects)]);
	while (scenes.length < count) {
		let kinds = randomShapes(random, colors);
		for (let i = 0; i < SHAPE_TRIES && known.has(nameOfKinds(kinds)); i++) kinds = randomShapes(random, colors);
		known.add(nameOfKinds(kinds));
		scenes.push(placeScene(random, kinds, choice));
	}
	return scenes;
}

/** How often other shapes are drawn for a scene that has the same objects as another. */
const SHAPE_TRIES = 20;

const randomShapes = (random: Rng, colors: readonly Color[]): ObjectKind[] => {
	const shapes = random.shuffle(SHAPES);
	return colors.map((color, i) => ({ color, shape: shapes[i]! }));
};

const nameOfKinds = (kinds: readonly ObjectKind[]) => kinds.map(({ color, shape }) => `${color} ${shape}`).join();

/** Darkest background, and the largest standard deviation of the noise on all pixels, in grey levels. */
const DARKEST = 215;
const NOISE = 5;
/** Half of the images are on plain white, as 2DS's are. */
const PLAIN_SHARE = 0.5;

/** Normal numbers, drawn once: every noisy image reads them from a place of its own. */
const noiseTable = (() => {
	const random = rng(0, 'train', 'noise');
	return Float32Array.from({ length: 1 << 16 }, random.normal);
})();

/**
 * The pixels that the encoder sees, drawn at its own size: on white, or on a light background with a little noise.
 * Writes [3, size, size] to `out`.
 */
export function drawPixels(
	scene: Scene,
	random: Rng,
	{ size, config, out }: { size: number; config: PreprocessConfig; out: Float32Array },
): void {
	const plain = random.next() < PLAIN_SHARE;
	const light = () => DARKEST + random.int(256 - DARKEST);
	const background: Rgb = plain ? [255, 255, 255] : [light(), light(), light()];
	const noise = plain ? 0 : NOISE * random.next();
	const start = random.int(noiseTable.length);
	const { data } = rasterize(scene, size, { background });
	const plane = size * size;
	for (let c = 0; c < 3; c++) {
		const scale = config.rescale / config.std[c]!;
		const shift = config.mean[c]! / config.std[c]!;
		for (let i = 0; i < plane; i++) {
			const level = data[i * 3 + c]! + noise * noiseTable[(start + c * plane + i) & (noiseTable.length - 1)]!;
			out[c * plane + i] = level * scale - shift;
		}
	}
}
