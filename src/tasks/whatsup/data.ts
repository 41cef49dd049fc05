import { z } from 'zod';
import { InputError } from '../../base/errors.ts';
import { validate } from '../../base/json.ts';
import type { Phrase } from '../score-choice.ts';
import type { ScoredQuestion } from '../score-engine.ts';
import { baseName, type DataFile } from '../score-file.ts';
import { recordsOf } from '../score-json.ts';

export type Relation = 'left' | 'right' | 'on' | 'under' | 'in-front' | 'behind';

export interface WhatsUpQuestion extends ScoredQuestion {
	/** Place in the file, from 0: the files have no ids. */
	id: string;
	/** Path of the image as the file has it. */
	image: string;
	/** `wineglass` and `table`: the photos of one pair of objects are a set. */
	subject: string;
	object: string;
	relation: Relation;
	/** The four captions; the first one is right. */
	captions: string[];
	/** Images A has on and under, images B in front and behind. */
	subset: 'A' | 'B';
}

/** Relations of a subset, in the order of the prompt. */
export const RELATIONS = {
	A: ['left', 'right', 'on', 'under'],
	B: ['left', 'right', 'in-front', 'behind'],
} as const satisfies Record<string, readonly Relation[]>;

/** How a relation may be put in words. */
export const PHRASES: readonly (readonly [string, Relation])[] = [
	...(['left', 'right'] as const).flatMap((side) =>
		[`${side}`, `on the ${side}`, `to the ${side}`, `${side} of`, `to the ${side} of`, `on the ${side} of`].map(
			(phrase) => [phrase, side] as const,
		),
	),
	...['on', 'on top', 'on top of'].map((phrase) => [phrase, 'on'] as const),
	...['under', 'underneath', 'beneath', 'below'].map((phrase) => [phrase, 'under'] as const),
	...['front', 'in front', 'in front of', 'in-front', 'in-front of'].map((phrase) => [phrase, 'in-front'] as const),
	...['behind'].map((phrase) => [phrase, 'behind'] as const),
];

/** The phrases of one subset, and its captions as whole answers. */
export function phrasesOf({ subset, captions }: WhatsUpQuestion): Phrase[] {
	const own: readonly Relation[] = RELATIONS[subset];
	const relations = PHRASES.filter(([, relation]) => own.includes(relation));
	return [
		...relations,
		...captions.flatMap((caption): Phrase[] => {
			const relation = relationOf(caption);
			return relation ? [[caption, relation]] : [];
		}),
	];
}

const WORDS: readonly (readonly [string, Relation])[] = [
	['left', 'left'],
	['right', 'right'],
	['on', 'on'],
	['under', 'under'],
	['front', 'in-front'],
	['behind', 'behind'],
];

function relationOf(caption: string): Relation | null {
	const words = caption.split(/\s+/);
	return WORDS.find(([word]) => words.includes(word))?.[1] ?? null;
}

const schema = z.object({ image_path: z.string(), caption_options: z.array(z.string()).min(4) });

/** What the name of an image says: `wineglass_left_of_table.jpeg`, as the official code takes it apart. */
function parse(path: string): { subject: string; object: string; relation: string } | null {
	const parts = baseName(path)
		.replace(/\.[^.]+$/, '')
		.split('_');
	const [subject, relation] = parts;
	const object = parts.at(-1);
	return parts.length < 3 ? null : { subject: subject!, object: object!, relation: relation! };
}

/** What'sUp's controlled images, A or B (`controlled_images_dataset.json`, `controlled_clevr_dataset.json`), streamed. */
export async function* readWhatsUp(files: readonly DataFile[]): AsyncGenerator<WhatsUpQuestion> {
	const [file, second] = files;
	if (!file || second) {
		const names = files.map(({ name }) => name).join(', ');
		throw new InputError(`${names}: What'sUp images have no ids; give one file at a time`, { code: 'whatsup-data' });
	}
	let index = 0;
	for await (const { line, value, broken } of recordsOf(file, { keys: ['image_path'] })) {
		const where = `${file.name}:${line}`;
		if (broken !== undefined) throw new InputError(`${where}: not JSON (${broken})`, { code: 'whatsup-data' });
		const hint = "is it What'sUp's annotation file?";
		const row = validate(schema, value, { where, code: 'whatsup-data', hint });
		const named = parse(row.image_path);
		const relation = PHRASES.find(([, known]) => known === named?.relation)?.[1];
		if (!named || relation === undefined) {
			throw new InputError(`${where}: image_path: ${JSON.stringify(row.image_path)} names no relation; ${hint}`, {
				code: 'whatsup-data',
			});
		}
		// Further captions are extra negatives of later work; the benchmark has four.
		const captions = row.caption_options.slice(0, 4);
		const isB = captions.some((caption) => /\b(front|behind)\b/.test(caption));
		yield {
			id: String(index++),
			text: null,
			needed: true,
			image: row.image_path,
			subject: named.subject,
			object: named.object,
			relation,
			captions,
			subset: isB ? 'B' : 'A',
		};
	}
}
