import { InputError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import type { Question } from '../tasks/task.ts';
import { SET_PREFIX } from './results.ts';

/** Images that are prepared together, with all that is asked about them. */
export interface Chunk {
	/** Keys of the images, in the task's order. */
	images: string[];
	/** Questions image by image; `image` is an index into `images`. */
	asks: { image: number; question: Question }[];
}

export interface Plan {
	/** Number of questions a condition is asked. */
	questions: number;
	chunks: Chunk[];
	/** Questions whose images are kept for reports, no two of one image. */
	gallery: Question[];
}

/**
 * The numbers 0 … n−1 so that every beginning of the list is spread evenly over the range: 0, n/2, n/4, 3n/4, …
 * (bit reversal, the base-2 van der Corput sequence).
 */
export function spreadOrder(n: number): number[] {
	const bits = Math.max(0, Math.ceil(Math.log2(n)));
	const order: number[] = [];
	for (let i = 0; i < 2 ** bits; i++) {
		let reversed = 0;
		for (let bit = 0; bit < bits; bit++) reversed = reversed * 2 + (Math.floor(i / 2 ** bit) % 2);
		if (reversed < n) order.push(reversed);
	}
	return order;
}

function groupByImage(questions: readonly Question[]): Question[][] {
	const ids = new Set<string>();
	const byImage = new Map<string, Question[]>();
	for (const question of questions) {
		if (ids.has(question.id)) {
			throw new InputError(`questions: id ${show(question.id)} occurs twice; ids must be unique`, {
				code: 'question-id',
			});
		}
		ids.add(question.id);
		const group = byImage.get(question.image);
		if (group) group.push(question);
		else byImage.set(question.image, [question]);
	}
	return [...byImage.values()];
}

/** Takes whole images spread evenly over the data until `limit` questions are reached; keeps the data's order. */
function takeLimited(images: readonly Question[][], limit: number): Question[][] {
	const taken = new Map<number, Question[]>();
	let left = limit;
	for (const index of spreadOrder(images.length)) {
		if (left <= 0) break;
		const group = images[index]!.slice(0, left);
		taken.set(index, group);
		left -= group.length;
	}
	return images.flatMap((_, index) => {
		const group = taken.get(index);
		return group ? [group] : [];
	});
}

function setsOf({ groups }: Question): string[] {
	return Object.entries(groups).flatMap(([name, value]) =>
		name.startsWith(SET_PREFIX) ? JSON.stringify([name, value]) : [],
	);
}

/** Takes a question out of every set that the limit has cut: a part of a set is easier to get right than the whole. */
function dropCutSets(taken: Question[][], all: readonly Question[]): Question[][] {
	const missing = new Map<string, number>();
	const count = (questions: readonly Question[], step: number) => {
		for (const question of questions) {
			for (const set of setsOf(question)) missing.set(set, (missing.get(set) ?? 0) + step);
		}
	};
	count(all, 1);
	for (const group of taken) count(group, -1);
	return taken.map((group) =>
		group.map((question) => {
			const whole = Object.entries(question.groups).filter((entry) => !missing.get(JSON.stringify(entry)));
			return { ...question, groups: Object.fromEntries(whole) };
		}),
	);
}

/** Up to `count` questions of different images, the categories in turn, the images spread evenly over the plan. */
function chooseGallery(images: readonly Question[][], count: number): Question[] {
	const left = new Set(spreadOrder(images.length));
	const categories = [...new Set(images.flat().map(({ category }) => category))];
	const chosen: Question[] = [];
	while (categories.length > 0 && chosen.length < count) {
		const category = categories.shift()!;
		for (const index of left) {
			const question = images[index]!.find((candidate) => candidate.category === category);
			if (question === undefined) continue;
			left.delete(index);
			chosen.push(question);
			categories.push(category);
			break;
		}
	}
	return chosen;
}

/** Chunks of `size` images; a last image that would be alone joins the chunk before it, for it needs a partner. */
function cut(images: readonly Question[][], size: number): Question[][][] {
	const chunks: Question[][][] = [];
	for (let i = 0; i < images.length; i += size) chunks.push(images.slice(i, i + size));
	if (size > 1 && chunks.length > 1 && chunks.at(-1)!.length === 1) chunks.at(-2)!.push(...chunks.pop()!);
	return chunks;
}

/**
 * What is asked, in the order in which it is recorded: the task's own order of images. `limit` takes whole images
 * spread evenly over that order (so the parts of the data keep their shares, and a smaller limit asks a subset of a
 * larger one's questions); only the last image taken may lose questions.
 */
export function planQuestions(
	questions: readonly Question[],
	{ limit, imagesPerBatch, gallery }: { limit?: number | undefined; imagesPerBatch: number; gallery: number },
): Plan {
	const all = groupByImage(questions);
	const limited = limit !== undefined && limit < questions.length;
	const images = limited ? dropCutSets(takeLimited(all, limit), questions) : all;
	return {
		questions: limited ? limit : questions.length,
		chunks: cut(images, imagesPerBatch).map((chunk) => ({
			images: chunk.map((group) => group[0]!.image),
			asks: chunk.flatMap((group, image) => group.map((question) => ({ image, question }))),
		})),
		gallery: chooseGallery(images, gallery),
	};
}
