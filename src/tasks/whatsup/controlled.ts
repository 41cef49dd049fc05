import { z } from 'zod';
import { InputError } from '../../base/errors.ts';
import { show, validate } from '../../base/json.ts';
import { baseName } from '../score-file.ts';
import type { WhatsUpRow } from './question.ts';
import type { Relation } from './relations.ts';

const schema = z.object({ image_path: z.string(), caption_options: z.array(z.string()).min(4) });

/** Things of the photos that are spoken of as several. */
const PLURALS = ['glasses', 'headphones', 'scissors', 'shoes', 'sunglasses'];

/** A relation as the name of an image has it, in its second part: `wineglass_left_of_table.jpeg`. */
const NAMED: ReadonlyMap<string, Relation> = new Map(
	(['left', 'right', 'on', 'under', 'in-front', 'behind'] as const).map((relation) => [relation, relation]),
);

/** A controlled photo of two objects: what is where is read from the image's name, as the official code does. */
export function readControlled(value: unknown, where: string): WhatsUpRow {
	const hint = "is it What'sUp's annotation file?";
	const row = validate(schema, value, { where, code: 'whatsup-data', hint });
	const parts = baseName(row.image_path)
		.replace(/\.[^.]+$/, '')
		.split('_');
	const relation = parts.length < 3 ? undefined : NAMED.get(parts[1]!);
	if (relation === undefined) {
		throw new InputError(`${where}: image_path: ${show(row.image_path)} names no relation; ${hint}`, {
			code: 'whatsup-data',
		});
	}
	// Further captions are extra negatives of later work; the benchmark has four.
	const captions = row.caption_options.slice(0, 4);
	const subject = parts[0]!;
	return {
		image: row.image_path,
		subject,
		object: parts.at(-1)!,
		plural: PLURALS.includes(subject),
		relation,
		captions,
		subset: captions.some((caption) => /\b(front|behind)\b/.test(caption)) ? 'B' : 'A',
	};
}
