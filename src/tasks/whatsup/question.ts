import type { ScoredQuestion } from '../score-pairing.ts';
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
