import { plot as observablePlot, type PlotOptions } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { escapeText } from '../html.ts';
import { withLightColours } from './palette.ts';

/** A document for Plot to draw in; the same under Node and in a browser, so that figures are the same bytes. */
const { document } = parseHTML('<html></html>');

/** Font size of all text in figures, in pixels. */
export const FONT_SIZE = 12;

/** Typical width of a character at that size, for margins that hold labels. */
export const CHARACTER = 6.6;

const ELEMENT = 1;
const TEXT = 3;

/** Numbers of geometry are cut to three decimals, so that platforms agree on the last bit and files stay small. */
const rounded = (value: string): string => value.replace(/-?\d+\.\d{4,}/g, (n) => String(Number(Number(n).toFixed(3))));

/** Attributes that hold text, where a number must stand as it is. */
const VERBATIM = new Set(['aria-label', 'fill', 'stroke', 'class', 'role', 'font-family']);

function serialise(node: Node): string {
	if (node.nodeType === TEXT) return escapeText(node.textContent ?? '');
	if (node.nodeType !== ELEMENT) return '';
	const element = node as Element;
	const name = element.localName;
	// Plot's own style element only repeats what the page's style says.
	if (name === 'style') return '';
	const attributes = Array.from(element.attributes)
		// Labels inside the drawing would be read out mark by mark; the whole has one label of its own.
		.filter((a) => name === 'svg' || !a.name.startsWith('aria-'))
		.map((a) => ` ${a.name}="${escapeText(VERBATIM.has(a.name) ? a.value : rounded(a.value))}"`)
		.join('');
	const children = Array.from(element.childNodes).map(serialise).join('');
	return children === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${children}</${name}>`;
}

/** Draws with Observable Plot; the answer is one well-formed `<svg>` with `role="img"` and the given label. */
export function plot({ label, ...options }: PlotOptions & { label: string }): string {
	const svg = observablePlot({
		// linkedom has the part of the DOM that Plot writes to.
		document: document as unknown as Document,
		...options,
		ariaLabel: label,
		style: { fontSize: `${FONT_SIZE}px` },
	}) as unknown as SVGSVGElement;
	svg.removeAttribute('style');
	svg.removeAttribute('class');
	svg.setAttribute('role', 'img');
	svg.setAttribute('font-size', String(FONT_SIZE));
	svg.setAttribute('fill', 'var(--ink)');
	return serialise(svg as unknown as Node);
}

/** A label cut to a number of characters, the cut marked. */
export function ellipsis(label: string, characters: number): string {
	return label.length <= characters ? label : `${label.slice(0, Math.max(1, characters - 1))}…`;
}

/** A text in lines of at most so many characters, broken between words where there are any. */
export function wrapped(text: string, characters: number): string[] {
	const lines: string[] = [];
	for (const word of text.split(/[ \t\n]+/).map((each) => ellipsis(each, characters))) {
		const last = lines.at(-1);
		if (last !== undefined && last.length + 1 + word.length <= characters) lines[lines.length - 1] = `${last} ${word}`;
		else lines.push(word);
	}
	return lines;
}

/** White space around a figure that is a file, in pixels. */
const BORDER = 16;

/** A figure as a file of its own: namespace, white ground, light colours written out, so that any program opens it. */
export function standalone(svg: string): string {
	const [, w, h] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg)!;
	const [width, height] = [Number(w) + 2 * BORDER, Number(h) + 2 * BORDER];
	const box = `x="${-BORDER}" y="${-BORDER}" width="${width}" height="${height}"`;
	const root = `viewBox="${-BORDER} ${-BORDER} ${width} ${height}" width="${width}" height="${height}" color="var(--ink)"`;
	const framed = `<svg xmlns="http://www.w3.org/2000/svg" ${root}><rect ${box} fill="var(--paper)"/>${svg}</svg>`;
	return `<?xml version="1.0" encoding="UTF-8"?>\n${withLightColours(framed)}\n`;
}
