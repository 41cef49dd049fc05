import type { Condition } from '../backends/backend.ts';
import { type PixelControl, pixelControlSchema } from '../backends/pixel-controls.ts';
import { InputError, UsageError } from '../base/errors.ts';
import { parseJson, show, validate } from '../base/json.ts';
import { type VisionPath, visionPathSchema } from '../checkpoint/vision-path.ts';

/** Draws of a random condition whose number is not given. */
const DEFAULT_DRAWS = 3;
/** More draws than this are a slip of the keyboard: each asks every question again. */
const MAX_DRAWS = 1000;

const MODES = ['paper', 'match-mean', 'match-median', 'clip', 'layernorm'] as const;

/** What one word of a condition asks for. */
interface Part {
	/** The word in its plain form, without the number of draws. */
	name: string;
	image?: 'wrong' | 'none';
	/** Changes to the vision path for the seed of one draw. */
	path?: (seed: number) => Partial<VisionPath>;
	/** The change to the pixels for the seed of one draw. */
	pixels?: (seed: number) => PixelControl;
	/** Number of draws; absent where nothing is random. */
	draws?: number;
}

interface Kind {
	/** As a user writes it. */
	usage: string;
	meaning: string;
	/** From the text after the first colon (undefined where there is none); undefined where it makes no sense. */
	read(argument: string | undefined): Part | undefined;
}

function plain(name: string, meaning: string, part: Omit<Part, 'name'>): Kind {
	return { usage: name, meaning, read: (argument) => (argument === undefined ? { name, ...part } : undefined) };
}

function wholeNumber(text: string, max = Number.MAX_SAFE_INTEGER): number | undefined {
	const value = /^[1-9]\d*$/.test(text) ? Number(text) : Number.NaN;
	return value <= max ? value : undefined;
}

function random(name: string, meaning: string, within: 'grid' | 'rows' | 'columns'): Kind {
	return {
		usage: `${name}[:DRAWS]`,
		meaning,
		read(argument) {
			const draws = argument === undefined ? DEFAULT_DRAWS : wholeNumber(argument, MAX_DRAWS);
			if (draws === undefined) return undefined;
			return { name, draws, path: (seed) => ({ permute: { kind: 'random', seed, within } }) };
		},
	};
}

function blocks(argument: string | undefined): Part | undefined {
	const [side = '', count, ...rest] = argument?.split(':') ?? [];
	const block = wholeNumber(side);
	const draws = count === undefined ? DEFAULT_DRAWS : wholeNumber(count, MAX_DRAWS);
	if (block === undefined || draws === undefined || rest.length > 0) return undefined;
	return {
		name: `permuted-blocks:${block}`,
		draws,
		path: (seed) => ({ permute: { kind: 'random', seed, within: 'blocks', block } }),
	};
}

function pool(argument = ''): Part | undefined {
	const side = wholeNumber(argument);
	return side === undefined ? undefined : { name: `pool:${side}`, path: () => ({ pool: side }) };
}

function scale(argument = ''): Part | undefined {
	const factor = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(argument) ? Number(argument) : Number.NaN;
	return Number.isFinite(factor) ? { name: `scale:${factor}`, path: () => ({ scale: factor }) } : undefined;
}

function normalize(argument: string | undefined): Part | undefined {
	const mode = MODES.find((known) => known === argument);
	return mode && { name: `normalize:${mode}`, path: () => ({ normalize: { mode, targetMean: null, maxNorm: null } }) };
}

function layers(argument = ''): Part | undefined {
	if (!/^-?\d{1,6}(\+-?\d{1,6})*$/.test(argument)) return undefined;
	return { name: `layers:${argument}`, path: () => ({ layers: argument.split('+').map(Number) }) };
}

function path(argument = ''): Part {
	const where = '--condition path';
	try {
		const value = parseJson(new TextEncoder().encode(argument), where);
		const changes = validate(visionPathSchema.partial(), value, { where, code: 'condition' });
		return { name: `path:${JSON.stringify(changes)}`, path: () => changes };
	} catch (cause) {
		if (!(cause instanceof InputError)) throw cause;
		throw new UsageError(cause.message, { code: 'condition', cause });
	}
}

