import { expect, it } from 'vitest';
import { listing } from './help.ts';

it('lists names beside meanings, and breaks lines that are too long', () => {
	const text = listing([
		['--json', 'print the result as JSON'],
		['--seed N', `seed ${'of everything random '.repeat(6)}`.trim()],
		['a-name-that-is-longer-than-the-left-column', 'stands alone'],
	]);
	expect(text.split('\n')).toEqual([
		'  --json    print the result as JSON',
		'  --seed N  seed of everything random of everything random of everything random of everything random of everything',
		'            random of everything random',
		'  a-name-that-is-longer-than-the-left-column',
		'            stands alone',
	]);
});
