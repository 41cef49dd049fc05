import { InputError } from '../../base/errors.ts';
import { show } from '../../base/json.ts';
import type { Answers } from '../score-answers.ts';
import { type Pairing, pairById, pairByLine } from '../score-pairing.ts';
import type { GivenAnswer } from '../score-record.ts';
import { CATEGORIES } from './data.ts';

/**
 * LLaVA asks all categories from one file and tells them apart by number: adversarial from 1, random from 10,000,001,
 * popular from 20,000,001; the rest is the number of the question in its category.
 */
const LLAVA_STEP = 10_000_000;
const LLAVA_ORDER = ['adversarial', 'random', 'popular'] as const;

/** In lmms-eval's data set of POPE the categories follow one another, each numbered from 1; its log may not name them. */
const LMMS_EVAL_ORDER = ['adversarial', 'popular', 'random'] as const;

/**
 * Names the categories of a log of lmms-eval by their order: the next one begins where a number comes again. Only where
 * there are three of them and every answer repeats its question, by which the engine finds out if the order is another.
 */
function byOrder(given: readonly GivenAnswer[]): readonly GivenAnswer[] {
	if (given.some(({ id, asked, category, llava }) => !llava || !id || asked === null || category !== null))
		return given;
	const named: GivenAnswer[] = [];
	let [part, seen] = [0, new Set<string | null>()];
	for (const answer of given) {
		if (seen.has(answer.id)) [part, seen] = [part + 1, new Set()];
		seen.add(answer.id);
		named.push({ ...answer, category: LMMS_EVAL_ORDER[part] ?? null });
	}
	return part === LMMS_EVAL_ORDER.length - 1 ? named : given;
}

interface Placed {
	answer: GivenAnswer;
	category: string;
	number: string;
}

const isLlavaNumber = (id: string | null) => id !== null && /^[12]0{3}\d{4}$/.test(id) && Number(id) % LLAVA_STEP > 0;

/** Says to which file's question each answer belongs; null where nothing says it. */
function place(answer: GivenAnswer, only: string | null, llavaNumbers: boolean): Placed | null {
	const id = answer.id!;
	const slash = id.indexOf('/');
	if (slash > 0) return { answer, category: id.slice(0, slash), number: id.slice(slash + 1) };
	if (llavaNumbers && /^\d+$/.test(id)) {
		const category = LLAVA_ORDER[Math.floor(Number(id) / LLAVA_STEP)];
		if (category !== undefined) return { answer, category, number: String(Number(id) % LLAVA_STEP) };
	}
	const category = CATEGORIES.find((known) => known === answer.category) ?? only;
	return category === null ? null : { answer, category, number: id };
}

/**
 * Pairs answers with the questions of the given categories. By id: `popular/17`, LLaVA's numbers, or the plain ids
 * of one file. Answers without ids stand in the order of one file. As in LLaVA's `eval_pope.py`, answers to categories
 * whose files were not given are left out (and counted).
 */
export function pairPope({ given: read, file }: Answers, categories: readonly string[]): Pairing {
	const given = byOrder(read);
	const only = categories.length === 1 ? categories[0]! : null;
	const unsure = (first: string) =>
		new InputError(
			`${file}: nothing says to which of ${categories.join(', ')} its answers belong (${first}); score one file at a time`,
			{ code: 'answers' },
		);
	if (given.length > 0 && given.every(({ id }) => id === null)) {
		if (only === null) throw unsure('they have no ids');
		return pairByLine(given);
	}
	const llavaNumbers = given.some(({ id }) => isLlavaNumber(id));
	const placed = given
		.filter(({ id }) => id !== null)
		.map((answer) => {
			const where = place(answer, only, llavaNumbers);
			if (where === null) throw unsure(`first id ${show(answer.id)}, line ${answer.line}`);
			return where;
		});
	const unnamed = only !== null && !(CATEGORIES as readonly string[]).includes(only);
	const oneCategory = new Set(placed.map(({ category }) => category)).size === 1;
	const renamed = placed.map(({ answer, category, number }) => {
		// A file whose name tells no category takes the answers of the only one there is.
		const own = unnamed && oneCategory ? only : category;
		return { ...answer, id: `${own}/${number}`, category: own };
	});
	const isElsewhere = ({ category }: (typeof renamed)[number]) =>
		!categories.includes(category) && (CATEGORIES as readonly string[]).includes(category);
	const here = renamed.filter((answer) => !isElsewhere(answer));
	const nameless = given.filter(({ id }) => id === null);
	return { ...pairById([...here, ...nameless]), leftOut: renamed.length - here.length };
}
