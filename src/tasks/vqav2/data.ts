import { z } from 'zod';
import { InputError } from '../../base/errors.ts';
import { validate } from '../../base/json.ts';
import type { DataFile } from '../score-file.ts';
import { idSchema, recordsOf } from '../score-json.ts';
import type { ScoredQuestion } from '../score-pairing.ts';
import type { HumanAnswer } from './accuracy.ts';

export interface VqaQuestion extends ScoredQuestion {
	/** `question_id`, unique over the whole of VQA v2. */
	id: string;
	imageId: string;
	/** yes/no, number or other. */
	answerType: string;
	/** The question's first words, such as `what color is the`. */
	questionType: string;
	humans: HumanAnswer[];
}

const schema = z.object({
	question_id: idSchema,
	image_id: idSchema,
	answer_type: z.string(),
	question_type: z.string(),
	answers: z
		.array(
			z.object({
				answer: z.string(),
				answer_confidence: z.string().optional(),
				answer_id: idSchema.optional(),
			}),
		)
		.min(1),
});
const idOnly = z.object({ question_id: idSchema });
const questionSchema = z.object({ question_id: idSchema, image_id: idSchema, question: z.string() });

const KEYS = ['question_id'];

async function* rows(file: DataFile, member: string) {
	for await (const { line, value, broken } of recordsOf(file, { members: [member], keys: KEYS })) {
		const where = `${file.name}:${line}`;
		if (broken !== undefined) throw new InputError(`${where}: not JSON (${broken})`, { code: 'vqa-data' });
		yield { where, value };
	}
}

/** Texts of questions by id, of those that are asked for and as far as the files hold them. */
export async function readTexts(
	files: readonly DataFile[],
	ids: ReadonlySet<string | null>,
): Promise<ReadonlyMap<string, string>> {
	const texts = new Map<string, string>();
	for (const file of ids.size > 0 ? files : []) {
		for await (const { value } of rows(file, 'questions')) {
			const { success, data } = questionSchema.safeParse(value);
			if (success && ids.has(String(data.question_id))) texts.set(String(data.question_id), data.question);
		}
	}
	return texts;
}

/**
 * Questions with their human answers: `v2_mscoco_val2014_annotations.json` and its like, streamed. The annotations have
 * no texts; `texts` are those that are known.
 */
export async function* readAnnotations(
	files: readonly DataFile[],
	texts: ReadonlyMap<string, string> = new Map(),
): AsyncGenerator<VqaQuestion> {
	let found = false;
	for (const file of files) {
		for await (const { where, value } of rows(file, 'annotations')) {
			found = true;
			const hint = 'is it a VQA v2 annotation file?';
			const row = validate(schema, value, { where, code: 'vqa-data', hint });
			const id = String(row.question_id);
			yield {
				id,
				text: texts.get(id) ?? null,
				needed: true,
				imageId: String(row.image_id),
				answerType: row.answer_type,
				questionType: row.question_type,
				humans: row.answers,
			};
		}
	}
	if (!found) {
		const names = files.map((file) => file.name).join(', ');
		throw new InputError(`${names}: no annotations; the human answers are in v2_mscoco_*_annotations.json`, {
			code: 'vqa-data',
		});
	}
}

/** A question as it is put, without the human answers. */
export interface VqaText {
	id: string;
	imageId: string;
	question: string;
}

/** Questions without their answers: `v2_OpenEnded_mscoco_val2014_questions.json` and its like, streamed. */
export async function* readQuestions(files: readonly DataFile[]): AsyncGenerator<VqaText> {
	for (const file of files) {
		for await (const { where, value } of rows(file, 'questions')) {
			const row = validate(questionSchema, value, { where, code: 'vqa-data', hint: 'is it a VQA v2 question file?' });
			yield { id: String(row.question_id), imageId: String(row.image_id), question: row.question };
		}
	}
}

/** Ids of all questions of a split, in order: of question or annotation files, or of LLaVA's question lines. */
export async function readQuestionIds(files: readonly DataFile[]): Promise<string[]> {
	const ids = new Set<string>();
	for (const file of files) {
		const options = { members: ['questions', 'annotations'], keys: KEYS };
		for await (const { line, value, broken } of recordsOf(file, options)) {
			const where = `${file.name}:${line}`;
			if (broken !== undefined) throw new InputError(`${where}: not JSON (${broken})`, { code: 'vqa-data' });
			const hint = 'is it a VQA v2 question file?';
			ids.add(String(validate(idOnly, value, { where, code: 'vqa-data', hint }).question_id));
		}
	}
	if (ids.size > 0) return [...ids];
	throw new InputError(`${files.map((file) => file.name).join(', ')}: no questions; is it a VQA v2 question file?`, {
		code: 'vqa-data',
	});
}
