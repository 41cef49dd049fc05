/** Markup built from a template tag that escapes every value put into it. */

const MARKUP = Symbol('markup');

/** Text that is already markup. Only `html` and `trusted` make one: nothing read from JSON can pass as it. */
export interface Html {
	readonly [MARKUP]: string;
}

export type HtmlValue = string | number | Html | null | undefined | false | readonly HtmlValue[];

/**
 * Characters that XML 1.0 forbids and HTML replaces (controls but tab and newline, lone surrogates, non-characters),
 * and those that turn the direction of whatever follows them.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Cs}/gu;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Replaces what no document may hold with U+FFFD, so that it stays visible. */
export function printable(text: string): string {
	return text.replace(UNPRINTABLE, '\ufffd');
}

/** Escapes text for HTML and XML, in content and in quoted attributes. */
export function escapeText(text: string): string {
	return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Declares text to be markup as it stands: for figures and styles that this room has made itself. */
export function trusted(markup: string): Html {
	return { [MARKUP]: markup };
}

function render(value: HtmlValue): string {
	if (value === null || value === undefined || value === false) return '';
	if (typeof value === 'string') return escapeText(value);
	if (typeof value === 'number') return String(value);
	if (MARKUP in value) return value[MARKUP];
	return value.map(render).join('');
}

/**
 * Markup with escaped values; `null`, `undefined` and `false` leave nothing, lists are joined.
 * @example html`<p>${'a < b'}</p>` // <p>a &lt; b</p>
 */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
	return trusted(strings.reduce((out, text, i) => out + render(values[i - 1]) + text));
}

/** The markup as a string. */
export function markupOf(value: Html): string {
	return value[MARKUP];
}

/** Text of at most `limit` characters; what is left out is counted where it was cut. */
export function clipped(text: string, limit: number): Html {
	if (text.length <= limit) return html`${text}`;
	return html`${text.slice(0, limit)}<span class="cut"> … ${text.length - limit} more characters</span>`;
}

/** Foreign text in a passage of its own direction, so that right-to-left text cannot reorder what stands around it. */
export function foreign(text: string, limit = 300): Html {
	return html`<bdi>${clipped(text, limit)}</bdi>`;
}
