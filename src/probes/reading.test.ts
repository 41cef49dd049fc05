import { expect, test } from 'vitest';
import { rng } from '../base/random.ts';
import { featureReader } from './hash-features.ts';
import {
	createReading,
	fitReading,
	isReadable,
	type Labels,
	learnToken,
	resultsOfReadings,
	testToken,
} from './reading.ts';

const SIZES = [4, 3] as const;
const IMAGES = 40;
const TOKENS = 12;

/** Tokens whose first label is a linear function of the features and whose second has nothing to do with them. */
function* tokens(): Generator<{ image: number; x: Float64Array; labels: Labels }> {
	const random = rng(5, 'reading');
	for (let image = 0; image < IMAGES; image++) {
		for (let t = 0; t < TOKENS; t++) {
			const a = random.int(SIZES[0]);
			const b = random.int(SIZES[1]);
			const x = Float64Array.from(
				{ length: 6 },
				(_, i) => (i < SIZES[0] ? Number(a === i) : 0) + 0.1 * random.normal(),
			);
			yield { image, x, labels: [a, b, random.int(SIZES[0]), random.int(SIZES[1])] };
		}
	}
}

test('reads what is there linearly and nothing else', () => {
	const reading = createReading(6, SIZES, { folds: 5, images: IMAGES });
	expect(isReadable(reading)).toBe(false);
	for (const { image, x, labels } of tokens()) learnToken(reading, image, x, labels);
	expect(isReadable(reading)).toBe(true);
	fitReading(reading);
	for (const { image, x, labels } of tokens()) testToken(reading, image, x, labels);
	const [{ a, b, both }] = resultsOfReadings([reading], 0) as [ReturnType<typeof resultsOfReadings>[number]];

	expect(a.accuracy).toBeGreaterThan(0.99);
	expect(a.r2.value).toBeGreaterThan(0.9);
	expect(a.r2.interval[0]).toBeLessThanOrEqual(a.r2.value);
	expect(a.r2.interval[1]).toBeGreaterThanOrEqual(a.r2.value);
	expect(a.chance).toBeGreaterThan(1 / 4);
	expect(a.chance).toBeLessThan(0.3);
	expect(a.controlInterval[0]).toBeLessThan(a.chance);
	expect(b.interval[0]).toBeLessThan(b.chance);
	expect(b.accuracy).toBeLessThan(0.45);
	expect(b.r2.value).toBeLessThan(0.05);
	expect(both.accuracy).toBeLessThanOrEqual(b.accuracy);
	expect(both.chance).toBeCloseTo(a.chance * b.chance, 12);
});

test('the fold that a token is tested in never saw its image', () => {
	// Labels that follow from the image alone cannot be known of an image that was left out.
	const reading = createReading(IMAGES, SIZES, { folds: 4, images: IMAGES });
	const random = rng(1, 'images');
	const secret = Array.from({ length: IMAGES }, () => random.int(SIZES[0]));
	const visit = (take: typeof learnToken) => {
		for (let image = 0; image < IMAGES; image++) {
			const x = Float64Array.from({ length: IMAGES }, (_, i) => Number(i === image));
			for (let t = 0; t < TOKENS; t++) take(reading, image, x, [secret[image]!, 0, 0, 0]);
		}
	};
	visit(learnToken);
	fitReading(reading);
	visit(testToken);
	const [{ a }] = resultsOfReadings([reading], 0) as [ReturnType<typeof resultsOfReadings>[number]];
	expect(a.accuracy).toBeLessThan(a.chance + 0.1);
});

test('hashing keeps inner products on average, and narrow states as they are', () => {
	const narrow = Float32Array.of(1, 2, 3);
	expect([...featureReader(3, 3, 0)(narrow)]).toEqual([1, 2, 3]);

	const random = rng(3, 'hash');
	const [p, q] = [0, 1].map(() => Float32Array.from({ length: 200 }, () => 1 + random.normal()));
	const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, v, i) => sum + v * b[i]!, 0);
	const products = Array.from({ length: 300 }, (_, seed) => {
		const read = featureReader(200, 32, seed);
		return dot(read(p!).slice(), read(q!));
	});
	const mean = products.reduce((a, b) => a + b) / products.length;
	expect(Math.abs(mean - dot(p!, q!))).toBeLessThan(0.1 * dot(p!, p!));
	expect(featureReader(200, 32, 0)(p!)).toHaveLength(32);
});