/** Around a box, times its longer side: enough to tell an object from a texture. */
const CROP_MARGIN = 0.25;

function pixelPart(word: string, control: (seed: number) => unknown, draws?: number): Part | undefined {
	if (!pixelControlSchema.safeParse(control(0)).success) return undefined;
	return {
		name: `pixels:${word}`,
		pixels: (seed) => pixelControlSchema.parse(control(seed)),
		...(draws !== undefined && { draws }),
	};
}

function pixels(argument = ''): Part | undefined {
	const [, grid, count] = /^shuffle:([1-9]\d*)(?::(.*))?$/s.exec(argument) ?? [];
	if (grid !== undefined) {
		const draws = count === undefined ? DEFAULT_DRAWS : wholeNumber(count, MAX_DRAWS);
		if (draws === undefined) return undefined;
		return pixelPart(`shuffle:${grid}`, (seed) => ({ kind: 'shuffle', grid: Number(grid), seed }), draws);
	}
	const [, sigma] = /^blur:(\d+(?:\.\d+)?)$/.exec(argument) ?? [];
	if (sigma !== undefined) return pixelPart(`blur:${Number(sigma)}`, () => ({ kind: 'blur', sigma: Number(sigma) }));
	if (argument === 'crop') return pixelPart('crop', () => ({ kind: 'crop', margin: CROP_MARGIN }));
	return pixelPart(argument, () => ({ kind: argument }));
}

const KINDS: Record<string, Kind> = {
	intact: plain('intact', 'the plain run', {}),
	permuted: random('permuted', 'vision tokens in random order', 'grid'),
	'permuted-rows': random('permuted-rows', 'random order within each row', 'rows'),
	'permuted-columns': random('permuted-columns', 'random order within each column', 'columns'),
	'permuted-blocks': {
		usage: 'permuted-blocks:SIDE[:DRAWS]',
		meaning: 'random order within blocks of SIDE × SIDE tokens',
		read: blocks,
	},
	reversed: plain('reversed', 'vision tokens last to first', { path: () => ({ permute: { kind: 'reverse' } }) }),
	pool: { usage: 'pool:SIDE', meaning: 'tokens pooled to SIDE × SIDE', read: pool },
	'text-only': plain('text-only', 'no image at all', { image: 'none' }),
	'wrong-image': plain('wrong-image', "another question's image", { image: 'wrong' }),
	pixels: {
		usage: 'pixels:shuffle:GRID[:DRAWS]|mirror|rotate|blank|blur:SIGMA|crop',
		meaning: 'the image itself changed, for any model; under mirror and rotate sides change in question and answer too',
		read: pixels,
	},
	scale: { usage: 'scale:FACTOR', meaning: 'vision tokens times FACTOR', read: scale },
	normalize: { usage: `normalize:${MODES.join('|')}`, meaning: "vision tokens' norms changed", read: normalize },
	layers: { usage: 'layers:N[+N…]', meaning: 'hidden states the features are taken from', read: layers },
	path: { usage: 'path:{JSON}', meaning: 'any part of the vision path, as in a manifest', read: path },
};

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
	const changed = parts.flatMap((part) => Object.keys(part.path?.(seed) ?? {}));
	changed.push(...parts.flatMap((part) => (part.pixels ? ['pixels'] : [])));
	const twice = changed.find((key, i) => changed.indexOf(key) !== i);
	if (images.length > 1) fail(text, 'two images are asked for; leave one out');
	if (twice !== undefined) fail(text, `${twice} is set twice; leave one out`);
	if (images.includes('none') && changed.length > 0)
		fail(text, 'without an image there are no pixels or vision tokens to change');
	if (parts.length > 1 && parts.some(({ name }) => name === 'intact')) fail(text, 'intact is combined with nothing');

	const draws = parts.find((part) => part.draws !== undefined)?.draws ?? 1;
	const control = parts.find((part) => part.pixels !== undefined)?.pixels;
	return Array.from({ length: draws }, (_, draw) => ({
		name: parts.map(({ name }) => name).join('&'),
		image: images[0] ?? 'own',
		path: Object.assign({}, ...parts.map((part) => part.path?.(seed + draw))),
		...(control && { pixels: control(seed + draw) }),
		draw,
	}));
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
