import { mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRecipe } from './recipe-file.node.ts';

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'dorsal-recipe-'));
});
afterAll(() => rm(folder, { recursive: true }));

const stage = {
	name: 'words',
	kind: 'dialogue',
	steps: 5,
	batch: 4,
	learningRate: { decoder: 1e-3 },
	data: { source: 'scenes', as: 'map', phases: [{ questions: { count: 1 } }] },
};
async function write(name: string, recipe: unknown): Promise<string> {
	const file = path.join(folder, name);
	await writeFile(file, JSON.stringify(recipe));
	return file;
}
const refusal = async (recipe: unknown) => {
	const file = await write('wrong.json', recipe);
	const error = await readRecipe(file).catch((cause: unknown) => cause);
	return (error as Error).message.replace(file, 'wrong.json');
};

describe('what is wrong in a recipe is named by its path', () => {
	test.each([
		[{ stages: [stage], lr: 1 }, 'wrong.json: unknown key "lr"'],
		[{ stages: [{ ...stage, lerningRate: 1 }] }, 'wrong.json: stages[0]: unknown key "lerningRate"'],
		[
			{ stages: [{ ...stage, data: { ...stage.data, phases: [{ questions: { colour: 1 } }] } }] },
			/^wrong\.json: stages\[0\]\.data\.phases\[0\]\.questions: .*"colour"/,
		],
		[
			{ stages: [{ ...stage, data: { ...stage.data, phases: [{ questions: {} }] } }] },
			/stages\[0\]\.data\.phases\[0\]\.questions: expected at least one kind of question with a weight above 0/,
		],
		[{ stages: [] }, 'wrong.json: stages: expected at least 1, got []'],
		[{ stages: [stage, stage] }, /^wrong\.json: stages: expected stages of different names/],
		[{ stages: [{ ...stage, steps: undefined }] }, /^wrong\.json: stages\[0\]: expected either steps or epochs/],
		[{ stages: [{ ...stage, steps: undefined, epochs: 1 }] }, /stages\[0\]\.epochs: scenes have no end/],
		[{ stages: [{ ...stage, maxSteps: 3 }] }, /stages\[0\]\.maxSteps: limits what epochs come to/],
		[
			{
				stages: [
					{ ...stage, data: { source: 'llava', json: 'x.json', images: '.', style: 'plain', system: 'Be brief.' } },
				],
			},
			/stages\[0\]\.data\.system: the plain style says nothing before the image/,
		],
		[{ stages: [{ ...stage, learningRate: {} }] }, /stages\[0\]\.learningRate: expected a rate for at least one/],
		[
			{ stages: [{ ...stage, learningRate: { decoder: Number.NaN } }] },
			/learningRate\.decoder: expected a number, got null/,
		],
		[
			{ stages: [{ ...stage, learningRate: { projector: 1 } }] },
			/stages\[0\]\.learningRate: words train the decoder alone/,
		],
		[{ stages: [stage], model: { from: 'x', vision: {} } }, /^wrong\.json: model: expected either sizes/],
		[{ stages: [stage], visionPath: { normalize: { mode: 'match-median', targetMean: 1, maxNorm: 1 } } }, /match-mean/],
	])('%j', async (recipe, message) => {
		expect(await refusal(recipe)).toMatch(message);
	});
});

test('a recipe holds where it says something, the one it extends elsewhere', async () => {
	await write('base.json', { title: 'base', seed: 3, visionPath: { layers: [-2] }, stages: [stage] });
	const own = await write('own.json', { extends: 'base.json', visionPath: { pool: 2 } });
	const recipe = await readRecipe(own);
	expect(recipe).toMatchObject({ title: 'base', seed: 3, visionPath: { layers: [-2], pool: 2 } });
	expect((await readRecipe(own, { seed: 7, limit: 2 })).stages[0]!.steps).toBe(2);
	expect((await readRecipe(own, { seed: 7 })).seed).toBe(7);
	const longer = await write('longer.json', {
		extends: 'own.json',
		stages: { words: { steps: 9, data: { cells: 4 } } },
	});
	expect((await readRecipe(longer)).stages[0]).toMatchObject({ steps: 9, batch: 4, data: { as: 'map', cells: 4 } });
	await write('two.json', { extends: 'own.json', stages: [stage, { ...stage, name: 'more' }] });
	const shorter = await write('shorter.json', { extends: 'two.json', stages: { words: null } });
	expect((await readRecipe(shorter)).stages.map(({ name }) => name)).toEqual(['more']);
	const misnamed = await write('misnamed.json', { extends: 'own.json', stages: { word: { steps: 9 } } });
	await expect(readRecipe(misnamed)).rejects.toThrow(
		/misnamed\.json: stages: the extended recipe has none of the name "word"/,
	);
	const unread = await write('unread.json', { extends: 'own.json', stages: { words: 9 } });
	await expect(readRecipe(unread)).rejects.toThrow(
		/unread\.json: stages\.words: expected an object of changes, or null, got 9/,
	);
	// Paths stay those of the recipe that names them.
	mkdirSync(path.join(folder, 'data'), { recursive: true });
	const llava = { ...stage, data: { source: 'llava', json: 'train.json', images: '/photos' } };
	await write('data/own.json', { model: { from: '../start' }, tokenizer: 'words', stages: [llava] });
	const moved = await readRecipe(await write('moved.json', { extends: 'data/own.json', tokenizer: 'mine' }));
	expect(moved.model).toMatchObject({ from: 'start' });
	expect(moved.tokenizer).toBe('mine');
	expect(moved.stages[0]!.data).toMatchObject({ json: 'data/train.json', images: '/photos' });
	const circle = await write('circle.json', { extends: 'circle.json' });
	await expect(readRecipe(circle)).rejects.toThrow(/extends: recipes extend each other in a circle/);
	await expect(readRecipe(path.join(folder, 'none.json'))).rejects.toThrow(/none\.json: no such recipe/);
	await expect(readRecipe(folder)).rejects.toThrow(/: cannot be read \(EISDIR\)/);
	const orphan = await write('orphan.json', { extends: 'none.json' });
	await expect(readRecipe(orphan)).rejects.toThrow(/orphan\.json: extends: .*none\.json: no such recipe/);
});

describe('the recipes that are shipped', () => {
	const files = readdirSync('recipes', { recursive: true, encoding: 'utf8' });
	test.each(files.filter((name) => name.endsWith('.json')))('%s', async (name) => {
		const recipe = await readRecipe(path.join('recipes', name));
		expect(recipe.title).not.toBe('');
	});
});
