import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scoreAnswers } from '../score.ts';
import { memoryFile } from '../score-file.ts';
import { readWhatsUp, type WhatsUpQuestion } from './data.ts';
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
