import { InputError } from '../../base/errors.ts';
import type { ScoredQuestion } from '../score-engine.ts';
import { baseName, type DataFile } from '../score-file.ts';
import { recordsOf } from '../score-json.ts';
import { readControlled } from './controlled.ts';
import { readPhoto } from './photo.ts';
import type { Relation, Subset } from './relations.ts';

export interface WhatsUpQuestion extends ScoredQuestion {
	/** Place in the file, from 0: the files have no ids. */
	id: string;
	/** Path of the image as the file has it, or its number in COCO or Visual Genome. */
	image: string;
	/** `wineglass` and `table`: controlled photos of one pair of objects are a set. */
	subject: string;
	/** Null where the question is where in the photo the one object is. */
	object: string | null;
	/** Whether the subject is spoken of as several. */
	plural: boolean;
	relation: Relation;
	/** The captions that the benchmark chooses from, four or two; the first one is right. */
	captions: string[];
	subset: Subset;
}

/** What a row says; the rest of a question is the same for all. */
export type WhatsUpRow = Omit<WhatsUpQuestion, 'id' | 'text' | 'needed'>;

/**
 * What'sUp's annotations, streamed: the controlled images (`controlled_images_dataset.json`, A;
 * `controlled_clevr_dataset.json`, B), or photos of COCO and Visual Genome (`coco_qa_one_obj.json`,
 * `coco_qa_two_obj.json`, `vg_qa_one_obj.json`, `vg_qa_two_obj.json`).
 */
export async function* readWhatsUp(files: readonly DataFile[]): AsyncGenerator<WhatsUpQuestion> {
	const [file, second] = files;
	if (!file || second) {
		const names = files.map(({ name }) => name).join(', ');
		throw new InputError(`${names}: What'sUp images have no ids; give one file at a time`, { code: 'whatsup-data' });
	}
	// Rows of COCO and Visual Genome look alike; only the files' names tell them apart.
	const source = /vg/i.test(baseName(file.name)) ? 'vg' : 'coco';
	let index = 0;
	for await (const { line, value, broken } of recordsOf(file, { keys: ['image_path'] })) {
		const where = `${file.name}:${line}`;
		if (broken !== undefined) throw new InputError(`${where}: not JSON (${broken})`, { code: 'whatsup-data' });
		const row = Array.isArray(value) ? readPhoto(value, source, where) : readControlled(value, where);
		yield { id: String(index++), text: null, needed: true, ...row };
	}
}
