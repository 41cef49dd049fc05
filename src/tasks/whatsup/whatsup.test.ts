import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../base/errors.ts';
import { benchmarkOf, scoreAnswers } from '../score.ts';
import { memoryFile } from '../score-file.ts';
import { readWhatsUp } from './data.ts';
import { captionSays } from './photo.ts';
import type { WhatsUpQuestion } from './question.ts';
import { adaptVisSays, anyRelation, wholeRelation } from './rule.ts';

const captions = (what: string, relations: readonly string[], to: string) =>
	relations.map((relation) => `A ${what} ${relation} a ${to}`);
const A = ['on', 'under', 'to the left of', 'to the right of'];
const B = ['in front of', 'behind', 'to the left of', 'to the right of'];
const photo = (what: string, relation: string, to: string, options = A) => ({
	image_path: `data/controlled_images/${what}_${relation}_${to}.jpeg`,
	caption_options: [...captions(what, options, to), 'A thing beside a thing'],
});
/** One whole set and half of another. */
const PHOTOS = [
	photo('mug', 'left_of', 'table'),
	photo('mug', 'right_of', 'table'),
	photo('mug', 'on', 'table'),
	photo('mug', 'under', 'table'),
	photo('toy-cactus', 'left_of', 'chair'),
	photo('toy-cactus', 'on', 'chair'),
];
const file = (photos: readonly unknown[]) =>
	memoryFile('controlled_images_dataset.json', JSON.stringify(photos, null, 1));

async function questions(photos: readonly unknown[]): Promise<WhatsUpQuestion[]> {
	const list: WhatsUpQuestion[] = [];
	for await (const question of readWhatsUp([file(photos)])) list.push(question);
	return list;
}

describe('questions', () => {
	it('take objects and relation from the name of the image, and the first four captions', async () => {
		const [first, , , , cactus] = await questions(PHOTOS);
		expect(first).toMatchObject({ id: '0', subject: 'mug', object: 'table', relation: 'left', subset: 'A' });
		expect(first!.captions).toHaveLength(4);
		expect(cactus).toMatchObject({ id: '4', subject: 'toy-cactus', object: 'chair' });
		const [clevr] = await questions([photo('mug', 'in-front_of', 'book', B)]);
		expect(clevr).toMatchObject({ relation: 'in-front', subset: 'B' });
	});

	it('refuse an image that names no relation', async () => {
		await expect(questions([photo('mug', 'beside', 'table')])).rejects.toThrow('names no relation');
		await expect(questions([{ image_path: 'mug.jpeg', caption_options: A }])).rejects.toThrow('names no relation');
	});
});

describe('readings', () => {
	it.each([
		['On', 'on', 'on', 'on'],
		['to the left of', 'left', 'left', 'left'],
		['A mug under a table.', 'under', 'under', 'under'],
		['The mug is on the left of the table', null, 'left', 'left'],
		['It is beneath it', null, 'under', null],
		['on or under', null, null, null],
		['The onion', null, null, 'on'],
		['', null, null, null],
	])('of %j: whole %s, anywhere %s, AdaptVis %s', async (answer, whole, anywhere, adaptVis) => {
		const [question] = await questions(PHOTOS);
		expect(wholeRelation(question!, answer).value).toBe(whole);
		expect(anyRelation(question!, answer).value).toBe(anywhere);
		const said = (['left', 'right', 'on', 'under'] as const).filter((relation) => adaptVisSays(answer, relation));
		// AdaptVis hears "on" in "on the left" too; only whether the right word is there counts.
		if (adaptVis !== null) expect(said).toContain(adaptVis);
	});

	it('of AdaptVis do not take front for on', () => {
		expect(adaptVisSays('in front', 'on')).toBe(false);
		expect(adaptVisSays('Front', 'in-front')).toBe(true);
	});

	it('never throw', async () => {
		const [question] = await questions(PHOTOS);
		fc.assert(
			fc.property(fc.string(), (text) => {
				wholeRelation(question!, text);
				anyRelation(question!, text);
			}),
		);
	});
});

