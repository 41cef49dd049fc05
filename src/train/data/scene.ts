import { type Rng, rng } from '../../base/random.ts';
import { rasterize } from '../../bench2ds/raster.ts';
import { randomKinds, randomScene, type Scene } from '../../bench2ds/scene.ts';
import type { Rgb } from '../../bench2ds/shapes.ts';
import type { PreprocessConfig } from '../../image/preprocess-config.ts';
import type { SceneChoice } from '../recipe.ts';

/** A random scene as a phase of the curriculum wants it. */
export function drawScene(random: Rng, { objects: [low, high], placement, radius }: SceneChoice): Scene {
	const count = low + random.int(high - low + 1);
	const where = placement === 'both' ? random.pick(['grid', 'free'] as const) : placement;
	return randomScene(random, randomKinds(random, count), { placement: where, radius });
}

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
