import fc from 'fast-check';
import { type Zippable, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { crc32 } from './crc32.ts';
import { InputError } from './errors.ts';
import { MAX_ENTRIES, MAX_LIST_BYTES, MAX_NAME_BYTES, MAX_RATIO, type ZipSource, zipEntries, zipFile } from './zip.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const sourceOf = (bytes: Uint8Array): ZipSource => ({
	name: 'a.zip',
	size: bytes.length,
	read: async (start, end) => bytes.subarray(start, end),
});

/** Every file of an archive by name, as text. */
async function unpacked(bytes: Uint8Array): Promise<Record<string, string>> {
	const source = sourceOf(bytes);
	const files: Record<string, string> = {};
	for (const entry of await zipEntries(source)) {
		files[entry.name] = new TextDecoder().decode(await zipFile(source, entry, { limit: 2 ** 24 }));
	}
	return files;
}

it('crc32 of the digits 1 to 9 is the check value of CRC-32, in one piece or two', () => {
	expect(crc32(bytesOf('123456789')) >>> 0).toBe(0xcbf43926);
	expect(crc32(bytesOf('6789'), crc32(bytesOf('12345'))) >>> 0).toBe(0xcbf43926);
});

const long = 'records say the same again and again. '.repeat(3000);

describe('an archive', () => {
	it('gives back its files, deflated or stored; folders are none', async () => {
		const run: Zippable = { 'a.json': bytesOf(long), 'b.png': [bytesOf('png'), { level: 0 }], empty: bytesOf('') };
		const archive = zipSync({ run, 'folder/': bytesOf('') });
		expect(await unpacked(archive)).toEqual({ 'run/a.json': long, 'run/b.png': 'png', 'run/empty': '' });
	});

	it('may have a comment at its end', async () => {
		const archive = zipSync({ a: bytesOf('b') });
		const comment = bytesOf('PK\x05\x06 made by hand');
		new DataView(archive.buffer).setUint16(archive.length - 2, comment.length, true);
		expect(await unpacked(new Uint8Array([...archive, ...comment]))).toEqual({ a: 'b' });
	});

	it('may have backslashes for slashes, as some tools of Windows write them', async () => {
		expect(await unpacked(zipSync({ 'run\\a.json': bytesOf('{}') }))).toEqual({ 'run/a.json': '{}' });
	});
});

/** An archive of one file with a number written over: at a distance from its list of entries, or from its end. */
function edited(edits: { inList?: [at: number, value: number, bytes: 2 | 4]; inEnd?: [number, number, 2 | 4] }) {
	const archive = zipSync({ a: bytesOf(long) });
	const view = new DataView(archive.buffer);
	const end = archive.length - 22;
	const write = (at: number, value: number, bytes: 2 | 4) =>
		bytes === 2 ? view.setUint16(at, value, true) : view.setUint32(at, value, true);
	if (edits.inList) write(view.getUint32(end + 16, true) + edits.inList[0], edits.inList[1], edits.inList[2]);
	if (edits.inEnd) write(end + edits.inEnd[0], edits.inEnd[1], edits.inEnd[2]);
	return archive;
}

