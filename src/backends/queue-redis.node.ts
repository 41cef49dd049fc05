import { Redis } from 'ioredis';
import { UsageError } from '../base/errors.ts';
import { Ending, sleep } from './ending.ts';

/** Before all keys in Redis. */
export const PREFIX = 'dorsal';

/** Milliseconds to wait for the first connection; later breaks are waited out, however long they are. */
const CONNECT_TIMEOUT = 5000;

/** Milliseconds between attempts to connect again, at most. */
const LONGEST_DELAY = 2000;

/** Seconds that an image which nobody has asked for again stays. */
const IMAGE_SECONDS = 3600;

export const imageKey = (hash: string) => `${PREFIX}:image:${hash}`;

/** Path of an address of Redis: none, or the number of a database. */
const DATABASE = /^\/?\d*$/;

/** A Redis address without user and password, for messages. */
export function redisName(url: string): string {
	try {
		const { protocol, host, pathname } = new URL(url);
		return `${protocol}//${host}${pathname === '/' || !DATABASE.test(pathname) ? '' : pathname}`;
	} catch {
		return 'the address';
	}
}

/** Refuses what is no address of Redis, without repeating what may be a part of a password. */
function checkAddress(text: string): void {
	if (!/^rediss?:\/\/[^/]/.test(text)) {
		throw new UsageError(`--queue ${redisName(text)}: expected redis://HOST:PORT, or rediss:// with TLS`, {
			code: 'queue',
		});
	}
	const url = URL.canParse(text) ? new URL(text) : null;
	if (url?.host && DATABASE.test(url.pathname) && url.search === '' && url.hash === '') return;
	throw new UsageError(
		'--queue: expected redis://USER:PASSWORD@HOST:PORT/DATABASE and nothing more; write / ? # @ in a password as %2F %3F %23 %40',
		{ code: 'queue' },
	);
}

/**
 * A connection to Redis (or Valkey). A connection that breaks later is made anew and commands wait for it; `onNotice` is
 * told once a break. Once `isClosing` says so a Redis that is away is not waited for: what waits for it fails. Throws a
 * UsageError where there is none to begin with.
 */
export async function connectRedis(
	url: string,
	{ onNotice, isClosing }: { onNotice: (line: string) => void; isClosing: () => boolean },
): Promise<Redis> {
	const name = redisName(url);
	checkAddress(url);
	// BullMQ wants commands to wait for the connection rather than to fail. It copies these settings for connections of its
	// own, of which one that is not opened at once (lazyConnect) would fail instead of being opened anew.
	const redis = new Redis(url, {
		maxRetriesPerRequest: null,
		connectTimeout: CONNECT_TIMEOUT,
		retryStrategy: (times) => (isClosing() ? null : Math.min(times * 50, LONGEST_DELAY)),
	});
	let last: NodeJS.ErrnoException | undefined;
	redis.on('error', (error) => {
		last = error;
	});
	const late = new Ending();
	const connected = await Promise.race([
		redis.ping().then(
			() => true,
			() => false,
		),
		new Promise<false>((resolve) => redis.once('close', () => resolve(false))),
		sleep(CONNECT_TIMEOUT, late).then(() => false),
	]);
	late.end(undefined);
	if (!connected) {
		redis.disconnect();
		const reason = last?.code ?? last?.message ?? 'no answer';
		throw new UsageError(`--queue ${name}: cannot connect (${reason}); start Redis there, or leave --queue out`, {
			code: 'queue',
			cause: last,
		});
	}
	let away = false;
	redis.on('reconnecting', () => {
		if (!away) onNotice(`the connection to ${name} is broken; waiting for it`);
		away = true;
	});
	redis.on('ready', () => {
		if (away) onNotice(`${name} is back`);
		away = false;
	});
	return redis;
}

/** Puts encoded images where workers find them by their hashes. */
export async function putImages(redis: Redis, images: ReadonlyMap<string, Uint8Array>): Promise<void> {
	for (const [hash, bytes] of images) {
		const kept = await redis.expire(imageKey(hash), IMAGE_SECONDS);
		if (!kept) await redis.set(imageKey(hash), Buffer.from(bytes), 'EX', IMAGE_SECONDS);
	}
}

/** The images of these hashes; null where one is missing. */
export async function takeImages(redis: Redis, hashes: readonly string[]): Promise<Uint8Array[] | null> {
	const images = hashes.length === 0 ? [] : await redis.mgetBuffer(hashes.map(imageKey));
	return images.every((image) => image !== null) ? (images as Uint8Array[]) : null;
}

export async function dropImages(redis: Redis, hashes: readonly string[]): Promise<void> {
	if (hashes.length > 0) await redis.del(hashes.map(imageKey));
}
