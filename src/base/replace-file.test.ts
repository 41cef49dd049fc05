import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { replaceFile } from './replace-file.node.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'dorsal-replace-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, 'new/a.bin');
const text = () => readFileSync(file, 'utf8');

async function* pieces(fails: boolean) {
	yield Buffer.from('more ');
	if (fails) throw new Error('the source failed');
	yield Buffer.from('than one');
}

test('text, bytes and pieces are written whole, into a folder that is made', async () => {
	await replaceFile(file, 'text');
	expect(text()).toBe('text');
	await replaceFile(file, new TextEncoder().encode('bytes'), { durable: true });
	expect(text()).toBe('bytes');
	await replaceFile(file, pieces(false));
	expect(text()).toBe('more than one');
	await replaceFile(file, [Buffer.from('a'), Buffer.from('b')]);
	expect(text()).toBe('ab');
});

test('what fails leaves the file as it was, and nothing beside it', async () => {
	await replaceFile(file, 'before');
	await expect(replaceFile(file, pieces(true))).rejects.toThrow('the source failed');
	expect(text()).toBe('before');
	mkdirSync(path.join(folder, 'new/taken/inside'), { recursive: true });
	await expect(replaceFile(path.join(folder, 'new/taken'), 'x')).rejects.toMatchObject({ syscall: 'rename' });
	await expect(replaceFile(path.join(file, 'below'), 'x')).rejects.toMatchObject({ syscall: 'mkdir' });
	expect(readdirSync(path.join(folder, 'new')).sort()).toEqual(['a.bin', 'taken']);
});