it('counts photos, pairs and sets with the official denominators', async () => {
	const said = ['left', 'left', 'on', 'under', 'left', 'on'];
	const answers = memoryFile('a.jsonl', said.map((answer, id) => JSON.stringify({ id, answer })).join('\n'));
	const { official } = await scoreAnswers({ task: 'whatsup', data: [file(PHOTOS)], answers });
	expect(official).toMatchObject({
		accuracy: 5 / 6,
		individual: 5 / 6,
		// on and under of the mug; the lone photos of the cactus make no pair but stand in the denominator.
		pair: 1 / 3,
		set: 0,
		perRelation: { left: 1, right: 0, on: 1, under: 1 },
	});
	const right = memoryFile(
		'a.json',
		JSON.stringify(Object.fromEntries(said.map((answer, i) => [i, i === 1 ? 'right' : answer]))),
	);
	expect((await scoreAnswers({ task: 'whatsup', data: [file(PHOTOS)], answers: right })).official).toMatchObject({
		individual: 1,
		pair: 2 / 3,
		set: 1 / 1.5,
	});
});

const PHOTO_ROWS = {
	'coco_qa_one_obj.json': [
		[139, 'A photo of a dining table on the bottom', 'A photo of a dining table on the top'],
		[285, 'A photo of a TV on the left.', 'A photo of a TV on the right.'],
	],
	'coco_qa_two_obj.json': [
		[139, 'A photo of a bird to the left of a traffic light', 'A photo of a bird to the right of a traffic light'],
		['632', 'A photo of a cup above an oven', 'A photo of a cup below an oven'],
	],
	'vg_qa_one_obj.json': [[2315714, 'A photo of towels on the top', 'A photo of towels on the bottom']],
	'vg_qa_two_obj.json': [
		[7, 'A photo of a red cart in front of the green trees', 'A photo of a red cart behind the green trees'],
		[8, 'A photo of a dog behind a left shoe', 'A photo of a dog in front of a left shoe'],
		[9, 'A photo of a pillow on top of a bed', 'A photo of a pillow below a bed'],
	],
} as const;
const photoFile = (name: keyof typeof PHOTO_ROWS) => memoryFile(`data/${name}`, JSON.stringify(PHOTO_ROWS[name]));

