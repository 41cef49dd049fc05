import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A free port of this machine for a server that will be away for a while. It lies below the ports that outgoing
 * connections are given: a client that tries again and again would else, once in a while, be given the very port it
 * calls, connect to itself, and keep the server from coming back.
 */
export async function restartablePort(): Promise<number> {
	for (;;) {
		const port = 20_000 + Math.floor(Math.random() * 10_000);
		const server = createServer();
		try {
			server.listen(port, '127.0.0.1');
			await once(server, 'listening');
		} catch {
			continue;
		}
		server.close();
		await once(server, 'close');
		return port;
	}
}
