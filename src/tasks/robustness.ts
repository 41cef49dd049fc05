import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { InputError, UsageError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import { closed } from './closed.ts';
import { PARAPHRASES, type Paraphrase } from './paraphrases.ts';
import { anyOption, letterOf, wholeOption } from './score-choice.ts';
import type { Graded, Parsed, Question, Task } from './task.ts';

/** One way to ask a question. What is left out is as in the question itself. */
interface Version {
	/** Tells the versions of a question apart, as the value of a group: `0`, `1` … */
	label: string;
	prompt: string;
	answer?: string;
	choices?: readonly string[];
	chance?: number;
	/** Reads answers in place of the task's own rules. */
	read?: { strict(raw: string): Parsed; lenient(raw: string): Parsed };
}

interface Transformation {
	/** Name of the group that holds the label, and of the set of one question's versions. */
	name: string;
	/** What is added to the task's title. */
	title: string;
	/** Undefined where a question cannot be asked so; it is left out. */
	versions(question: Question): readonly Version[] | undefined;
	/** Why a task without a single suitable question has none. */
	needs: string;
}

/** Sets of the task itself hold for each version alone: a pair asked in three wordings is three pairs. */
function versionGroups(own: Question['groups'], label: string): Question['groups'] {
	return Object.fromEntries(
		Object.entries(own).map(([name, value]) => [name, name.startsWith('set:') ? `${value} ~${label}` : value]),
	);
}

/**
 * A task whose questions are asked in several versions. The versions of a question are the set `set:NAME`, whose
 * accuracy is the share of questions answered rightly in every version; the group NAME has the accuracy of each version.
 */
function transformed(task: Task, { name, title, versions, needs }: Transformation): Task {
	const origin = new Map<string, { question: Question; version: Version }>();
	const questions = task.questions.flatMap((question) =>
		(versions(question) ?? []).map((version): Question => {
			const { label, prompt, answer = question.answer, choices = question.choices } = version;
			const id = `${question.id} ~${name} ${label}`;
			origin.set(id, { question, version });
			return {
				...question,
				id,
				prompt,
				answer,
				chance: version.chance ?? question.chance,
				...(choices && { choices }),
				groups: { ...versionGroups(question.groups, label), [name]: label, [`set:${name}`]: question.id },
			};
		}),
	);
	if (questions.length === 0) {
		throw new UsageError(`--variants ${name}: ${task.name} has no question for it; ${needs}`, { code: 'variants' });
	}
	const grade =
		(way: 'strict' | 'lenient') =>
		({ id, answer }: Question, raw: string): Graded => {
			const found = origin.get(id);
			if (!found) throw new RangeError(`${task.name} has no question ${id}`);
			const { question, version } = found;
			if (!version.read) return task[way](question, raw);
			const parsed = version.read[way](raw);
			return { ...parsed, correct: parsed.value === answer };
		};
	const asked = questions.map(({ id, prompt, answer }) => [id, prompt, answer]);
	return {
		...task,
		title: `${task.title} (${title})`,
		facts: { ...task.facts, variants: name },
		dataHash: bytesToHex(sha256(utf8ToBytes(JSON.stringify([task.dataHash, asked])))),
		questions,
		strict: grade('strict'),
		lenient: grade('lenient'),
	};
}

/**
 * Where the options' texts stand in a prompt: behind their letters, else as words; found from the end, because the
 * question before them may hold the same words.
 */
function placesOf(prompt: string, choices: readonly string[]): number[] | undefined {
	const lettered = (at: number, i: number) => new RegExp(`${letterOf(i)}[).:]\\s*$`).test(prompt.slice(0, at));
	const asWord = (at: number, i: number) =>
		!/[\p{L}\p{N}]$/u.test(prompt.slice(0, at)) && !/^[\p{L}\p{N}]/u.test(prompt.slice(at + choices[i]!.length));
	return chain(prompt, choices, lettered) ?? chain(prompt, choices, asWord);
}

/** The last places of the options, one before the other, that `fits` accepts; undefined where there are none. */
function chain(prompt: string, choices: readonly string[], fits: (at: number, i: number) => boolean) {
	const places: number[] = [];
	let end = prompt.length;
	for (let i = choices.length - 1; i >= 0; i--) {
		let at = end;
		do {
			// lastIndexOf takes a negative start for 0 and would find the same place for ever.
			at = at === 0 ? -1 : prompt.lastIndexOf(choices[i]!, at - 1);
		} while (at >= 0 && !(at + choices[i]!.length <= end && fits(at, i)));
		if (at < 0) return undefined;
		places.unshift(at);
		end = at;
	}
	return places;
}

/** The prompt with other texts in the options' places. */
function withChoices(
	prompt: string,
	old: readonly string[],
	places: readonly number[],
	next: readonly string[],
): string {
	let text = prompt.slice(0, places[0]);
	places.forEach((at, i) => {
		text += next[i]! + prompt.slice(at + old[i]!.length, places[i + 1]);
	});
	return text;
}

function rotations(question: Question): Version[] | undefined {
	const { prompt, choices, answer } = question;
	if (!choices || choices.length < 2) return undefined;
	const places = placesOf(prompt, choices);
	if (!places) {
		throw new InputError(`question ${show(question.id)}: its options ${show(choices)} do not stand in its prompt`, {
			code: 'variants',
		});
	}
	const letters = choices.map((_, i) => letterOf(i));
	const right = letters.indexOf(answer);
	return choices.map((_, shift) => {
		const rotated = choices.map((_, i) => choices[(i + shift) % choices.length]!);
		const version = { label: String(shift), prompt: withChoices(prompt, choices, places, rotated), choices: rotated };
		// An answer that is an option's text stays right wherever the option stands.
		if (right === -1) return version;
		return {
			...version,
			answer: letterOf((right - shift + choices.length) % choices.length),
			read: {
				strict: (raw: string) => wholeOption(raw, rotated),
				lenient: (raw: string) => anyOption(raw, rotated),
			},
		};
	});
}

/**
 * Circular evaluation (MMBench, arXiv 2307.06281): every question with options is asked once for each rotation of them,
 * so that a preference for a letter or a place shows. Questions without options are left out.
 */
export function circular(task: Task): Task {
	return transformed(task, {
		name: 'circular',
		title: 'options in every rotation',
		versions: rotations,
		needs: 'its questions list no options',
	});
}

/** Every question as it stands and in other words; questions that no rule fits are left out. Default: 2DS's wordings. */
export function paraphrased(task: Task, rules: readonly Paraphrase[] = PARAPHRASES): Task {
	return transformed(task, {
		name: 'paraphrases',
		title: 'in several wordings',
		versions({ prompt }) {
			const rule = rules.find(({ pattern }) => pattern.test(prompt));
			const wordings = rule && [prompt, ...rule.wordings.map((wording) => prompt.replace(rule.pattern, wording))];
			return wordings?.map((wording, i) => ({ label: String(i), prompt: wording }));
		},
		needs: 'there are other wordings for the questions of 2DS and its ventral twin',
	});
}

const OPPOSITE: Readonly<Record<string, string>> = { left: 'right', right: 'left', above: 'below', below: 'above' };
/** Added to two options of the other axis; the same for both, so that it says nothing about which is right. */
const THIRD: Readonly<Record<string, string>> = { left: 'above', right: 'above', above: 'left', below: 'left' };

/**
 * A question for a direction is asked with two options, the right one and its opposite, and with a third on the other
 * axis: a model that knows the answer gives it both times (binary-stable, ternary-fragile: arXiv 2606.01914). Left out
 * are questions whose answer is not left, right, above or below.
 */
export function thirdOption(task: Task): Task {
	return transformed(task, {
		name: 'third-option',
		title: 'with two options and with a third',
		versions({ prompt, answer }) {
			const opposite = OPPOSITE[answer];
			if (opposite === undefined) return undefined;
			const pair = ['left', 'above'].includes(answer) ? [answer, opposite] : [opposite, answer];
			const ask = (label: string, options: readonly string[]) => {
				const list = `${options.slice(0, -1).join(', ')} or ${options.at(-1)}`;
				return {
					label,
					prompt: `${prompt} Answer ${list}.`,
					choices: options,
					chance: 1 / options.length,
					read: closed(options),
				};
			};
			return [ask('two', pair), ask('three', [...pair, THIRD[answer]!])];
		},
		needs: 'it needs questions answered by a direction, such as dorsal eval 2ds --form direction',
	});
}

/** Every transformation by its name on the command line. */
export const VARIANTS: Readonly<Record<string, (task: Task) => Task>> = {
	circular,
	paraphrases: (task) => paraphrased(task),
	'third-option': thirdOption,
};
