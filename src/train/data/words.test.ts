import { expect, test } from 'vitest';
import { rng } from '../../base/random.ts';
import { randomKinds, randomScene } from '../../bench2ds/scene.ts';
import { describePlace } from './dense.ts';
import { caption, sceneList, sceneMap } from './words.ts';

const random = rng(2, 'words');
const scenes = Array.from({ length: 100 }, (_, i) =>
	randomScene(random, randomKinds(random, 1 + (i % 6)), { placement: i % 2 === 0 ? 'grid' : 'free' }),
);

test('a map has a word a cell, and an object colours the cells around its centre', () => {
	for (const scene of scenes) {
		const words = sceneMap(scene, 8).split(' ');
		expect(words).toHaveLength(64);
		for (const { color, shape, x, y } of scene.objects) {
			const own = [...words.keys()].filter((i) => words[i] === color || words[i] === shape);
			expect(own.length).toBeGreaterThanOrEqual(3); // of four; where objects touch, a neighbour may have one
			for (const i of own) {
				expect(Math.abs(((i % 8) + 0.5) / 8 - x)).toBeLessThan(0.19);
				expect(Math.abs((Math.floor(i / 8) + 0.5) / 8 - y)).toBeLessThan(0.19);
			}
		}
		const used = scene.objects.length * 4;
		expect(words.filter((word) => word === '.').length).toBeGreaterThanOrEqual(64 - used);
	}
});

test('on the grid of 2DS no two objects claim a cell, so that each shows its colour and its shape', () => {
	for (const scene of scenes.filter((_, i) => i % 2 === 0)) {
		const words = sceneMap(scene, 8).split(' ');
		for (const { color, shape } of scene.objects) expect(words).toEqual(expect.arrayContaining([color, shape]));
	}
});

test('lists and captions name every object; captions leave out places unless told', () => {
	const [scene] = scenes.slice(5, 6);
	const names = scene!.objects.map(({ color, shape }) => `${color} ${shape}`);
	expect(caption(scene!, random, null).split(' and ').sort()).toEqual([...names].sort());
	const places = scene!.objects.map((object) => describePlace(object, 4));
	expect(caption(scene!, random, 4).split(' and ').sort()).toEqual([...places].sort());
	for (const item of sceneList(scene!, 8, random).split(', ')) expect(item).toMatch(/^\w+ \w+ [0-7] [0-7]$/);
	const orders = new Set(Array.from({ length: 20 }, () => caption(scene!, random, null)));
	expect(orders.size).toBeGreaterThan(10);
});
