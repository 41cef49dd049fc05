import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { InputError, UsageError } from '../base/errors.ts';
import { parseJson, show, validate } from '../base/json.ts';
import { type Recipe, recipeSchema } from './recipe.ts';

/** Recipes extend each other at most this deep; a longer chain is a circle. */
const MAX_DEPTH = 10;

type Json = Record<string, unknown>;
const isPlain = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * `own` over `base`: objects are merged key by key, everything else is replaced. Of a list of named objects, as `stages`
 * are, an object changes those that its keys name, and leaves out those that it sets to null:
 * `"stages": { "instructions": { "steps": 500 }, "practice": null }`.
 */
function mergeRecipes(base: Json, own: Json, where: string): Json {
	const merged = { ...base };
	for (const [key, value] of Object.entries(own)) {
		const below = base[key];
		if (isPlain(value) && isPlain(below)) merged[key] = mergeRecipes(below, value, where);
		else if (isPlain(value) && Array.isArray(below)) merged[key] = mergeNamed(below, value, `${where}: ${key}`);
		else merged[key] = value;
	}
	return merged;
}

function mergeNamed(list: readonly unknown[], own: Json, where: string): unknown[] {
	const nameOf = (item: unknown) => (isPlain(item) ? item.name : undefined);
	const unknown = Object.keys(own).find((name) => !list.some((item) => nameOf(item) === name));
	if (unknown !== undefined) {
		throw new InputError(`${where}: the extended recipe has none of the name ${show(unknown)}`, { code: 'recipe' });
	}
	const wrong = Object.entries(own).find(([, changes]) => changes !== null && !isPlain(changes));
	if (wrong) {
		throw new InputError(`${where}.${wrong[0]}: expected an object of changes, or null, got ${show(wrong[1])}`, {
			code: 'recipe',
		});
	}
	return list.flatMap((item) => {
		const changes = own[String(nameOf(item))];
		if (changes === null) return [];
		return [isPlain(item) && isPlain(changes) ? mergeRecipes(item, changes, where) : item];
	});
}

/** Keys whose values are paths beside the recipe. */
const PATHS = new Set(['from', 'tokenizer', 'json', 'images']);

/** A recipe of folder `below` as one of the folder that `below` is named from: its paths lead to the same files. */
function rebase<T>(value: T, below: string): T {
	if (Array.isArray(value)) return value.map((item) => rebase(item, below)) as T;
	if (!isPlain(value)) return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, inner]) => {
			const isPath = PATHS.has(key) && typeof inner === 'string' && !path.isAbsolute(inner);
			return [key, isPath ? path.join(below, inner) : rebase(inner, below)];
		}),
	) as T;
}

function unreadable(file: string, extending: string | undefined, cause: NodeJS.ErrnoException): UsageError {
	const where = extending === undefined ? file : `${extending}: extends: ${file}`;
	const reason = cause.code === 'ENOENT' ? 'no such recipe' : `cannot be read (${cause.code})`;
	return new UsageError(`${where}: ${reason}; give a JSON file, such as recipes/smoke.json`, {
		code: 'no-recipe',
		cause,
	});
}

/** A recipe's file with what it extends; `extending` are the files that led to it. */
async function readRaw(file: string, extending: readonly string[] = []): Promise<Json> {
	if (extending.length > MAX_DEPTH) {
		throw new InputError(`${file}: extends: recipes extend each other in a circle`, { code: 'recipe' });
	}
	const bytes = await readFile(file).catch((cause) => {
		throw unreadable(file, extending.at(-1), cause);
	});
	const json = parseJson(bytes, file);
	if (!isPlain(json)) throw new InputError(`${file}: expected an object`, { code: 'recipe' });
	const { extends: parent, ...own } = json;
	if (parent === undefined) return own;
	if (typeof parent !== 'string') {
		throw new InputError(`${file}: extends: expected the path of a recipe`, { code: 'recipe' });
	}
	const extended = await readRaw(path.join(path.dirname(file), parent), [...extending, file]);
	return mergeRecipes(rebase(extended, path.dirname(parent)), own, file);
}

/**
 * Reads a recipe. `extends` names another, relative to the file, whose values hold where it says nothing; `seed` and
 * `limit` (most steps a stage) are the command line's.
 */
export async function readRecipe(
	file: string,
	{ seed, limit }: { seed?: number | undefined; limit?: number | undefined } = {},
): Promise<Recipe> {
	const raw = await readRaw(file);
	const recipe = validate(recipeSchema, seed === undefined ? raw : { ...raw, seed }, { where: file, code: 'recipe' });
	if (limit === undefined) return recipe;
	return {
		...recipe,
		stages: recipe.stages.map((stage) =>
			stage.kind === 'dialogue' && stage.steps === undefined
				? { ...stage, maxSteps: Math.min(limit, stage.maxSteps ?? limit) }
				: { ...stage, steps: Math.min(stage.steps!, limit) },
		) as Recipe['stages'],
	};
}
