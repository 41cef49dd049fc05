import type { Condition } from '../backends/backend.ts';
import { pixelControlSchema } from '../backends/pixel-controls.ts';
import { InputError, UsageError } from '../base/errors.ts';
import { parseJson, validate } from '../base/json.ts';
import { visionPathSchema } from '../checkpoint/vision-path.ts';
import { attentionScalingSchema } from '../vlm/attention-scaling.ts';
import { tokenSelectionSchema } from '../vlm/selection.ts';

/** Draws of a random condition whose number is not given. */
const DEFAULT_DRAWS = 3;
/** More draws than this are a slip of the keyboard: each asks every question again. */
const MAX_DRAWS = 1000;

const MODES = ['paper', 'match-mean', 'match-median', 'clip', 'layernorm'] as const;

/** What a part of a condition changes for the seed of one draw. */
export type Change = Partial<Pick<Condition, 'path' | 'pixels' | 'select' | 'attention'>>;

/** What one word of a condition asks for. */
export interface Part {
	/** The word in its plain form, without the number of draws. */
	name: string;
	image?: 'wrong' | 'none';
	change?: (seed: number) => Change;
	/** Number of draws; absent where nothing is random. */
	draws?: number;
}

export interface Kind {
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
			return { name, draws, change: (seed) => ({ path: { permute: { kind: 'random', seed, within } } }) };
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
		change: (seed) => ({ path: { permute: { kind: 'random', seed, within: 'blocks', block } } }),
	};
}

function pool(argument = ''): Part | undefined {
	const side = wholeNumber(argument);
	return side === undefined ? undefined : { name: `pool:${side}`, change: () => ({ path: { pool: side } }) };
}

function decimal(text = ''): number | undefined {
	const value = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
	return Number.isFinite(value) ? value : undefined;
}

function scale(argument?: string): Part | undefined {
	const factor = decimal(argument);
	return factor !== undefined ? { name: `scale:${factor}`, change: () => ({ path: { scale: factor } }) } : undefined;
}

function normalize(argument: string | undefined): Part | undefined {
	const mode = MODES.find((known) => known === argument);
	return (
		mode && {
			name: `normalize:${mode}`,
			change: () => ({ path: { normalize: { mode, targetMean: null, maxNorm: null } } }),
		}
	);
}

function layers(argument = ''): Part | undefined {
	if (!/^-?\d{1,6}(\+-?\d{1,6})*$/.test(argument)) return undefined;
	return { name: `layers:${argument}`, change: () => ({ path: { layers: argument.split('+').map(Number) } }) };
}

