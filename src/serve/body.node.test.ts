import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { createBodies } from './body.node.ts';

const request = (text: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
	Object.assign(Readable.from([Buffer.from(text)]), { headers }) as unknown as IncomingMessage;

it('holds so many bytes at a time and no more, until they have been worked on', async () => {
	const bodies = createBodies(20);
	let end = () => {};
	const first = bodies.use(request('"0123456789"'), async (json) => {
		await new Promise<void>((resolve) => {
			end = resolve;
		});
		return json;
	});
	await new Promise((resolve) => setImmediate(resolve));
	await expect(bodies.use(request('"0123456789"'), async () => {})).rejects.toMatchObject({
		status: 503,
		code: 'busy',
	});
	expect(await bodies.use(request('7'), async (json) => json)).toBe(7);
	end();
	expect(await first).toBe('0123456789');
	await expect(bodies.use(request('"0123456789'), async () => {})).rejects.toMatchObject({ status: 400 });
	await expect(bodies.use(request('7', {}), async () => {})).rejects.toMatchObject({ status: 415 });
	expect(await bodies.use(request('"0123456789"'), async (json) => json)).toBe('0123456789');
});
