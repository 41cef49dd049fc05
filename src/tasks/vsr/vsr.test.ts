import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scoreAnswers } from '../score.ts';
import { memoryFile } from '../score-file.ts';
import { kindOfRelation } from './categories.ts';
import { adaptVisRight, anyTruth, wholeTruth } from './rule.ts';

describe('readings', () => {
	it.each([
		['1', 'true', 'true'],
		['0.', 'false', 'false'],
		['Yes', 'true', 'true'],
		['FALSE', 'false', 'false'],
		['Yes, it is.', null, 'true'],
		['No, it is not true', null, 'false'],
		['That is not correct', null, 'false'],
		['The statement is true.', null, 'true'],
		['true or false?', null, 'true'],
		['It may be yes or no', null, null],
		['perhaps', null, null],
		['', null, null],
	])('of %j: whole %s, anywhere %s', (answer, whole, anywhere) => {
		expect(wholeTruth(answer).value).toBe(whole);
		expect(anyTruth(answer).value).toBe(anywhere);
	});

	it('of AdaptVis want the capital, and take it from inside a word', () => {
		expect(adaptVisRight('yes', true)).toBe(false);
		expect(adaptVisRight('Yes, No', true)).toBe(true);
		expect(adaptVisRight('Yes, No', false)).toBe(true);
		expect(adaptVisRight('Not sure', false)).toBe(true);
	});

	it('never throw', () => {
		fc.assert(
			fc.property(fc.string(), (text) => {
				wholeTruth(text);
				expect(['true', 'false', null]).toContain(anyTruth(text).value);
			}),
		);
	});
});

it('relations have the authors’ kinds: among is Unallocated, congruent none', () => {
	expect(kindOfRelation.get('left of')).toBe('Projective');
	expect(kindOfRelation.get('among')).toBe('Unallocated');
	expect(kindOfRelation.has('congruent')).toBe(false);
	expect(new Set(kindOfRelation.values()).size).toBe(7);
});

const statement = (caption: string, relation: string, label: number) =>
	JSON.stringify({ image: '1.jpg', image_link: 'x', caption, label, relation });
const data = [
	memoryFile(
		'test.jsonl',
		[
			statement('The cat is on the mat.', 'on', 1),
			statement('The dog is on the mat.', 'on', 0),
			statement('The cow is congruent to the mat.', 'congruent', 1),
		].join('\n'),
	),
];

describe('figures', () => {
	it('per relation and kind; answers are paired by place, from 0, or by line', async () => {
		const answers = memoryFile(
			'a.jsonl',
			['Yes', 'yes', '1'].map((answer, id) => JSON.stringify({ id, answer })).join('\n'),
		);
		const { official, protocols, balance } = await scoreAnswers({ task: 'vsr', data, answers, protocol: 'adaptvis' });
		expect(balance).toEqual({ true: 2, false: 1 });
		expect(official).toEqual({
			accuracy: 2 / 3,
			yesRatio: 1,
			perCategory: { Topological: 0.5 },
			perRelation: { on: 0.5, congruent: 1 },
			counts: { perCategory: { Topological: 2 }, perRelation: { on: 2, congruent: 1 }, uncategorized: 1 },
		});
		expect(protocols.adaptvis!.accuracy).toBeCloseTo(1 / 3);
		const preds = memoryFile('preds.txt', '1\n0\n1\n');
		const byLine = await scoreAnswers({ task: 'vsr', data, answers: preds });
		expect(byLine).toMatchObject({ official: { accuracy: 1 }, answers: { pairedBy: 'line' } });
	});

	it('want one split at a time', async () => {
		const answers = memoryFile('preds.txt', '1\n');
		await expect(scoreAnswers({ task: 'vsr', data: [...data, ...data], answers })).rejects.toThrow(
			'VSR statements have no ids; give one split at a time',
		);
		const wrong = [memoryFile('test.jsonl', statement('x', 'on', 2))];
		await expect(scoreAnswers({ task: 'vsr', data: wrong, answers })).rejects.toThrow(
			'test.jsonl:1: label: expected 0 or 1, got 2; is it a VSR split?',
		);
	});
});
