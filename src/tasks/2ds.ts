import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Bench, type BenchOptions, type Form, generateBench } from '../bench2ds/bench.ts';
import { RASTER_VERSION } from '../bench2ds/raster.ts';
import { benchRecords, toJsonl, ventralRecords } from '../bench2ds/record.ts';
import type { SceneObject } from '../bench2ds/scene.ts';
import { REACH } from '../bench2ds/shapes.ts';
import { encodePng } from '../image/png.ts';
import { readerOf } from './2ds-answers.ts';
import type { AnswerReader } from './closed.ts';
import type { Graded, Question, Task } from './task.ts';

/** One image and its questions, as a record of ours or of the paper's has them. */
export interface TwoDsItem {
	/** Unique. */
	id: string;
	/** Unique key of the image. */
	image: string;
	/** Number of objects; the paper's name of the category where that is unknown. */
	objects: string;
	questions: readonly TwoDsQuestion[];
}

export interface TwoDsQuestion {
	qa_category: string;
	question: string;
	answer: string;
	/** Where a record does not say, they are found from the answers. */
	form?: string | null | undefined;
	chance?: number | null | undefined;
	/** Further groupings; see `QaPair`. */
	relation?: string | null | undefined;
	pair?: string | null | undefined;
	quad?: string | null | undefined;
}

/** A task whose images are drawn here. */
export interface DrawnTask extends Task {
	/** Scenes and options. */
	bench: Bench;
}

export const TITLE = '2DS: where things are';
export const VENTRAL_TITLE = '2DS, ventral twin: what things are';

const FORM_TITLES: Readonly<Record<Form, string>> = {
	'yes-no': '',
	direction: ' (direction form)',
	both: ' (both forms)',
};

/** Names of the six types split into what names the object and what is asked of it. */
function typeOf(category: string): Record<string, string> {
	const [, names, relation] = /^(.+)_(abs|rel)$/i.exec(category) ?? [];
	if (names === undefined) return {};
	return { names, type: relation!.toLowerCase() === 'abs' ? 'absolute' : 'relative' };
}

/** Share of the most frequent answer, or one in the number of answers where that is more: the best blind guess. */
function blindGuess(answers: readonly string[]): number {
	const counts = new Map<string, number>();
	for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
	return Math.max(1 / counts.size, Math.max(...counts.values()) / answers.length);
}

/** Questions of one type and form, in all items. */
interface Kind {
	form: string;
	reader: AnswerReader;
	/** Right answers by number of objects, for chance. */
	byObjects: Map<string, string[]>;
}

/** Builds a task from records, ours or the paper's. */
export function taskOfItems(
	items: readonly TwoDsItem[],
	rest: Pick<Task, 'name' | 'title' | 'facts' | 'dataHash' | 'image'>,
): Task {
	const kindName = ({ qa_category, form }: TwoDsQuestion) => `${qa_category}\n${form ?? ''}`;
	const answers = new Map<string, Map<string, string[]>>();
	for (const { objects, questions } of items) {
		for (const question of questions) {
			const name = kindName(question);
			const byObjects = answers.get(name) ?? new Map<string, string[]>();
			const list = byObjects.get(objects) ?? [];
			list.push(question.answer);
			answers.set(name, byObjects.set(objects, list));
		}
	}
	const kinds = new Map(
		[...answers].map(([name, byObjects]): [string, Kind] => {
			const { form, reader } = readerOf([...new Set([...byObjects.values()].flat())]);
			return [name, { form, reader, byObjects }];
		}),
	);

	const readers = new Map<string, AnswerReader>();
	const questions = items.flatMap((item) =>
		item.questions.map((asked): Question => {
			const kind = kinds.get(kindName(asked))!;
			const form = asked.form ?? kind.form;
			const suffix = form === 'yes-no' || form === 'direction' ? `/${form}` : '';
			const stem = `${item.id}/${asked.qa_category}${suffix}`;
			let id = stem;
			for (let i = 2; readers.has(id); i++) id = `${stem}#${i}`;
			readers.set(id, kind.reader);
			const sets = { 'set:pair': asked.pair, 'set:quad': asked.quad };
			const named = Object.entries(sets).filter(([, name]) => name != null);
			return {
				id,
				image: item.image,
				prompt: asked.question,
				answer: kind.reader.strict(asked.answer).value ?? asked.answer,
				category: asked.qa_category,
				chance: asked.chance ?? blindGuess(kind.byObjects.get(item.objects)!),
				groups: {
					objects: item.objects,
					form,
					...typeOf(asked.qa_category),
					...(asked.relation != null && { relation: asked.relation }),
					...Object.fromEntries(named.map(([set, name]) => [set, `${name} ${asked.qa_category} ${form}`])),
				},
			};
		}),
	);

	const grade =
		(way: keyof AnswerReader) =>
		({ id, answer }: Question, raw: string): Graded => {
			const reader = readers.get(id);
			if (reader === undefined) throw new RangeError(`${rest.name} has no question ${id}`);
			const parsed = reader[way](raw);
			return { ...parsed, correct: parsed.value === answer };
		};
	return { ...rest, questions, strict: grade('strict'), lenient: grade('lenient') };
}

