import { InputError, UsageError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import { adviceOn } from './score-engine.ts';
import { type DataFile, hashFiles } from './score-file.ts';
import type { Graded, Parsed, Question, Task } from './task.ts';

/** What a benchmark needs to become a task that a model can be asked. */
export interface TaskInput {
	/** The benchmark's own files. */
	files: readonly DataFile[];
	/** Encoded bytes of an image by the name that the files give it. */
	images: (name: string) => Promise<Uint8Array>;
	/** Name of the prompt's wording; each benchmark has a default. */
	prompt?: string;
}

/** A suffix, or whatever else makes the benchmark's question into a prompt, by name; the first is the default. */
export type Wordings<Q> = Readonly<Record<string, (question: Q) => string>>;

/** LLaVA's suffix for short answers. */
export const SHORT = '\nAnswer the question using a single word or phrase.';
/** LLaVA's and Cambrian's suffix for choices. */
export const LETTER = "\nAnswer with the option's letter from the given choices directly.";

interface Definition<Q extends { id: string }> {
	name: string;
	title: string;
	questions: AsyncIterable<Q>;
	wordings: Wordings<Q>;
	describe(question: Q): Omit<Question, 'id' | 'prompt'>;
	/** Right answers are counted by this vocabulary in the facts; omitted where it is open. */
	answers?: readonly string[];
	/** Further facts. */
	facts?: Task['facts'];
	strict(question: Q, raw: string): Parsed & { correct?: boolean };
	lenient(question: Q, raw: string): Parsed & { correct?: boolean };
	image?: (key: string) => Promise<Uint8Array>;
}

/** Builds a task: reads all questions, words the prompts, counts the balance of answers. */
export async function buildTask<Q extends { id: string }>(
	{ files, images, prompt }: TaskInput,
	definition: Definition<Q>,
): Promise<Task> {
	const { name, title, wordings, describe, answers = [], strict, lenient, facts, image = images } = definition;
	const wording = prompt ?? Object.keys(wordings)[0]!;
	const word = wordings[wording];
	if (!word || !Object.hasOwn(wordings, wording)) {
		const known = Object.keys(wordings).join(', ');
		throw new UsageError(`${name}: no prompt ${JSON.stringify(wording)}; it has ${known}`, { code: 'prompt' });
	}
	const own = new Map<string, Q>();
	const questions: Question[] = [];
	const names = files.map((file) => file.name).join(', ');
	for await (const question of definition.questions) {
		if (own.has(question.id)) {
			throw new InputError(`${name}: two questions have the id ${show(question.id)} in ${names}${adviceOn(files)}`, {
				code: 'question-id',
			});
		}
		own.set(question.id, question);
		questions.push({ id: question.id, prompt: word(question), ...describe(question) });
	}
	if (questions.length === 0) {
		throw new InputError(`${name}: no questions in ${names}`, { code: 'no-data' });
	}
	const dataHash = await hashFiles(files);
	const grade =
		(read: Definition<Q>['strict']) =>
		({ id, answer }: Question, raw: string): Graded => {
			const parsed = read(own.get(id)!, raw);
			return { ...parsed, correct: parsed.correct ?? parsed.value === answer };
		};
	const balance = answers.map((answer) => [
		`answers: ${answer}`,
		questions.filter((question) => question.answer === answer).length,
	]);
	return {
		name,
		title,
		facts: { data: dataHash, prompt: wording, questions: questions.length, ...Object.fromEntries(balance), ...facts },
		dataHash,
		questions,
		image,
		strict: grade(strict),
		lenient: grade(lenient),
	};
}
