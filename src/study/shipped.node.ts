import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../base/package.node.ts';

/** A path as a user in the working folder would write it. */
function shortest(folder: string): string {
	const relative = path.relative('', folder);
	return relative.startsWith('..') || path.isAbsolute(relative) ? folder : relative;
}

/** Folders of the models that come with the package, by name. */
export function shippedModels(): string[] {
	const models = path.join(packageRoot(), 'models');
	return readdirSync(models)
		.filter((name) => existsSync(path.join(models, name, 'config.json')))
		.sort()
		.map((name) => shortest(path.join(models, name)));
}

/** Folder of the model that is used where none is named. */
export const defaultModel = (): string => shortest(path.join(packageRoot(), 'models', 'base'));

/** The models that a study looks at: those in full, and those that stand beside them. */
export function studiedModels({ models, compare }: { models?: readonly string[]; compare?: readonly string[] }) {
	if (models) return { models, compare: compare ?? [] };
	const base = defaultModel();
	return { models: [base], compare: compare ?? shippedModels().filter((folder) => folder !== base) };
}
