import { blankImage, pasteImage, type RgbImage } from '../image/image.ts';
import { encodePng } from '../image/png.ts';
import { type ColourScale, colourOf } from './heat-map.ts';
import { ADVANCE, inkText, LINE, plainText } from './pixel-font.ts';

/** Lengths in pixels, y downwards. */
export type Mark =
	| { kind: 'image'; x: number; y: number; image: RgbImage }
	/** The colours of a scale in a bar, greatest on top. */
	| { kind: 'scale'; x: number; y: number; width: number; height: number; colours: ColourScale }
	/** One line, `x` its left end, or its right end or middle. */
	| { kind: 'text'; x: number; y: number; text: string; anchor?: 'start' | 'middle' | 'end'; strong?: boolean };

/** A picture with text, to be had as pixels and as SVG. */
export interface Drawing {
	width: number;
	height: number;
	marks: readonly Mark[];
}

/** Pixels of the picture to one of the font. */
const SCALE = 2;
export const CHARACTER = ADVANCE * SCALE;
export const LINE_HEIGHT = LINE * SCALE + 2;

const SHIFT = { start: 0, middle: 0.5, end: 1 };
const INK = [31, 35, 40];
const MUTED = [89, 99, 110];

const lengthOf = (text: string) => plainText(text).length;

/** A text in lines of at most `width` pixels, broken between words where there are any. */
export function wrap(text: string, width: number): string[] {
	const most = Math.max(1, Math.floor(width / CHARACTER));
	const lines: string[] = [];
	for (const word of text.split(/\s+/)) {
		const last = lines.at(-1);
		if (last !== undefined && lengthOf(last) + 1 + lengthOf(word) <= most) lines[lines.length - 1] = `${last} ${word}`;
		else for (let i = 0; i === 0 || i < word.length; i += most) lines.push(word.slice(i, i + most));
	}
	return lines;
}

/** The drawing as pixels, on white. */
export function drawingPixels({ width, height, marks }: Drawing): RgbImage {
	const out = blankImage(width, height, [255, 255, 255]);
	const fill = (left: number, top: number, w: number, h: number, colour: readonly number[]) => {
		for (let y = Math.max(0, top); y < Math.min(height, top + h); y++) {
			for (let x = Math.max(0, left); x < Math.min(width, left + w); x++) out.data.set(colour, (y * width + x) * 3);
		}
	};
	for (const mark of marks) {
		const { x, y } = mark;
		if (mark.kind === 'image') pasteImage(out, mark.image, x, y);
		else if (mark.kind === 'scale') {
			for (let i = 0; i < mark.height; i++) {
				fill(x, y + i, mark.width, 1, colourOf(mark.colours, 1 - i / (mark.height - 1)));
			}
		} else {
			const text = plainText(mark.text);
			const left = Math.round(x - SHIFT[mark.anchor ?? 'start'] * text.length * CHARACTER);
			const colour = mark.strong ? INK : MUTED;
			inkText(text, (dx, dy) => fill(left + dx * SCALE, y + dy * SCALE, SCALE, SCALE, colour));
		}
	}
	return out;
}

/** The drawing as a PNG file. */
export const drawingPng = (drawing: Drawing): Uint8Array => encodePng(drawingPixels(drawing));

const escapeXml = (text: string) =>
	text
		.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!)
		.replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '?');

/** A picture as a `data:` address of a PNG. */
export function dataAddress(image: RgbImage): string {
	let binary = '';
	for (const value of encodePng(image)) binary += String.fromCharCode(value);
	return `data:image/png;base64,${btoa(binary)}`;
}

const STOPS = 16;

/** The drawing as SVG: pictures are embedded, colour scales and text are vectors. `label` is what a screen reader says. */
export function drawingSvg({ width, height, marks }: Drawing, { label }: { label: string }): string {
	const scales = [...new Set(marks.flatMap((mark) => (mark.kind === 'scale' ? [mark.colours] : [])))];
	const gradients = scales.map((colours) => {
		const stops = Array.from({ length: STOPS + 1 }, (_, i) => {
			return `<stop offset="${i / STOPS}" stop-color="rgb(${colourOf(colours, 1 - i / STOPS).join()})"/>`;
		});
		return `<linearGradient id="${colours}" x2="0" y2="1">${stops.join('')}</linearGradient>`;
	});
	const body = marks.map((mark) => {
		const { x, y } = mark;
		if (mark.kind === 'image') {
			const { width: w, height: h } = mark.image;
			return `<image x="${x}" y="${y}" width="${w}" height="${h}" href="${dataAddress(mark.image)}"/>`;
		}
		if (mark.kind === 'scale') {
			return `<rect x="${x}" y="${y}" width="${mark.width}" height="${mark.height}" fill="url(#${mark.colours})"/>`;
		}
		const [weight, colour] = mark.strong ? ['600', INK] : ['400', MUTED];
		// Other scripts are as wide as the reader's font has them.
		const length = /^[ -~]*$/.test(mark.text) ? ` textLength="${lengthOf(mark.text) * CHARACTER}"` : '';
		return `<text x="${x}" y="${y + 7 * SCALE}"${length} text-anchor="${mark.anchor ?? 'start'}" font-weight="${weight}" fill="rgb(${colour.join()})">${escapeXml(mark.text)}</text>`;
	});
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(label)}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="${CHARACTER / 0.6}" xml:space="preserve">`,
		`<defs>${gradients.join('')}</defs>`,
		`<rect width="${width}" height="${height}" fill="#ffffff"/>`,
		...body,
		'</svg>',
		'',
	].join('\n');
}
