import { z } from 'zod';
import { InputError } from '../../base/errors.ts';
import { show, validate } from '../../base/json.ts';
import { idSchema } from '../score-json.ts';
import type { WhatsUpRow } from './question.ts';
import { RELATIONS, type Relation } from './relations.ts';

/** A row: the image's number, the right caption, the wrong one. */
const schema = z.tuple([idSchema, z.string(), z.string()]).rest(z.unknown());

const ARTICLE = /^(?:an?|the)\s+/i;

/** `A photo of a dining table on the bottom`: where in the photo the one object is. */
const ONE = /^(.+?)\s+(?:(?:on|at|in|to)\s+(?:the\s+)?)?(left|right|top|bottom|front|behind)$/i;
/** `A photo of a bird to the left of a giraffe`, `… above a giraffe`. */
const TWO =
	/^(.+?)\s+(?:(?:on|at|in|to)\s+(?:the\s+)?)?((?:left|right|front|top|bottom)(?=\s+of)|behind|above|over|on|below|under(?:neath)?|beneath)(?:\s+of)?\s+(.+)$/i;

const IN_PHOTO: Readonly<Record<string, Relation>> = { front: 'in-front' };
const OF_TWO: Readonly<Record<string, Relation>> = {
	front: 'in-front',
	top: 'above',
	over: 'above',
	on: 'above',
	bottom: 'below',
	under: 'below',
	underneath: 'below',
	beneath: 'below',
};

interface Said {
	subject: string;
	object: string | null;
	relation: Relation;
}

/** What a caption says is where; null where it cannot be told. */
export function captionSays(caption: string): Said | null {
	const text = caption
		.trim()
		.replace(/\.$/, '')
		.replace(/^an? (?:photo|picture|image) of\s+/i, '');
	const one = ONE.exec(text);
	if (one) return said(one[1]!, null, one[2]!, IN_PHOTO);
	const two = TWO.exec(text);
	return two && said(two[1]!, two[3]!, two[2]!, OF_TWO);
}

function said(subject: string, object: string | null, word: string, meaning: typeof OF_TWO): Said {
	const plain = word.toLowerCase();
	return { subject, object, relation: meaning[plain] ?? (plain as Relation) };
}

/** A photo of COCO or Visual Genome with a right and a wrong caption; which of the two its file's name says. */
export function readPhoto(value: unknown, source: 'coco' | 'vg', where: string): WhatsUpRow {
	const hint = "is it What'sUp's annotation file?";
	const [image, ...texts] = validate(schema, value, { where, code: 'whatsup-data', hint });
	const captions = texts.slice(0, 2) as [right: string, wrong: string];
	const says = captionSays(captions[0]);
	const subset = `${source}-${says?.object == null ? 'one' : 'two'}` as const;
	const relations: readonly Relation[] = RELATIONS[subset];
	if (says === null || !relations.includes(says.relation)) {
		throw new InputError(
			`${where}: caption ${show(captions[0])} names none of ${relations.join(', ')}; ${hint} Those of Visual Genome have "vg" in their names`,
			{ code: 'whatsup-data' },
		);
	}
	return {
		image: String(image),
		subject: says.subject.replace(ARTICLE, ''),
		object: says.object?.replace(ARTICLE, '') ?? null,
		// Captions have an article before what is one, and none before what is several.
		plural: !ARTICLE.test(says.subject),
		relation: says.relation,
		captions,
		subset,
	};
}