function path(argument = ''): Part {
	const where = '--condition path';
	try {
		const value = parseJson(new TextEncoder().encode(argument), where);
		const changes = validate(visionPathSchema.partial(), value, { where, code: 'condition' });
		return { name: `path:${JSON.stringify(changes)}`, change: () => ({ path: changes }) };
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
		change: (seed) => ({ pixels: pixelControlSchema.parse(control(seed)) }),
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

const SELECTIONS = ['random', 'strided', 'attention', 'class-attention', 'farthest'] as const;

function select(argument = ''): Part | undefined {
	const [kind, count = '', ...options] = argument.split(':');
	let layer: number | undefined;
	let draws: number | undefined;
	const words = new Set<string>();
	for (const option of options) {
		const [, layerText] = /^layer=(\d{1,6})$/.exec(option) ?? [];
		if (layerText !== undefined && layer === undefined) layer = Number(layerText);
		else if (/^\d/.test(option) && draws === undefined) draws = wholeNumber(option, MAX_DRAWS) ?? Number.NaN;
		else if (words.has(option)) return undefined;
		else words.add(option);
	}
	const selection = (seed: number) => ({
		kind,
		count: wholeNumber(count),
		positions: words.has('repacked') ? 'repacked' : 'original',
		...(kind === 'random' && { seed }),
		...((kind === 'attention' || kind === 'class-attention') && { layer: layer ?? null }),
		...(kind === 'farthest' && { metric: words.has('l2') ? 'l2' : 'cosine' }),
	});
	const { success, data } = tokenSelectionSchema.safeParse(selection(0));
	if (!success || Number.isNaN(draws)) return undefined;
	// A word that changes nothing for this kind is a mistake of the writer's.
	const known = new Set(['repacked', ...('metric' in data ? ['l2'] : [])]);
	const idle = (layer !== undefined && !('layer' in data)) || (draws !== undefined && data.kind !== 'random');
	if (idle || [...words].some((word) => !known.has(word))) return undefined;
	const ending = [...(layer === undefined ? [] : [`layer=${layer}`]), ...[...known].filter((word) => words.has(word))];
	return {
		name: ['select', kind, data.count, ...ending].join(':'),
		change: (seed) => ({ select: tokenSelectionSchema.parse(selection(seed)) }),
		...(data.kind === 'random' && { draws: draws ?? DEFAULT_DRAWS }),
	};
}

function attention(argument?: string): Part | undefined {
	const factor = decimal(argument);
	if (factor === undefined) return undefined;
	return { name: `attention:${factor}`, change: () => ({ attention: { kind: 'fixed', factor } }) };
}

function adaptvis(argument = ''): Part | undefined {
	const numbers = argument.split(':').map(decimal);
	const [threshold, unsure, sure] = numbers;
	const { success, data } = attentionScalingSchema.safeParse({ kind: 'adaptive', threshold, unsure, sure });
	if (!success || numbers.length !== 3) return undefined;
	return { name: `adaptvis:${numbers.join(':')}`, change: () => ({ attention: data }) };
}

export const KINDS: Record<string, Kind> = {
	intact: plain('intact', 'the plain run', {}),
	permuted: random('permuted', 'vision tokens in random order', 'grid'),
	'permuted-rows': random('permuted-rows', 'random order within each row', 'rows'),
	'permuted-columns': random('permuted-columns', 'random order within each column', 'columns'),
	'permuted-blocks': {
		usage: 'permuted-blocks:SIDE[:DRAWS]',
		meaning: 'random order within blocks of SIDE × SIDE tokens',
		read: blocks,
	},
	reversed: plain('reversed', 'vision tokens last to first', {
		change: () => ({ path: { permute: { kind: 'reverse' } } }),
	}),
	pool: { usage: 'pool:SIDE', meaning: 'tokens pooled to SIDE × SIDE', read: pool },
	'text-only': plain('text-only', 'no image at all', { image: 'none' }),
	'wrong-image': plain('wrong-image', "another question's image", { image: 'wrong' }),
	pixels: {
		usage: 'pixels:shuffle:GRID[:DRAWS]|mirror|rotate|blank|blur:SIGMA|crop',
		meaning: 'the image itself changed, for any model; under mirror and rotate sides change in question and answer too',
		read: pixels,
	},
	select: {
		usage: `select:${SELECTIONS.join('|')}:COUNT[:layer=N][:l2][:repacked][:DRAWS]`,
		meaning:
			'COUNT of the vision tokens, in their places or packed together; layer for the attentions, l2 for farthest, draws for random',
		read: select,
	},
	attention: {
		usage: 'attention:FACTOR',
		meaning: "the last prompt token's attention logits on the image times FACTOR (ScalingVis)",
		read: attention,
	},
	adaptvis: {
		usage: 'adaptvis:THRESHOLD:UNSURE:SURE',
		meaning: 'the same with factor UNSURE where the first token is less probable than THRESHOLD, else SURE (AdaptVis)',
		read: adaptvis,
	},
	scale: { usage: 'scale:FACTOR', meaning: 'vision tokens times FACTOR', read: scale },
	normalize: { usage: `normalize:${MODES.join('|')}`, meaning: "vision tokens' norms changed", read: normalize },
	layers: { usage: 'layers:N[+N…]', meaning: 'hidden states the features are taken from', read: layers },
	path: { usage: 'path:{JSON}', meaning: 'any part of the vision path, as in a manifest', read: path },
};
