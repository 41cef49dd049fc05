import { z } from 'zod';
import { InputError } from '../base/errors.ts';
import { type DataFile, linesOf, MAX_RECORD, textOf } from './score-file.ts';

/** An id as files have it, number or text. */
export const idSchema = z.union([z.int(), z.string()], { error: 'expected a whole number or text' });

/** One record of a foreign file: its value, or why it could not be read. */
export interface RawRecord {
	/** Line it starts at, counted from 1. */
	line: number;
	/** Its key, where the file is one object of records. */
	key?: string;
	value?: unknown;
	/** Why it is not JSON. */
	broken?: string;
	/** The line itself, where each record is a line and this one is no object. */
	text?: string;
}

export interface RecordOptions {
	/** Members of a wrapping object that hold the list: `{ "annotations": [ … ] }`. Others are passed over. */
	members?: readonly string[];
	/** The file may be one object of records by id: `{ "201": { … }, … }`. */
	dict?: boolean;
	/** Keys of which a record has at least one; they tell a JSON-lines file from an object on one line. */
	keys: readonly string[];
}

/** Lines of which the first two that are not blank are looked at, and the end of one that goes on in the next. */
const [LOOKED_AT, GOES_ON] = [20, /[[{,:]\s*$/];

type Layout = 'lines' | 'list' | 'dict' | 'members';

/**
 * The records of a JSON file, whichever way it lists them: one a line, a list, an object by id, a list that is a
 * member of an object. The file is streamed: what is held is one record.
 */
export async function* recordsOf(file: DataFile, options: RecordOptions): AsyncGenerator<RawRecord> {
	const layout = await layoutOf(file, options);
	if (layout === 'lines') {
		for await (const { text, line } of linesOf(file)) {
			const record = parsed(text, line);
			yield typeof record.value === 'object' && record.value !== null ? record : { ...record, text };
		}
		return;
	}
	const splitter = new Splitter(file.name, layout === 'members' ? options.members! : undefined);
	for await (const piece of textOf(file)) {
		for (const { text, line } of splitter.push(piece)) {
			yield layout === 'dict' ? entry(text, line) : parsed(text, line);
		}
	}
	splitter.end();
}

function parsed(text: string, line: number): RawRecord {
	try {
		return { line, value: JSON.parse(text) };
	} catch (error) {
		return { line, broken: (error as Error).message.replace(/\p{C}/gu, '?') };
	}
}

/** `"key": value`, as it stands in an object, as a record. */
function entry(text: string, line: number): RawRecord {
	const record = parsed(`{${text}}`, line);
	if (record.broken !== undefined) return record;
	const [first, second] = Object.entries(record.value as object);
	if (!first || second) return { line, broken: 'no entry of an object' };
	const [key, value] = first;
	return { line, key, value };
}

async function layoutOf(file: DataFile, { members, dict, keys }: RecordOptions): Promise<Layout> {
	const text = textOf(file);
	const first = (await text.next()).value ?? '';
	await text.return(undefined);
	const start = first.trimStart();
	if (start.startsWith('[')) return 'list';
	if (!start.startsWith('{') || (!members && !dict)) return 'lines';
	return isLines(start, keys) ? 'lines' : dict ? 'dict' : 'members';
}

const isObject = (value: unknown): value is object =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Whether a text that starts with an object has one a line: the first line is a whole object with a known key, or more
 * follows it; or it is broken, and the next is an object where it could not go on.
 */
function isLines(start: string, keys: readonly string[]): boolean {
	const [first = '', second = ''] = start.split('\n', LOOKED_AT).filter((line) => line.trim() !== '');
	const { value } = parsed(first, 1);
	if (isObject(value)) return second !== '' || keys.some((key) => Object.hasOwn(value, key));
	return !GOES_ON.test(first) && isObject(parsed(second, 2).value);
}

interface Item {
	text: string;
	line: number;
}

const [NEWLINE, QUOTE, COMMA, COLON, BACKSLASH] = [10, 34, 44, 58, 92];
const [OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [91, 93, 123, 125];

const AFTER_END = 'goes on after its end; are these JSON lines of another task?';

/** Longest name of a member that is looked at. */
const MAX_KEY = 200;

/** Cuts the elements out of a JSON list or object, without reading what is in them. */
class Splitter {
	private depth = 0;
	private inString = false;
	private escaped = false;
	private line = 1;
	/** Depth of the elements: 1, or 2 where they are in members. */
	private readonly level: number;
	private collecting = false;
	private held = '';
	private heldLine = 1;
	private key: string | null = null;
	private lastKey = '';
	private done = false;

	constructor(
		private readonly where: string,
		private readonly members?: readonly string[],
	) {
		this.level = members ? 2 : 1;
	}

	/** The elements that end in this piece of text. */
	push(text: string): Item[] {
		const items: Item[] = [];
		let start = 0;
		const flush = (end: number, last: boolean) => {
			const raw = this.held + text.slice(start, end);
			const trimmed = raw.trimStart();
			const blank = raw.length - trimmed.length;
			const lines = blank === 0 ? 0 : raw.slice(0, blank).split('\n').length - 1;
			if (!last || trimmed !== '') items.push({ text: trimmed, line: this.heldLine + lines });
			this.held = '';
			this.heldLine = this.line;
			start = end + 1;
		};
		for (let i = 0; i < text.length; i++) {
			const c = text.charCodeAt(i);
			if (c === NEWLINE) this.line++;
			if (this.inString) {
				if (this.escaped) this.escaped = false;
				else if (c === BACKSLASH) this.escaped = true;
				else if (c === QUOTE) this.inString = false;
				if (this.key !== null) {
					if (!this.inString) [this.lastKey, this.key] = [this.key, null];
					else if (this.key.length < MAX_KEY) this.key += text[i];
				}
			} else if (c === QUOTE) {
				if (this.done) this.fail(AFTER_END);
				this.inString = true;
				if (this.members && this.depth === 1) this.key = '';
			} else if (c === OPEN || c === OPEN_LIST) {
				if (this.done) this.fail(AFTER_END);
				this.depth++;
				if (this.depth === this.level && (!this.members || (c === OPEN_LIST && this.members.includes(this.lastKey)))) {
					this.collecting = true;
					this.heldLine = this.line;
					start = i + 1;
				}
			} else if (c === CLOSE || c === CLOSE_LIST) {
				if (this.collecting && this.depth === this.level) {
					flush(i, true);
					this.collecting = false;
				}
				this.depth--;
				if (this.depth === 0) this.done = true;
				if (this.depth < 0) this.fail('closes more than it opens');
			} else if (c === COMMA && this.collecting && this.depth === this.level) flush(i, false);
			else if (c === COLON && this.depth === 0) this.fail('is not a list or an object');
		}
		if (this.collecting) this.held += text.slice(start);
		if (this.held.length > MAX_RECORD) this.fail(`has a record of more than ${MAX_RECORD} characters`);
		return items;
	}

	/** To be called after the last piece. */
	end(): void {
		if (!this.done) this.fail('ends in the middle; is it truncated?');
	}

	private fail(what: string): never {
		throw new InputError(`${this.where}:${this.line}: the JSON ${what}`, { code: 'json' });
	}
}
