import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { commands } from '../src/cli/commands.ts';
import { parse } from '../src/cli/parse.ts';

const readme = readFileSync('README.md', 'utf8');
const block = (language: string) => [...readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))];

describe('README.md', () => {
	it('has an example that prints what it says', async () => {
		const code = block('js')[0]![1]!;
		// Below dist/, so that the package finds itself by its own name.
		const file = `dist/readme-${process.pid}.mjs`;
		mkdirSync('dist', { recursive: true });
		writeFileSync(file, code);
		try {
			const { stdout } = await promisify(execFile)(process.execPath, [file]);
			const expected = [...code.matchAll(/^\/\/=> (.*)$/gm)].map((match) => match[1]);
			expect(stdout.trim().split('\n')).toEqual(expected);
		} finally {
			rmSync(file);
		}
	});

	const lines = [...readme.matchAll(/npx dorsal (.*?)(?= {2,}#|`|$)/gm)].map((match) => match[1]!);
	it.each([...new Set(lines)])('names a command that exists: dorsal %s', async (line) => {
		const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);
		const name = [words.slice(0, 2).join(' '), words[0]!].find((known) => Object.hasOwn(commands, known))!;
		const { args } = await commands[name]!.load();
		expect(() => parse(words.slice(name.split(' ').length), args, name)).not.toThrow();
	});

	it('links to files that are there', () => {
		const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1]!);
		expect(links.filter((link) => !existsSync(link))).toEqual([]);
	});
});
