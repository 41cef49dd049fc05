import { expect, test } from 'vitest';
import { rng } from '../../base/random.ts';
import { randomKinds, randomScene, type Scene } from '../../bench2ds/scene.ts';
import { solve } from '../../bench2ds/solver.ts';
import { QUESTION_KINDS, type QuestionKind } from '../recipe-data.ts';
import { drawTurn } from './turns.ts';

const random = rng(1, 'turns');
const scenes = Array.from({ length: 200 }, (_, i) =>
	randomScene(random, randomKinds(random, 2 + (i % 5)), { placement: i % 2 === 0 ? 'grid' : 'free' }),
);
const turnsOf = (kind: QuestionKind) =>
	scenes.flatMap((scene) => {
		const turn = drawTurn(scene, random, { weights: { [kind]: 1 }, cells: 8 });
		return turn ? [{ scene, ...turn }] : [];
	});

test.each(QUESTION_KINDS.filter((kind) => !/^(locate|relate|distance|in_order)/.test(kind)))(
	'%s: asked as the benchmark asks, answered as its solver does',
	(kind) => {
		const turns = turnsOf(kind);
		expect(turns.length).toBeGreaterThan(150);
		for (const { scene, question, answer } of turns) expect(answer).toBe(solve(scene, question));
	},
);

test('yes and no, and the four directions, are asked for about equally often', () => {
	for (const kind of ['color_rel', 'exists'] as const) {
		const yes = turnsOf(kind).filter(({ answer }) => answer === 'yes').length;
		expect(yes / turnsOf(kind).length).toBeGreaterThan(0.35);
		expect(yes / turnsOf(kind).length).toBeLessThan(0.65);
	}
	const turns = turnsOf('shape_where');
	for (const direction of ['left', 'right', 'above', 'below']) {
		const share = turns.filter(({ answer }) => answer === direction).length / turns.length;
		expect(share).toBeGreaterThan(0.13);
	}
});

test('dense answers give colour, shape, column and row', () => {
	const scene: Scene = {
		objects: [
			{ color: 'blue', shape: 'star', x: 0.99, y: 0.5, radius: 0.09 },
			{ color: 'red', shape: 'heart', x: 0.1, y: 0.874, radius: 0.09 },
		],
	};
	const ask = (kind: QuestionKind, cells: number) => drawTurn(scene, rng(3, kind), { weights: { [kind]: 1 }, cells })!;
	expect(ask('locate_all', 8)).toEqual({
		question: 'Locate the objects.',
		answer: 'red heart 0 6 blue star 7 4',
	});
	expect(ask('locate_shapes', 8)).toEqual({
		question: 'Locate the shapes.',
		answer: 'star blue 7 4 heart red 0 6',
	});
	expect(['blue star 3 2', 'red heart 0 3']).toContain(ask('locate_color', 4).answer);
	for (const { scene: drawn, question, answer } of turnsOf('locate_shape')) {
		const object = drawn.objects.find(({ shape }) => question === `Locate the ${shape}.`)!;
		expect(answer.startsWith(`${object.color} ${object.shape} `)).toBe(true);
	}
});

test('dense answers list the objects in order, and each one from another', () => {
	const scene: Scene = {
		objects: [
			{ color: 'blue', shape: 'star', x: 0.9, y: 0.5, radius: 0.09 },
			{ color: 'red', shape: 'heart', x: 0.1, y: 0.51, radius: 0.09 },
			{ color: 'green', shape: 'ring', x: 0.6, y: 0.2, radius: 0.09 },
		],
	};
	const ask = (kind: QuestionKind) =>
		Array.from({ length: 40 }, (_, i) => drawTurn(scene, rng(i, kind), { weights: { [kind]: 1 }, cells: 4 })!);
	const answers = new Map(
		[...ask('in_order'), ...ask('relate_color')].map(({ question, answer }) => [question, answer]),
	);
	expect(answers.get('Describe the objects left to right.')).toBe('red heart green ring blue star');
	// The other two are as high as each other.
	expect(answers.get('Describe the objects top to bottom.')).toBe('green ring');
	expect(answers.has('Describe the objects bottom to top.')).toBe(false);
	expect(answers.get('Where are the objects relative to the blue object?')).toBe(
		'red heart left green ring above left',
	);
});

test('what a scene does not allow is not asked', () => {
	const alone: Scene = { objects: [{ color: 'red', shape: 'ring', x: 0.5, y: 0.5, radius: 0.09 }] };
	expect(drawTurn(alone, random, { weights: { color_rel: 1, shape_where: 1 }, cells: 8 })).toBeUndefined();
	expect(drawTurn(alone, random, { weights: { color_rel: 9, color: 1 }, cells: 8 })).toEqual({
		question: 'What color is the ring?',
		answer: 'red',
	});
});

test('distances are told across and then down, in eighths of the image', () => {
	const scene: Scene = {
		objects: [
			{ color: 'blue', shape: 'star', x: 0.9, y: 0.5, radius: 0.09 },
			{ color: 'red', shape: 'heart', x: 0.1, y: 0.75, radius: 0.09 },
		],
	};
	const answers = (kind: QuestionKind) =>
		Array.from({ length: 10 }, (_, i) => drawTurn(scene, rng(i, kind), { weights: { [kind]: 1 }, cells: 4 })!);
	expect(new Set(answers('distance_shape').map(({ question, answer }) => `${question} ${answer}`))).toEqual(
		new Set([
			'How far is the star from the heart? right 6 above 2',
			'How far is the heart from the star? left 6 below 2',
		]),
	);
	expect(answers('distance_color')[0]!.question).toMatch(
		/^How far is the (red|blue) object from the (red|blue) object\?$/,
	);
});
