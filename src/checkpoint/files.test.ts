import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DorsalError, InputError, UsageError } from '../base/errors.ts';
import { memoryStore } from './files.memory.ts';
import { folderStore, folderWriter } from './files.node.ts';
import { httpStore, WHOLE_FILE_BYTES } from './files.web.ts';

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
/** sha256sum of those bytes. */
const digest = '4e4c294b331f7a2099a379bec34b9f9fc03dc46ab465d998f4d683da53487e6d';

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'dorsal-files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('memory and folder answer alike', () => {
	const stores = {
		memory: async () => memoryStore([['a.bin', bytes]]),
		folder: async () => {
			await writeFile(join(folder, 'a.bin'), bytes);
			return folderStore(folder);
		},
	};
	test.each(Object.entries(stores))('%s', async (_, make) => {
		const store = await make();
		expect(await store.has('a.bin')).toBe(true);
		expect(await store.has('b.bin')).toBe(false);
		expect(await store.size('a.bin')).toBe(1000);
		expect(await store.read('a.bin')).toEqual(bytes);
		expect(await store.read('a.bin', 10, 20)).toEqual(bytes.slice(10, 20));
		expect(await store.read('a.bin', 1000, 1000)).toEqual(new Uint8Array(0));
		expect(await store.sha256('a.bin')).toBe(digest);
		await expect(store.read('a.bin', 990, 1001)).rejects.toThrow(/bytes 990 to 1001 .* but the file has 1000/);
		await expect(store.read('a.bin', 20, 10)).rejects.toThrow(InputError);
		await expect(store.read('b.bin')).rejects.toThrow(/b\.bin: not there$/);
		for (const path of ['../a.bin', '/etc/passwd', 'x/../../a', '.', '', 'a\\b', 'c:', 'a\0']) {
			await expect(store.read(path)).rejects.toThrow(/leads out of the folder/);
		}
		await store.close();
	});
});

describe('folders', () => {
	test('one that is not there, or is a file, is a usage error', async () => {
		await writeFile(join(folder, 'file'), bytes);
		expect(() => folderStore(join(folder, 'none'))).toThrow(UsageError);
		expect(() => folderStore(join(folder, 'none'))).toThrow(/none: no such folder; give the folder of a checkpoint/);
		expect(() => folderStore(join(folder, 'file'))).toThrow(/file: is a file; give the folder/);
	});

	test('links are followed: model caches are made of them', async () => {
		await mkdir(join(folder, 'snapshot'));
		await writeFile(join(folder, 'blob'), bytes);
		await symlink('../blob', join(folder, 'snapshot', 'a.bin'));
		const store = folderStore(join(folder, 'snapshot'));
		expect(await store.size('a.bin')).toBe(1000);
		await store.close();
	});

	test('a file cut off while it is open is noticed', async () => {
		await writeFile(join(folder, 'a.bin'), bytes);
		const store = folderStore(folder);
		await store.read('a.bin', 0, 10);
		await truncate(join(folder, 'a.bin'), 500);
		await expect(store.read('a.bin', 400, 600)).rejects.toThrow(/the file has 500; is it truncated\?/);
		await store.close();
	});

	test('a folder in place of a file cannot be read', async () => {
		await mkdir(join(folder, 'a.bin'));
		const store = folderStore(folder);
		await expect(store.read('a.bin', 0, 1)).rejects.toThrow(/a\.bin: cannot be read \(EISDIR\)/);
		await store.close();
	});
});

describe('writing', () => {
	test('a file that fails half-way leaves nothing, and the old one stays', async () => {
		const out = folderWriter(folder);
		await out.write('a.bin', [bytes.slice(0, 1), bytes.slice(1)]);
		const failing = (function* () {
			yield bytes;
			throw new RangeError('half-way');
		})();
		await expect(out.write('a.bin', failing)).rejects.toThrow('half-way');
		expect(await readdir(folder)).toEqual(['a.bin']);
		const store = folderStore(folder);
		expect(await store.read('a.bin')).toEqual(bytes);
		await store.close();
		await out.remove('a.bin');
		await out.remove('a.bin');
		expect(await readdir(folder)).toEqual([]);
	});

	test('what the system refuses is one line', async () => {
		await writeFile(join(folder, 'file'), bytes);
		const write = folderWriter(join(folder, 'file')).write('a.bin', [bytes]);
		await expect(write).rejects.toThrow(DorsalError);
		await expect(write).rejects.toThrow(/a\.bin: cannot be written \((ENOTDIR|EEXIST)\)$/);
	});
});

