import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quietSeconds } from '../../test/support/quiet.ts';
import { readerOf } from './2ds-answers.ts';
import { type AnswerReader, closed, closedPair, yesNo } from './closed.ts';

const color = readerOf(['red', 'green', 'blue', 'cyan']).reader;
const shape = readerOf(['circle', 'ring']).reader;
const pair = readerOf(['red circle', 'blue star']).reader;
const direction = readerOf(['left', 'above']).reader;
const number = readerOf(['two', 'three']).reader;

/** `?` for ambiguous, null for none. */
const read = (way: keyof AnswerReader) => (reader: AnswerReader, raw: string) => {
	const { value, status } = reader[way](raw);
	expect(value === null).toBe(status !== 'ok');
	return status === 'ambiguous' ? '?' : value;
};

describe('strict', () => {
	it.each([
		[color, 'red', 'red'],
		[color, ' Red.\n', 'red'],
		[color, 'RED .', 'red'],
		[color, 'red..', null],
		[color, 'It is red.', null],
		[color, 'red red', null],
		[color, 'violet', null],
		[color, '', null],
		[color, '.', null],
		[color, 'red circle', null],
		[pair, 'Red  circle.', 'red circle'],
		[pair, 'a red circle', null],
		[pair, 'circle red', null],
		[pair, 'red', null],
		[pair, 'orange heart', 'orange heart'],
		[yesNo, 'Yes.', 'yes'],
		[yesNo, 'no', 'no'],
		[yesNo, 'Yes, it is', null],
		[yesNo, 'yeah', null],
		[direction, 'Left', 'left'],
		[direction, 'to the left', null],
		[number, '3', 'three'],
		[number, 'Three.', 'three'],
		[number, '3 objects', null],
	])('%# reads %o', (reader, raw, expected) => expect(read('strict')(reader, raw)).toBe(expected));
});

describe('lenient', () => {
	it.each([
		[color, 'It is red.', 'red'],
		[color, 'The object at the left is the Red one', 'red'],
		[color, 'red, red and again red', 'red'],
		[color, 'red or blue', '?'],
		[color, 'red/blue', '?'],
		[color, 'blue-green', '?'],
		[color, 'reddish', null],
		[color, 'redo it', null],
		[color, 'Not red.', null],
		[color, 'It is not red but blue.', 'blue'],
		[color, 'It is red, not blue.', 'red'],
		[color, "It isn't red; it's blue", 'blue'],
		[color, 'It isn’t red. Blue', 'blue'],
		[color, 'neither red nor blue', null],
		[color, 'not red or blue', null],
		[color, 'No, it is blue', 'blue'],
		[color, 'violet', 'purple'],
		[color, 'light blue', 'cyan'],
		[color, 'dark blue', 'blue'],
		[color, 'light blue, that is cyan', 'cyan'],
		[color, '', null],
		[color, 'constructor', null],
		[color, '__proto__ red', 'red'],
		[shape, 'It is star-shaped.', 'star'],
		[shape, 'a plus sign', 'cross'],
		[shape, 'a doughnut, that is, a ring', 'ring'],
		[shape, 'circles', null],
		[pair, 'the red circle', 'red circle'],
		[pair, 'The circle is red.', 'red circle'],
		[pair, 'a red circle, not a blue square', 'red circle'],
		[pair, 'the red circle above the blue star', '?'],
		[pair, 'red', null],
		[pair, 'a circle', null],
		[pair, 'red or blue', '?'],
		[yesNo, 'Yes, the circle is above the square.', 'yes'],
		[yesNo, 'No.', 'no'],
		[yesNo, 'No, it is not.', 'no'],
		[yesNo, 'The circle is not above the square.', 'no'],
		[yesNo, "It isn't.", 'no'],
		[yesNo, 'There is no red circle in the image.', 'no'],
		[yesNo, 'yes and no', '?'],
		[yesNo, 'Yes, it is not', '?'],
		[yesNo, 'I am not sure.', null],
		[yesNo, 'I cannot tell.', null],
		[yesNo, 'I don’t know', null],
		[yesNo, "I can't determine that", null],
		[yesNo, 'I am not sure, but yes', 'yes'],
		[yesNo, 'The circle is above the square.', null],
		[yesNo, 'nothing yesterday', null],
		[yesNo, '', null],
		[yesNo, 'YES!!!', 'yes'],
		[direction, 'to the left of the square', 'left'],
		[direction, 'on the left, not on the right', 'left'],
		[direction, 'It is not to the left of the square but above it', 'above'],
		[direction, 'above and to the left', '?'],
		[direction, 'upper left', '?'],
		[direction, 'underneath the square', 'below'],
		[direction, 'at the top', 'above'],
		[direction, 'leftover', null],
		[number, 'There are 3 objects.', 'three'],
		[number, 'two circles and one square, three objects', '?'],
		[number, '23', null],
		[number, 'twenty', null],
	])('%# reads %o', (reader, raw, expected) => expect(read('lenient')(reader, raw)).toBe(expected));
});

it('takes the longest answer that fits, and answers that are not plain words', () => {
	const reader = closed(['left', 'left of', 'C++', 'In-front']);
	expect(read('lenient')(reader, 'It is left of it')).toBe('left of');
	expect(read('lenient')(reader, 'It is left')).toBe('left');
	expect(read('lenient')(reader, 'in front')).toBe('in-front');
	expect(read('strict')(reader, 'c++')).toBe('c++');
	expect(read('strict')(reader, 'IN-FRONT.')).toBe('in-front');
});

it('reads pairs of parts that have several words', () => {
	const reader = closedPair(closed(['dark red', 'red']), closed(['circle', 'half circle']));
	expect(read('strict')(reader, 'dark red half circle')).toBe('dark red half circle');
	expect(read('strict')(reader, 'red circle')).toBe('red circle');
	expect(read('lenient')(reader, 'a half circle in dark red')).toBe('dark red half circle');
});

const texts = fc.oneof(
	fc.string(),
	fc.string({ unit: 'binary' }),
	fc
		.array(
			fc.constantFrom('red', 'blue', 'not', 'circle', 'yes', 'no', '.', ',', "n't", 'İ', 'left', '2', 'but', '\n', '’'),
		)
		.map((parts) => parts.join(' ')),
	fc.constantFrom('Red.', 'brown ring', 'NO', ' below ', '6', '\tyes.'),
);

it('never throws, has a value exactly where the status is ok, and reads leniently what it reads strictly', () => {
	fc.assert(
		fc.property(fc.constantFrom(color, shape, pair, yesNo, direction, number), texts, (reader, raw) => {
			const strict = read('strict')(reader, raw);
			const lenient = read('lenient')(reader, raw);
			if (strict !== null) expect(lenient).toBe(strict);
		}),
		{ numRuns: 500 },
	);
	fc.assert(
		fc.property(fc.array(fc.string()), texts, (answers, raw) => {
			const reader = closed(answers);
			read('strict')(reader, raw);
			read('lenient')(reader, raw);
			for (const answer of answers) expect(reader.strict(answer).status).toBe('ok');
		}),
		{ numRuns: 200 },
	);
});

it('takes time in proportion to the text', async () => {
	const long = 'not '.repeat(50_000);
	const read = () => {
		for (const reader of [color, pair, yesNo, direction]) reader.lenient(long);
	};
	expect(await quietSeconds(0.5, read)).toBeLessThan(0.5);
});
