import { afterEach } from 'vitest';
import { nodeFetch } from '../../src/backends/http.node.ts';
import { type RemoteOptions, remoteBackend } from '../../src/backends/remote.ts';
import { decodeImage } from '../../src/image/decode.node.ts';
import { fakeChatServer } from './fake-chat-server.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0)) await close();
});

/** Has something closed after the test. */
export const closeAfter = (close: () => Promise<unknown>) => closing.push(close);

/** A fake chat server that is closed after the test. */
export async function server(options: Parameters<typeof fakeChatServer>[0] = {}) {
	const fake = await fakeChatServer(options);
	closing.push(fake.close);
	return fake;
}

/** A remote backend with short delays that is closed after the test. */
export function remote(baseUrl: string, changes: Partial<RemoteOptions> = {}) {
	const backend = remoteBackend({
		baseUrl,
		model: 'fake-vlm',
		firstDelay: 5,
		decodeImage,
		fetch: nodeFetch(),
		...changes,
	});
	closing.push(backend.close);
	return backend;
}
