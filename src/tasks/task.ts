import type { RgbImage } from '../image/image.ts';

/** What every benchmark is turned into: rows → prompt → parsed answer → score. */

/** `ok`: one answer was read; `ambiguous`: several fit; `none`: none did. */
export type ParseStatus = 'ok' | 'ambiguous' | 'none';

export interface Parsed {
	/** The answer that was read, in the task's own vocabulary; null unless `status` is `ok`. */
	value: string | null;
	status: ParseStatus;
}

export interface Question {
	/** Unique within the task's data. */
	id: string;
	/** Key of the image, unique within the data; the cluster of every bootstrap. */
	image: string;
	/** The text put to the model, suffix included. */
	prompt: string;
	/** The right answer, in the task's own vocabulary. */
	answer: string;
	/** The row of the task's main table that the question counts in, such as `color_abs`. */
	category: string;
	/**
	 * Expected accuracy of a guess that knows the vocabulary but not the image, 0 … 1. In 2DS it knows which objects are
	 * there, too, but not where.
	 */
	chance: number;
	/** The options as the prompt lists them, in its order; absent where it lists none. Letters stand for them. */
	choices?: readonly string[];
	/** What the question is about: left, top, width, height in pixels of the stored image. Absent where unknown. */
	box?: readonly [left: number, top: number, width: number, height: number];
	/** Other ways to group results, such as `{ objects: '3', form: 'yes-no' }`. */
	groups: Record<string, string>;
}

/** One reading of a raw answer under one protocol. */
export interface Graded extends Parsed {
	correct: boolean;
}

/** A benchmark: its data and its rules. Pure: no model, no files but through `image`. */
export interface Task {
	/** `2ds`, `2ds-ventral`, `pope` … */
	name: string;
	/** One line for tables and reports. */
	title: string;
	/** What determines the questions: seed, form, data hash; goes into the manifest whole. */
	facts: Record<string, string | number | boolean | null>;
	/** sha256 of the questions and images (or of what determines them), hex. */
	dataHash: string;
	questions: readonly Question[];
	/** Encoded image bytes (PNG, JPEG or WebP) by key. */
	image(key: string): Promise<Uint8Array>;
	/** The same image as pixels, of a task that draws its images: saves encoding and decoding them. */
	pixels?(key: string): RgbImage;
	/** Reads the whole answer: it must be one of the allowed answers and nothing else, case and full stop aside. */
	strict(question: Question, raw: string): Graded;
	/** Looks for an allowed answer anywhere in the text. */
	lenient(question: Question, raw: string): Graded;
}
