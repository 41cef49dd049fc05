import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import streamArray, { type StreamArrayItem } from 'stream-json/streamers/stream-array.js';
import { InputError } from '../../base/errors.ts';
import { sha256File } from '../../base/sha256-file.node.ts';
import { decodeImage } from '../../image/decode.node.ts';
import { type Conversations, type LlavaEntry, parseEntry } from './llava.ts';

const unreadable = (what: string, code: string) => (cause: unknown) => {
	throw new InputError(`${what}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { code, cause });
};

async function checkFile(json: string): Promise<void> {
	const found = await stat(json).catch(unreadable(json, 'llava-json'));
	if (!found.isFile()) throw new InputError(`${json}: is not a file; give LLaVA's JSON`, { code: 'llava-json' });
}

/** sha256 of a file of conversations, hex. */
export async function hashOf(json: string): Promise<string> {
	await checkFile(json);
	return sha256File(json).catch(unreadable(json, 'llava-json'));
}

/** Reads LLaVA's JSON conversation by conversation: its own files are larger than the longest text that V8 holds. */
async function readEntries(json: string): Promise<LlavaEntry[]> {
	const entries: LlavaEntry[] = [];
	const fail = (reason: string, cause?: unknown) => new InputError(`${json}: ${reason}`, { code: 'llava-json', cause });
	// Where a conversation is refused, `pipeline` may throw its own "The operation was aborted" instead.
	let refused: InputError | undefined;
	const take = async (values: AsyncIterable<StreamArrayItem>) => {
		for await (const { value } of values) {
			try {
				entries.push(parseEntry(value, `${json}: [${entries.length}]`));
			} catch (error) {
				refused = error as InputError;
				return;
			}
		}
	};
	await checkFile(json);
	const file = createReadStream(json, { highWaterMark: 1 << 20 });
	await pipeline(file, streamArray.withParserAsStream(), take).catch((cause: Error) => {
		if (refused) return;
		throw fail(`not a list in JSON (${cause.message.replace(/\s+/g, ' ').replace(/\p{C}/gu, '?')})`, cause);
	});
	if (refused) throw refused;
	if (entries.length === 0) throw fail('expected at least 1 conversation, got none');
	return entries;
}

/** Opens LLaVA's JSON and looks for every image that it names, so that none is missed hours later. */
export async function openConversations(json: string, images: string): Promise<Conversations> {
	const entries = await readEntries(json);
	const nameOf = (number: number) => `${json}: [${number}].image`;
	const fileOf = (number: number) => path.join(images, entries[number]!.image!);
	for (const [i, { image }] of entries.entries()) {
		if (image === null) continue;
		const found = await stat(fileOf(i)).catch(unreadable(`${nameOf(i)}: ${fileOf(i)}`, 'missing-image'));
		if (!found.isFile()) throw new InputError(`${nameOf(i)}: ${fileOf(i)}: is not a file`, { code: 'missing-image' });
	}
	return {
		location: json,
		entries,
		async image(number) {
			const where = `${nameOf(number)}: ${fileOf(number)}`;
			return decodeImage(await readFile(fileOf(number)).catch(unreadable(where, 'missing-image')), where);
		},
	};
}
