import { InputError } from '../../base/errors.ts';
import { baseName, type DataFile } from '../score-file.ts';
import { recordsOf } from '../score-json.ts';
import { readControlled } from './controlled.ts';
import { readPhoto } from './photo.ts';
import type { WhatsUpQuestion } from './question.ts';

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
