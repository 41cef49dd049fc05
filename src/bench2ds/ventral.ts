import type { Bench, BenchEntry } from './bench.ts';
import { CATEGORIES } from './plan.ts';
import { type QaPair, withArticle } from './questions.ts';

/** Question types of the ventral twin. */
export const VENTRAL_CATEGORIES = ['color', 'shape', 'exists', 'count'];

export const NUMBER_WORDS = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');

/** For every image: null where the existence question names an object that is there, else whose shape it borrows. */
function decoys({ entries }: Bench): Map<string, number | null> {
	const result = new Map<string, number | null>();
	let dealt = 0;
	for (const category of CATEGORIES) {
		for (let object = 0; object < category; object++) {
			let borrowed = 0;
			for (const { key, place } of entries.filter(
				(entry) => entry.category === category && entry.place.object === object,
			)) {
				const isThere = dealt++ % 2 === 0;
				result.set(key, isThere ? null : (place.object + 1 + (borrowed++ % (category - 1))) % category);
			}
		}
	}
	return result;
}

/**
 * The same images with no spatial content, four questions each, about the object that the absolute questions ask for.
 * A question about something absent joins its colour to another object's shape: both are in the image, only not
 * together. Chance: of colour and shape one in the number of objects (a guess that sees which colours there are, but
 * not what has which), of existence 1/2, of the number 1/5.
 */
export function ventralQuestions(bench: Bench): (entry: BenchEntry) => QaPair[] {
	const decoyOf = decoys(bench);
	return ({ key, category, scene, place }) => {
		const { color, shape } = scene.objects[place.object]!;
		const decoy = decoyOf.get(key) ?? null;
		const named = `${color} ${decoy === null ? shape : scene.objects[decoy]!.shape}`;
		return [
			{
				qa_category: 'color',
				question: `What color is the ${shape}?`,
				answer: color,
				form: 'open',
				chance: 1 / category,
			},
			{
				qa_category: 'shape',
				question: `What shape is the ${color} object?`,
				answer: shape,
				form: 'open',
				chance: 1 / category,
			},
			{
				qa_category: 'exists',
				question: `Is there ${withArticle(named)} in the image?`,
				answer: decoy === null ? 'yes' : 'no',
				form: 'yes-no',
				chance: 1 / 2,
			},
			{
				qa_category: 'count',
				question: 'How many objects are in the image?',
				answer: NUMBER_WORDS[category]!,
				form: 'count',
				chance: 1 / CATEGORIES.length,
			},
		];
	};
}
