import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { resolve } from 'node:path';

/** Where a system keeps names of sockets that are no files. */
const NAMESPACES: Partial<Record<NodeJS.Platform, string>> = {
	linux: '\0dorsal-',
	win32: String.raw`\\.\pipe\dorsal-`,
};

/**
 * Holds a folder until it is let go of by the function returned; null where it is held already, by whichever process.
 * What holds it is the name of a socket that nobody calls: unlike a file it goes when its process goes, however that
 * ends, so it never stands in the way of the next one. Linux and Windows have such names; elsewhere nothing is held.
 */
export async function holdFolder(dir: string): Promise<(() => Promise<void>) | null> {
	const namespace = NAMESPACES[process.platform];
	if (namespace === undefined) return async () => {};
	const real = await realpath(dir).catch(() => resolve(dir));
	const path = namespace + createHash('sha256').update(real).digest('hex');
	const server = createServer((socket) => socket.destroy()).unref();
	return new Promise((done) => {
		server.once('error', ({ code }: NodeJS.ErrnoException) => done(code === 'EADDRINUSE' ? null : async () => {}));
		server.listen({ path, exclusive: true }, () => done(() => new Promise((closed) => server.close(() => closed()))));
	});
}
