import { expect, test } from 'vitest';
import { commandLine } from './shell.ts';

test('words that need it are quoted for a POSIX shell', () => {
	expect(commandLine(['dorsal', 'ask', "it's.png", 'What?', '--json'])).toBe(
		String.raw`dorsal ask 'it'\''s.png' 'What?' --json`,
	);
});

test('no password is repeated', () => {
	const words = [
		'--queue',
		'redis://me:pa55word@host:6379/1',
		'--model=https://pa55word@host/v1',
		'a@b',
		'http://h/@x',
		'rediss://:pa/55#wo@rd@host',
		'--queue=redis://host:6379?password=pa55word',
		'redis://host',
	];
	expect(commandLine(words)).toBe(
		"--queue 'redis://…@host:6379/1' '--model=https://…@host/v1' a@b http://h/@x 'rediss://…@host' '--queue=redis://host:6379?…' redis://host",
	);
});
