import type { PixelControl } from '../backends/pixel-controls.ts';

const LEFT_RIGHT = { left: 'right', right: 'left' };
const UP_DOWN = {
	above: 'below',
	below: 'above',
	top: 'bottom',
	bottom: 'top',
	upper: 'lower',
	lower: 'upper',
	topmost: 'bottommost',
	bottommost: 'topmost',
};

/** What each control exchanges; the others leave every side where it is. */
const EXCHANGED: Partial<Record<PixelControl['kind'], Readonly<Record<string, string>>>> = {
	mirror: LEFT_RIGHT,
	rotate: { ...LEFT_RIGHT, ...UP_DOWN },
};

/** The case of `like` on `word`: all capitals, a capital first, or none. */
function inCase(word: string, like: string): string {
	if (like === like.toUpperCase()) return word.toUpperCase();
	return like[0] === like[0]!.toUpperCase() ? word[0]!.toUpperCase() + word.slice(1) : word;
}

/**
 * A text with the words for sides exchanged as a control of the pixels exchanges the sides themselves: "left of" becomes
 * "right of", "leftmost" "rightmost"; words of other meaning ("the right answer") are not told apart. Applied twice it
 * gives the text back. The text itself where there is no such control.
 */
export function exchangeSides(text: string, control: PixelControl | undefined): string {
	const words = control && EXCHANGED[control.kind];
	if (!words) return text;
	const pattern = new RegExp(`\\b(${Object.keys(words).join('|')})(?=(most|wards?|hand|side)?\\b)`, 'gi');
	return text.replace(pattern, (word) => inCase(words[word.toLowerCase()]!, word));
}
