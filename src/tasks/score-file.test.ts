import { describe, expect, it } from 'vitest';
import { blobFile, type DataFile, hashFiles, linesOf, memoryFile, textOf, wholeText } from './score-file.ts';

/** A file that is larger than it says: `bytes` repeated. */
function repeated(name: string, text: string, times: number): DataFile {
	const unit = new TextEncoder().encode(text);
	return {
		name,
		size: unit.length * times,
		async read(start, end) {
			const skipped = start % unit.length;
			const whole = new Uint8Array(end - start + skipped);
			for (let i = 0; i < whole.length; i += unit.length) whole.set(unit.subarray(0, whole.length - i), i);
			return whole.subarray(skipped);
		},
	};
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
	const list: T[] = [];
	for await (const item of items) list.push(item);
	return list;
}

describe('lines of a foreign file', () => {
	it('drops a byte-order mark, line ends of both kinds and blank lines, and counts every line', async () => {
		const file = memoryFile('a.jsonl', '\ufeffone\r\n\r\ntwo\n   \nthree');
		expect(await all(linesOf(file))).toEqual([
			{ text: 'one', line: 1 },
			{ text: 'two', line: 3 },
			{ text: 'three', line: 5 },
		]);
	});

	it('reads lines and characters that lie across the pieces it reads', async () => {
		const file = repeated('long.txt', 'ab → ü\r\n', 300_000);
		const lines = await all(linesOf(file));
		expect(lines).toHaveLength(300_000);
		expect(new Set(lines.map(({ text }) => text))).toEqual(new Set(['ab → ü']));
		expect(lines.at(-1)!.line).toBe(300_000);
	});

	it('refuses what is not UTF-8', async () => {
		const file = memoryFile('latin.csv', new Uint8Array([0x61, 0xe9, 0x62]));
		await expect(all(textOf(file))).rejects.toThrow('latin.csv: not UTF-8');
	});

	it('refuses a line without an end before it fills the memory', async () => {
		await expect(all(linesOf(repeated('endless.jsonl', 'x'.repeat(2 ** 20), 70)))).rejects.toThrow(
			'endless.jsonl:1: a line of more than 67108864 characters',
		);
	});

	it('refuses to hold a large file whole', async () => {
		await expect(wholeText(memoryFile('a', '12345'), { limit: 4 })).rejects.toThrow('5 bytes, more than the 4');
		expect(await wholeText(memoryFile('a', '1234'), { limit: 4 })).toBe('1234');
	});
});

it('reads a Blob as a browser hands it out', async () => {
	const file = blobFile(new File(['a\nb'], 'picked.txt'));
	expect(file.name).toBe('picked.txt');
	expect((await all(linesOf(file))).map(({ text }) => text)).toEqual(['a', 'b']);
});

it('hashes files by content and order', async () => {
	const [a, b] = [memoryFile('a', 'one'), memoryFile('b', 'two')];
	const hash = await hashFiles([a, b]);
	expect(hash).toMatch(/^[0-9a-f]{64}$/);
	expect(await hashFiles([memoryFile('other name', 'one'), b])).toBe(hash);
	expect(await hashFiles([b, a])).not.toBe(hash);
});
