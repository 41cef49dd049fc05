import type { RgbImage } from '../image/image.ts';
import { fitImage } from '../image/preprocess.ts';
import type { ImageSource } from '../vlm/images.ts';
import type { Model } from '../vlm/model.ts';
import { CHARACTER, type Drawing, LINE_HEIGHT, type Mark, wrap } from './drawing.ts';
import { type HeatOptions, heatOver } from './heat-map.ts';
import type { AttentionMap } from './results.ts';

/** What the encoder sees of an image, cut and padded alike, but `size` pixels a side. Default 448. */
export async function encoderView(
	{ preprocess, decodeImage, config }: Model,
	image: ImageSource,
	{ size = 448 }: { size?: number } = {},
): Promise<RgbImage> {
	const pixels = image instanceof Uint8Array ? await decodeImage(image) : image;
	const factor = size / config.vision.imageSize;
	const grown = (pixels: number) => Math.round(pixels * factor);
	const { resize } = preprocess;
	const asked =
		resize === null
			? null
			: 'width' in resize
				? { width: grown(resize.width), height: grown(resize.height) }
				: { shortestEdge: grown(resize.shortestEdge) };
	return fitImage(pixels, { ...preprocess, resize: asked, crop: { width: size, height: size } });
}

/** Numbers as `0-3, 7`. */
function ranges(numbers: readonly number[]): string {
	const sorted = [...new Set(numbers)].sort((a, b) => a - b);
	const runs: [first: number, last: number][] = [];
	for (const n of sorted) {
		const run = runs.at(-1);
		if (run && run[1] === n - 1) run[1] = n;
		else runs.push([n, n]);
	}
	return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}

const plural = (noun: string, numbers: readonly number[]) =>
	`${noun}${numbers.length === 1 ? '' : 's'} ${ranges(numbers)}`;

const ENCODER =
	"mean attention among patches over heads and over the encoder's layers up to the one that is used, rows at sum 1";

/** How the weights of a map came about: layers, heads and normalisation. */
export function methodOf({ source, layers, heads }: AttentionMap): string {
	const row = `decoder ${plural('layer', layers)}, ${plural('head', heads)}: mean over heads, BOS left out, sum 1 in each layer, mean over layers`;
	return {
		llm: row,
		vit: `all patches together in the vision encoder: ${ENCODER}`,
		composed: `${row}; then followed back through the vision encoder: ${ENCODER}`,
	}[source];
}

/** Says what a map shows: token, layers, heads and how it was normalised. */
export function mapCaption(map: AttentionMap): string {
	const { token, answer, source, entropy, visionShare } = map;
	const when = `as the model generates the token "${token.text}" (number ${token.index + 1} of the answer "${answer}")`;
	const what = source === 'vit' ? 'Attention to the image of' : `Attention to the image ${when};`;
	const share = source === 'vit' ? '' : ` ${percent(visionShare)} of the row goes to the image.`;
	return `${what} ${methodOf(map)}.${share} Colours from least to greatest. Normalised entropy ${entropy.toFixed(2)}.`;
}

const percent = (share: number) => `${(share * 100).toPrecision(2).replace(/e\+?(-?\d+)/, 'e$1')} %`;

const GAP = 12;
const BAR = { width: 18, labels: 8 * CHARACTER };

/** The colour scale beside a map, with what its ends stand for. */
function scaleMarks(
	x: number,
	y: number,
	height: number,
	ends: [low: string, high: string],
	options: HeatOptions,
): Mark[] {
	const { colours = 'cividis' } = options;
	const at = x + BAR.width + 6;
	return [
		{ kind: 'scale', x, y, width: BAR.width, height, colours },
		{ kind: 'text', x: at, y, text: ends[1] },
		{ kind: 'text', x: at, y: y + height - LINE_HEIGHT, text: ends[0] },
	];
}

const textMarks = (lines: readonly string[], x: number, y: number, strong = false): Mark[] =>
	lines.map((text, i) => ({ kind: 'text', x, y: y + i * LINE_HEIGHT, text, strong }));

/** One map over its image, with its colour scale and a caption. The image is best had from `encoderView`. */
export function mapDrawing(image: RgbImage, map: AttentionMap, options: HeatOptions = {}): Drawing {
	const width = image.width + GAP + BAR.width + 6 + BAR.labels + 2 * GAP;
	const ends = [Math.min, Math.max].map((of) => percent(map.weights.reduce((a, b) => of(a, b)))) as [string, string];
	const question = wrap(map.question, width - 2 * GAP);
	const top = GAP + question.length * LINE_HEIGHT + 4;
	const caption = wrap(mapCaption(map), width - 2 * GAP);
	const below = top + image.height + GAP;
	return {
		width,
		height: below + caption.length * LINE_HEIGHT + GAP,
		marks: [
			...textMarks(question, GAP, GAP, true),
			{ kind: 'image', x: GAP, y: top, image: heatOver(image, map, options) },
			...scaleMarks(GAP + image.width + GAP, top, image.height, ends, options),
			...textMarks(caption, GAP, below),
		],
	};
}

/** One question of a grid of maps: its image and, in the order of the models, what each one's token looks at. */
export interface MapRow {
	image: RgbImage;
	question: string;
	maps: readonly AttentionMap[];
}

/** Models × questions, as in Fig. 7: a row a question, a column a model, each map from its own least to its greatest. */
export function mapGridDrawing(models: readonly string[], rows: readonly MapRow[], options: HeatOptions = {}): Drawing {
	const side = Math.max(...rows.map(({ image }) => image.width));
	const columns = models.map((_, i) => GAP + i * (side + GAP));
	const width = GAP + models.length * (side + GAP) + BAR.width + 6 + BAR.labels + GAP;
	const marks: Mark[] = [];
	let y = GAP;
	const heads = models.map((model) => wrap(model, side));
	for (const [i, lines] of heads.entries()) marks.push(...textMarks(lines, columns[i]!, y, true));
	y += Math.max(...heads.map(({ length }) => length)) * LINE_HEIGHT + 4;
	for (const [r, { image, question, maps }] of rows.entries()) {
		const asked = wrap(question, width - 2 * GAP);
		marks.push(...textMarks(asked, GAP, y, true));
		y += asked.length * LINE_HEIGHT;
		for (const [i, map] of maps.entries()) {
			marks.push({ kind: 'image', x: columns[i]!, y, image: heatOver(image, map, options) });
		}
		if (r === 0)
			marks.push(...scaleMarks(columns.at(-1)! + side + GAP, y, image.height, ['least', 'greatest'], options));
		y += image.height + 4;
		const notes = maps.map(({ answer, token, entropy }) =>
			wrap(`${answer} [${token.text}] H ${entropy.toFixed(2)}`, side),
		);
		for (const [i, lines] of notes.entries()) marks.push(...textMarks(lines, columns[i]!, y));
		y += Math.max(...notes.map(({ length }) => length)) * LINE_HEIGHT + GAP;
	}
	const methods = [...new Set(rows.flatMap(({ maps }) => maps.map(methodOf)))].join('. Or: ');
	const caption = wrap(
		`Attention to the image as each model generates the token in brackets, under its answer and with the normalised entropy H; ${methods}. Colours from the least to the greatest weight of each map.`,
		width - 2 * GAP,
	);
	marks.push(...textMarks(caption, GAP, y));
	return { width, height: y + caption.length * LINE_HEIGHT + GAP, marks };
}