describe('http', () => {
	let server: Server;
	let base: string;
	const requests: string[] = [];
	const serve = async (listener: RequestListener) => {
		requests.length = 0;
		server = createServer((request, response) => {
			requests.push(`${request.method} ${request.url} ${request.headers.range ?? ''}`.trim());
			listener(request, response);
		});
		await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
		base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model/`;
	};
	afterEach(async () => {
		server.closeAllConnections();
		await new Promise((done) => server.close(done));
	});

	test('a small file is fetched once and kept', async () => {
		await serve((request, response) => {
			if (!request.url!.endsWith('/a.bin')) return void response.writeHead(404).end();
			response.setHeader('content-length', bytes.length);
			response.end(request.method === 'HEAD' ? undefined : bytes);
		});
		const store = httpStore(base);
		expect(await store.has('a.bin')).toBe(true);
		expect(await store.has('b.bin')).toBe(false);
		expect(await store.size('a.bin')).toBe(1000);
		const reads = await Promise.all([store.read('a.bin', 10, 20), store.read('a.bin', 990), store.read('a.bin')]);
		expect(reads).toEqual([bytes.slice(10, 20), bytes.slice(990), bytes]);
		expect(await store.sha256('a.bin')).toBe(digest);
		expect(requests).toEqual(['HEAD /model/a.bin', 'HEAD /model/b.bin', 'GET /model/a.bin']);
		await expect(store.read('b.bin')).rejects.toThrow(/b\.bin: not there$/);
		await expect(store.read('a.bin', 0, 1001)).rejects.toThrow(/the file has 1000/);
		await expect(store.read('../a.bin')).rejects.toThrow(/leads out of the folder/);
	});

	/** A file of `WHOLE_FILE_BYTES` + 1000, of which only the last 1000 bytes are not zero. */
	const large =
		(range: boolean): RequestListener =>
		(request, response) => {
			const total = WHOLE_FILE_BYTES + 1000;
			const [, start, end] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
			if (request.method === 'HEAD') return void response.writeHead(200, { 'content-length': total }).end();
			if (!range || start === undefined) return void response.writeHead(200).write(bytes);
			response.writeHead(206).end(bytes.slice(Number(start) - WHOLE_FILE_BYTES, Number(end) + 1 - WHOLE_FILE_BYTES));
		};

	test('a large file is read by Range', async () => {
		await serve(large(true));
		const store = httpStore(base);
		const read = await store.read('big.bin', WHOLE_FILE_BYTES + 10, WHOLE_FILE_BYTES + 20);
		expect(read).toEqual(bytes.slice(10, 20));
		expect(requests).toEqual([
			'HEAD /model/big.bin',
			`GET /model/big.bin bytes=${WHOLE_FILE_BYTES + 10}-${WHOLE_FILE_BYTES + 19}`,
		]);
	});

	test('a server that ignores Range is named for what it is, and the file is not downloaded', async () => {
		await serve(large(false));
		await expect(httpStore(base).read('big.bin', 0, 10)).rejects.toThrow(
			/big\.bin: the server ignores Range and the file is larger than 64 MiB; use a server that knows Range requests$/,
		);
	});

	test('a compressed file has the length of its content', async () => {
		await serve((request, response) => {
			const packed = gzipSync(bytes);
			response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length });
			response.end(request.method === 'HEAD' ? undefined : packed);
		});
		const store = httpStore(base);
		expect(await store.size('a.json')).toBe(1000);
		expect(await store.read('a.json')).toEqual(bytes);
	});

	test('the index page of a development server is not a file', async () => {
		await serve((_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'));
		expect(await httpStore(base).has('tokenizer.json')).toBe(false);
	});

	test('an error is told once and tried again later', async () => {
		let broken = true;
		await serve((_, response) => void response.writeHead(broken ? 500 : 200, { 'content-length': 0 }).end());
		const store = httpStore(base);
		await expect(store.size('a.bin')).rejects.toThrow(/a\.bin: the server answered 500$/);
		broken = false;
		expect(await store.size('a.bin')).toBe(0);
	});

	test('no server', async () => {
		await serve(() => {});
		const store = httpStore(base.replace(/:\d+/, ':1'));
		await expect(store.has('a.bin')).rejects.toThrow(/cannot be fetched; is the server there/);
	});
});
