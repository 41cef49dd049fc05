import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { refuseInputs, writeWhole } from './output.ts';

let folder: string;
const at = (name: string) => path.join(folder, name);
const text = (name: string) => readFileSync(at(name), 'utf8');
beforeAll(() => {
	folder = mkdtempSync(path.join(tmpdir(), 'dorsal-output-'));
	mkdirSync(at('run'));
	writeFileSync(at('answers.jsonl'), 'old');
	symlinkSync(at('answers.jsonl'), at('link.jsonl'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('refuses to write onto what is read, by whatever path, and into a run that is read', () => {
	const refused = (file: string) => () => refuseInputs('out', file, [at('answers.jsonl'), at('run')]);
	const relative = path.join(path.relative(process.cwd(), folder), 'run', '..', 'answers.jsonl');
	for (const file of [at('answers.jsonl'), at('link.jsonl'), relative]) {
		expect(refused(file)).toThrow(`--out ${file}: is read as ${at('answers.jsonl')}, which must stay as it is`);
	}
	expect(refused(at('run/records.jsonl'))).toThrow(`lies in ${at('run')}, which must stay as it is; give another file`);
	expect(refused(at('run/new/deep.json'))).toThrow('lies in');
	expect(refused(at('running.json'))).not.toThrow();
	expect(() => refuseInputs('out', undefined, [at('run')])).not.toThrow();
});

it('writes a file whole: an error leaves what was there, and no part', async () => {
	await expect(
		writeWhole(at('answers.jsonl'), (write) => {
			write('new');
			throw new Error('refused');
		}),
	).rejects.toThrow('refused');
	expect(text('answers.jsonl')).toBe('old');
	const returned = await writeWhole(at('new.txt'), async (write) => {
		write('a'.repeat(1 << 17));
		write('b');
		return 7;
	});
	expect(returned).toBe(7);
	expect(text('new.txt')).toHaveLength((1 << 17) + 1);
	await writeWhole(at('link.jsonl'), (write) => write('through the link'));
	expect(text('answers.jsonl')).toBe('through the link');
	expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
	await expect(writeWhole(at('no/such.txt'), () => 1)).rejects.toMatchObject({
		code: 'ENOENT',
		path: at('no/such.txt'),
	});
	expect(await writeWhole(undefined, (write) => write('nowhere'))).toBeUndefined();
});

it.skipIf(!existsSync('/dev/null'))('writes a device as it is', async () => {
	await writeWhole('/dev/null', (write) => write('x'));
	expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
});