describe('photos of COCO and Visual Genome', () => {
	it.each([
		['coco_qa_one_obj.json', 0, ['dining table', null, 'bottom', false]],
		['coco_qa_one_obj.json', 1, ['TV', null, 'left', false]],
		['coco_qa_two_obj.json', 0, ['bird', 'traffic light', 'left', false]],
		['coco_qa_two_obj.json', 1, ['cup', 'oven', 'above', false]],
		['vg_qa_one_obj.json', 0, ['towels', null, 'top', true]],
		['vg_qa_two_obj.json', 0, ['red cart', 'green trees', 'in-front', false]],
		['vg_qa_two_obj.json', 1, ['dog', 'left shoe', 'behind', false]],
		['vg_qa_two_obj.json', 2, ['pillow', 'bed', 'above', false]],
	] as const)('%s, row %i: what its right caption says', async (name, index, expected) => {
		const all: WhatsUpQuestion[] = [];
		for await (const question of readWhatsUp([photoFile(name)])) all.push(question);
		const { id, image, subject, object, relation, plural, captions } = all[index]!;
		expect([subject, object, relation, plural]).toEqual(expected);
		expect([id, image, ...captions]).toEqual([`${index}`, ...PHOTO_ROWS[name][index]!.map(String)]);
	});

	it.each([
		['A photo of a bird on top of a bed', ['a bird', 'above', 'a bed']],
		['a photo of the cat on a chair.', ['the cat', 'above', 'a chair']],
		['A photo of a dog underneath a table', ['a dog', 'below', 'a table']],
		['A photo of a cup at the bottom of a tree', ['a cup', 'below', 'a tree']],
		['A photo of a man on the right of a woman', ['a man', 'right', 'a woman']],
		['A photo of a horse to the behind of a cart', ['a horse', 'behind', 'a cart']],
		['A photo of a stove in the front', ['a stove', 'in-front', null]],
		['A photo of a person behind', ['a person', 'behind', null]],
	])('%j is read', (caption, [subject, relation, object]) => {
		expect(captionSays(caption)).toEqual({ subject, relation, object });
	});

	it('are asked in the words of the AdaptVis prompts, with the relations of their file', async () => {
		const asked = async (name: keyof typeof PHOTO_ROWS) => {
			const images = async () => new Uint8Array();
			const { questions, facts } = await benchmarkOf('whatsup').task({ files: [photoFile(name)], images });
			return { ...questions[0]!, facts };
		};
		expect(await asked('coco_qa_one_obj.json')).toMatchObject({
			prompt: 'Where is the dining table in the photo? Answer with left, right, top or bottom.',
			image: '139',
			answer: 'bottom',
			chance: 1 / 4,
			groups: { subset: 'coco-one' },
			facts: { 'answers: left': 1, 'answers: right': 0, 'answers: top': 0, 'answers: bottom': 1 },
		});
		expect(await asked('coco_qa_two_obj.json')).toMatchObject({
			prompt: 'Where is the bird in relation to the traffic light? Answer with left, right, above or below.',
		});
		expect(await asked('vg_qa_one_obj.json')).toMatchObject({
			prompt: 'Where are the towels in the photo? Answer with left, right, front, behind, top or bottom.',
			chance: 1 / 6,
		});
		expect(await asked('vg_qa_two_obj.json')).toMatchObject({
			prompt:
				'Where is the red cart in relation to the green trees? Answer with left, right, front, behind, above or below.',
		});
	});

	it('are scored one by one, as the official code does: no pairs, no sets', async () => {
		const score = async (name: keyof typeof PHOTO_ROWS, said: readonly string[], protocol = 'adaptvis') => {
			const answers = memoryFile('a.json', JSON.stringify(Object.fromEntries(said.entries())));
			return scoreAnswers({ task: 'whatsup', data: [photoFile(name)], answers, protocol });
		};
		const two = await score('vg_qa_two_obj.json', [
			'A photo of a red cart in front of the green trees',
			'It is in front of the shoe',
			'Top',
		]);
		expect(two).toMatchObject({
			balance: { 'in-front': 1, behind: 1, above: 1 },
			official: {
				accuracy: 2 / 3,
				individual: 2 / 3,
				pair: null,
				set: null,
				perRelation: { 'in-front': 1, behind: 0, above: 1 },
			},
			lenient: { individual: 2 / 3 },
			protocols: { adaptvis: { individual: 1 / 3 } },
		});
		// The wrong caption is an answer too, and a wrong one.
		const one = await score('coco_qa_one_obj.json', ['A photo of a dining table on the top', 'on the left of it']);
		expect(one).toMatchObject({ unparsed: 0, official: { individual: 0 }, lenient: { individual: 1 / 2 } });
		const all = PHOTO_ROWS['coco_qa_two_obj.json'].map(([, right]) => right);
		expect((await score('coco_qa_two_obj.json', all)).official).toMatchObject({ individual: 1 });
	});

	it('are refused where a caption names no relation of their file', async () => {
		const read = async (row: unknown) => {
			for await (const _ of readWhatsUp([memoryFile('coco_qa_two_obj.json', JSON.stringify([row]))]));
		};
		await expect(read([1, 'A photo of a cat behind a dog', 'x'])).rejects.toThrow(
			'coco_qa_two_obj.json:1: caption "A photo of a cat behind a dog" names none of left, right, above, below',
		);
		await expect(read([1, 'A photo of a cat', 'x'])).rejects.toThrow('names none of left, right, top, bottom');
		await expect(read([1, 'A photo of a cat'])).rejects.toThrow('coco_qa_two_obj.json:1');
		await fc.assert(
			fc.asyncProperty(fc.jsonValue(), async (row) => {
				await read(row).catch((error: unknown) => expect(error).toBeInstanceOf(InputError));
			}),
		);
	});
});
