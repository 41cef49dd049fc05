import { expect, test } from 'vitest';
import { rng } from '../../base/random.ts';
import { drawScenesAlike } from './scene.ts';

const choice = { placement: 'free', radius: [0.08, 0.1] } as const;
const draw = (objects: [number, number], count: number) =>
	drawScenesAlike(rng(0, 'alike'), { ...choice, objects, radius: [...choice.radius] }, count);
const colors = (scene: ReturnType<typeof draw>[number]) => scene.objects.map(({ color }) => color).join();
const kinds = (scene: ReturnType<typeof draw>[number]) =>
	scene.objects.map(({ color, shape }) => `${color} ${shape}`).join();

test('scenes alike share their colours and differ in their shapes', () => {
	const scenes = draw([3, 5], 8);
	expect(new Set(scenes.map(colors)).size).toBe(1);
	expect(new Set(scenes.map(kinds)).size).toBe(8);
	for (const { objects } of scenes) expect(new Set(objects.map(({ shape }) => shape)).size).toBe(objects.length);
	const places = scenes.map(({ objects }) => objects.map(({ x, y }) => `${x} ${y}`).join());
	expect(new Set(places).size).toBe(8);
});

test('more scenes than there are shapes for repeat some, and one alone is any scene', () => {
	expect(new Set(draw([1, 1], 10).map(kinds)).size).toBe(8);
	expect(draw([2, 6], 1)).toHaveLength(1);
});
