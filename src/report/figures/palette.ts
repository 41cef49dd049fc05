/**
 * Colours of figures, as names that the page's style resolves for light and dark and a file's for light alone.
 * Series are after those of Okabe and Ito (2008), told apart under every common form of colour blindness; they differ in
 * symbol as well.
 */
export const LIGHT: Readonly<Record<string, string>> = {
	ink: '#1f2328',
	muted: '#59636e',
	grid: '#e4e7eb',
	chance: '#59636e',
	paper: '#ffffff',
	series0: '#0072b2',
	series1: '#d55e00',
	series2: '#009e73',
	series3: '#b0589a',
	series4: '#8c6d00',
	series5: '#3a3f47',
	series6: '#6a51c2',
};

/** The same names on a dark page. */
export const DARK: Readonly<Record<string, string>> = {
	ink: '#e6edf3',
	muted: '#9aa5b1',
	grid: '#2b323b',
	chance: '#9aa5b1',
	paper: '#14181d',
	series0: '#5db4ea',
	series1: '#ff9557',
	series2: '#45cfa3',
	series3: '#e59fd0',
	series4: '#e3c04d',
	series5: '#c9d1d9',
	series6: '#ada0f5',
};

const COLOURS = Object.keys(LIGHT).filter((name) => name.startsWith('series')).length;

/** One more than there are colours: two series look alike only when seven times eight lie between them. */
const SYMBOLS = ['circle', 'square', 'triangle', 'diamond', 'wye', 'star', 'cross', 'hexagon'] as const;

export const seriesColour = (i: number): string => `var(--series${i % COLOURS})`;
export const seriesSymbol = (i: number): (typeof SYMBOLS)[number] => SYMBOLS[i % SYMBOLS.length]!;

/** Replaces the names by their light colours, for files that other programs open. */
export function withLightColours(svg: string): string {
	return svg.replace(/var\(--(\w+)\)/g, (whole, name: string) => LIGHT[name] ?? whole);
}
