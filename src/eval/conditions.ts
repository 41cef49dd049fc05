import type { Condition } from '../backends/backend.ts';
import { UsageError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import { KINDS, type Part } from './condition-kinds.ts';

/** Every condition as a user writes it, with its meaning: lines for a help text. */
export const conditionHelp: readonly { usage: string; meaning: string }[] = Object.values(KINDS);

/** Splits where `separator` stands outside of brackets, so that JSON stays whole. */
function splitOutside(text: string, separator: string): string[] {
	const parts = [''];
	let depth = 0;
	for (const c of text) {
		if (c === '{' || c === '[') depth++;
		if (c === '}' || c === ']') depth--;
		if (c === separator && depth === 0) parts.push('');
		else parts[parts.length - 1] += c;
	}
	return parts.map((part) => part.trim());
}

function fail(text: string, reason: string): never {
	throw new UsageError(`--condition ${show(text)}: ${reason}`, { code: 'condition' });
}

function readPart(text: string): Part {
	const [, head = '', argument] = /^([^:]*)(?::(.*))?$/s.exec(text)!;
	const kind = Object.hasOwn(KINDS, head) ? KINDS[head] : undefined;
	const known = () => conditionHelp.map(({ usage }) => usage).join(', ');
	if (kind === undefined) return fail(text, `there is no such condition; there are ${known()}`);
	return kind.read(argument) ?? fail(text, `expected ${kind.usage}`);
}

function expand(text: string, { seed }: { seed: number }): Condition[] {
	const parts = splitOutside(text, '&').map(readPart);
	const images = parts.flatMap((part) => part.image ?? []);
	const changesOf = (draw: number) => parts.map((part) => part.change?.(seed + draw) ?? {});
	const changed = changesOf(0).flatMap(({ path = {}, ...others }) => [...Object.keys(path), ...Object.keys(others)]);
	const twice = changed.find((key, i) => changed.indexOf(key) !== i);
	if (images.length > 1) fail(text, 'two images are asked for; leave one out');
	if (twice !== undefined) fail(text, `${twice} is set twice; leave one out`);
	if (images.includes('none') && changed.length > 0)
		fail(text, 'without an image there are no pixels or vision tokens to change');
	if (parts.length > 1 && parts.some(({ name }) => name === 'intact')) fail(text, 'intact is combined with nothing');

	const draws = parts.find((part) => part.draws !== undefined)?.draws ?? 1;
	return Array.from({ length: draws }, (_, draw) => {
		const changes = changesOf(draw);
		return {
			name: parts.map(({ name }) => name).join('&'),
			image: images[0] ?? 'own',
			...Object.assign({}, ...changes),
			path: Object.assign({}, ...changes.map(({ path }) => path)),
			draw,
		};
	});
}

/**
 * The conditions of a comma-separated list, such as `intact,permuted,pool:4&permuted:5,layers:4+6+7+8`. Words joined
 * by `&` hold together (quote it in a shell); the order of the words does not matter, since the vision path has one
 * order. A random condition comes in three draws unless told otherwise, with the seeds `seed`, `seed` + 1, …; the
 * number of draws is no part of its name. Throws a UsageError that lists what there is.
 */
export function parseConditions(list: string, { seed = 0 }: { seed?: number } = {}): Condition[] {
	const conditions = splitOutside(list, ',').map((text) => expand(text, { seed }));
	const names = conditions.map(([first]) => first!.name);
	const twice = names.find((name, i) => names.indexOf(name) !== i);
	if (twice !== undefined) fail(list, `${twice} is named twice; leave one out`);
	return conditions.flat();
}