describe('an archive is refused', () => {
	it.each<[string, Uint8Array, string]>([
		['that is none', bytesOf('{"id": 1}\n'), 'a.zip: has no end of an archive; is it a whole ZIP archive?'],
		['that is empty', new Uint8Array(), 'has no end of an archive'],
		['without its end', zipSync({ a: bytesOf(long) }).subarray(0, -5), 'has no end of an archive'],
		['without its beginning', zipSync({ a: bytesOf(long) }).subarray(400), 'its list of entries is cut off'],
		['in several parts', edited({ inEnd: [4, 1, 2] }), 'is one part of several'],
		['of ZIP64', edited({ inEnd: [16, 0xffffffff, 4] }), 'is a ZIP64 archive; a run needs none'],
		['with a ZIP64 entry', edited({ inList: [24, 0xffffffff, 4] }), 'entry "a" is stored as ZIP64'],
		['with a password', edited({ inList: [8, 1, 2] }), 'entry "a" is encrypted; zip it without a password'],
		['packed by LZMA', edited({ inList: [10, 14, 2] }), 'entry "a" is packed by method 14; only deflate (8) is read'],
		['stored in two sizes', edited({ inList: [10, 0, 2] }), 'entry "a" has two sizes, 114000 and'],
		['with too large a list', edited({ inEnd: [12, MAX_LIST_BYTES + 1, 4] }), 'its list of entries is cut off'],
		['with a name that is cut off', edited({ inList: [28, 1000, 2] }), 'entry 1 is cut off'],
		['whose list breaks off', edited({ inList: [0, 0, 4] }), 'its list of entries breaks off at entry 1 of 1'],
		['whose entry has no header', edited({ inList: [42, 7, 4] }), 'a.zip/a: has no header'],
		['whose entry lies beyond it', edited({ inList: [42, 0xfffffff0, 4] }), 'a.zip/a: has no header'],
		['whose entry goes beyond it', edited({ inList: [20, 10_000, 4] }), 'a.zip/a: is cut off'],
		['whose entry is larger', edited({ inList: [24, 50_000, 4] }), 'a.zip/a: has more than the 50000 bytes'],
		['whose entry is smaller', edited({ inList: [24, 115_000, 4] }), 'has 114000 bytes, the archive says 115000'],
		['whose entry is another', edited({ inList: [16, 7, 4] }), 'its checksum is another than the archive says'],
		['with a bomb', zipSync({ a: new Uint8Array(2 ** 20) }), `at most ${MAX_RATIO} times as many are read`],
		['with a name that is too long', zipSync({ ['a'.repeat(MAX_NAME_BYTES + 1)]: bytesOf('') }), 'name of 1025 bytes'],
		['that leads out', zipSync({ 'run/../../etc/passwd': bytesOf('') }), 'leaves the archive'],
		['that leads to the root', zipSync({ '/etc/passwd': bytesOf('') }), 'leaves the archive'],
		['that leads to a drive', zipSync({ 'C:\\run.json': bytesOf('') }), 'leaves the archive'],
		['with two files of one name', zipSync({ 'a\\b': bytesOf(''), 'a/b': bytesOf('') }), 'has two entries "a/b"'],
	])('%s', async (_, archive, message) => {
		const refusal = await unpacked(archive).catch((error: unknown) => error);
		expect(refusal).toBeInstanceOf(InputError);
		expect((refusal as InputError).message).toContain(message);
	});

	it('with too many entries, or a list of them that is too long', async () => {
		const many = Object.fromEntries(Array.from({ length: MAX_ENTRIES + 1 }, (_, i) => [`${i}`, bytesOf('')]));
		await expect(unpacked(zipSync(many))).rejects.toThrow('has 1001 entries, at most 1000 are read');
		const extra: Zippable = {};
		for (let i = 0; i < 70; i++) extra[i] = [bytesOf(''), { extra: { 9: new Uint8Array(60_000) } }];
		await expect(unpacked(zipSync(extra))).rejects.toThrow('has a list of entries of 42');
	});

	it('with a file above the limit that it is read with', async () => {
		const source = sourceOf(zipSync({ a: bytesOf(long) }));
		const [entry] = await zipEntries(source);
		await expect(zipFile(source, entry!, { limit: 1000 })).rejects.toThrow('a.zip/a: has 114000 bytes, at most 1000');
	});
});

describe('hostile bytes', () => {
	const archive = zipSync({ 'run/a.json': bytesOf(long.slice(0, 2000)), 'run/b.png': [bytesOf('png'), { level: 0 }] });
	const whole = { 'run/a.json': long.slice(0, 2000), 'run/b.png': 'png' };

	/** A file that comes out is the one that went in, whatever is done to the archive. */
	const isRefusedOrWhole = async (bytes: Uint8Array) => {
		const files = await unpacked(bytes).catch((error: unknown) => {
			expect(error).toBeInstanceOf(InputError);
			return {};
		});
		const texts: string[] = Object.values(whole);
		for (const text of Object.values(files)) if (text !== '') expect(texts).toContain(text);
	};

	it('never crash the reader and never give other bytes: numbers written over', async () => {
		const edits = fc.array(fc.tuple(fc.nat(archive.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
		await fc.assert(
			fc.asyncProperty(edits, async (writes) => {
				const bytes = archive.slice();
				for (const [at, value] of writes) bytes[at] = value;
				await isRefusedOrWhole(bytes);
			}),
			{ numRuns: 1000 },
		);
	});

	it('never crash the reader: cut, doubled, or anything', async () => {
		await fc.assert(
			fc.asyncProperty(fc.nat(archive.length), fc.nat(archive.length), async (from, to) => {
				await isRefusedOrWhole(archive.subarray(from, to));
				await isRefusedOrWhole(new Uint8Array([...archive.subarray(from), ...archive]));
			}),
		);
		await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), isRefusedOrWhole), { numRuns: 300 });
	});
});