/** A box around objects of a scene, in pixels. */
function boxAround(objects: readonly SceneObject[], size: number): NonNullable<Question['box']> {
	const reach = ({ shape, radius }: SceneObject) => REACH[shape] * radius;
	const left = Math.min(...objects.map((object) => object.x - reach(object)));
	const top = Math.min(...objects.map((object) => object.y - reach(object)));
	const right = Math.max(...objects.map((object) => object.x + reach(object)));
	const bottom = Math.max(...objects.map((object) => object.y + reach(object)));
	return [left * size, top * size, (right - left) * size, (bottom - top) * size];
}

/** Each question with a box around what it is about: the object at the side, or the two of the relation. */
function withBoxes(questions: readonly Question[], { entries, options }: Bench): Question[] {
	const byKey = new Map(entries.map((entry) => [entry.key, entry]));
	return questions.map((question) => {
		const { scene, place, pair } = byKey.get(question.image)!;
		const absolute = question.groups.type === 'absolute';
		const about = absolute ? [place.object] : [pair.first, pair.second];
		const objects = about.map((index) => scene.objects[index]!);
		return { ...question, box: boxAround(objects, options.size) };
	});
}

function drawnTask(bench: Bench, twin: boolean): DrawnTask {
	const records = twin ? ventralRecords(bench) : benchRecords(bench);
	const { images, size, seed, form, quads, placement } = bench.options;
	const task = taskOfItems(
		records.map(({ entry_id, objects, qa_pairs }) => ({
			id: entry_id,
			image: entry_id,
			objects: String(objects.length),
			questions: qa_pairs,
		})),
		{
			name: twin ? '2ds-ventral' : '2ds',
			title: twin ? VENTRAL_TITLE : `${TITLE}${FORM_TITLES[form]}`,
			facts: { images, size, seed, quads, placement, raster: RASTER_VERSION, ...(twin ? {} : { form }) },
			dataHash: bytesToHex(sha256(utf8ToBytes(`${size} ${RASTER_VERSION}\n${toJsonl(records)}`))),
			image: async (key) => encodePng(bench.image(key)),
		},
	);
	const questions = twin ? task.questions : withBoxes(task.questions, bench);
	return { ...task, questions, pixels: bench.image, bench };
}

/**
 * The 2DS benchmark as a task, generated from its options. Groups: `objects` (2 … 6), `type` (absolute, relative),
 * `names` (color, shape, shape_color), `form` (open, yes-no, direction), `relation` (the side asked about, or the true
 * direction); with `quads` the sets `set:pair` and `set:quad`.
 */
export function twoDsTask(options: BenchOptions = {}): DrawnTask {
	return drawnTask(generateBench(options), false);
}

/** Its ventral twin: the same images, with questions about colours, shapes, existence and number. */
export function ventralTask(options: BenchOptions = {}): DrawnTask {
	return drawnTask(generateBench(options), true);
}
