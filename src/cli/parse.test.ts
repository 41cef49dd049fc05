import { describe, expect, it } from 'vitest';
import { UsageError } from '../base/errors.ts';
import { defineCommand } from './command.ts';
import { parse } from './parse.ts';

const { args } = defineCommand({
	summary: 'a command to parse for',
	args: {
		image: { type: 'positional', description: 'image file' },
		more: { type: 'positional', required: false, repeatable: true },
		json: { type: 'boolean', default: false },
		model: { type: 'string', repeatable: true, valueHint: 'DIR' },
		out: { type: 'string', alias: 'o' },
		form: { type: 'enum', options: ['yes-no', 'direction', 'both'], default: 'yes-no' },
		'max-new-tokens': { type: 'string' },
	},
	examples: [],
	run: async () => ({ result: null, text: '' }),
});

const read = (...words: string[]) => parse(words, args, 'try');

function refusal(...words: string[]): string {
	try {
		read(...words);
	} catch (error) {
		expect(error).toBeInstanceOf(UsageError);
		return (error as UsageError).message;
	}
	throw new Error(`expected ${words.join(' ')} to be refused`);
}

describe('parse', () => {
	it('reads options in every spelling, defaults and positional arguments', () => {
		const { args: read1 } = read('a.png', '--json', '-o', 'x', '--max-new-tokens=5');
		expect(read1).toMatchObject({ image: 'a.png', json: true, out: 'x', 'max-new-tokens': '5', form: 'yes-no' });
		expect(read('--out', 'y', 'a.png').args.out).toBe('y');
		expect(read('a.png', '--', '--odd').all('more')).toEqual(['--odd']);
		expect(read('a.png', '--out', '-1').args.out).toBe('-1');
	});

	it('keeps every value of a repeatable argument in order', () => {
		const { all } = read('a', '--model', 'm1', 'b', '--model=m2', 'c');
		expect(all('model')).toEqual(['m1', 'm2']);
		expect(all('image')).toEqual(['a']);
		expect(all('more')).toEqual(['b', 'c']);
		expect(all('out')).toEqual([]);
	});

	it.each([
		[['a', '--modle', 'x'], 'unknown option --modle; did you mean --model?'],
		[['a', '--bogus'], 'unknown option --bogus; see dorsal try --help'],
		[['a', '-x'], 'unknown option -x; see dorsal try --help'],
		[['a', '--no-json'], 'unknown option --no-json'],
		[['a', '--constructor'], 'unknown option --constructor'],
		[['a', '--__proto__', 'x'], 'unknown option --__proto__'],
		[['a', '--out'], '--out needs a value; write --out OUT'],
		[['a', '--model', '--json'], '--model needs a value; write --model DIR'],
		[['a', '--json=yes'], '--json takes no value, got "yes"'],
		[['a', '--out', 'x', '-o', 'y'], '--out is given twice; give it once'],
		[
			['a', '--form', 'directions'],
			'--form directions: expected one of yes-no, direction, both; did you mean direction?',
		],
		[[], 'IMAGE is missing; see dorsal try --help'],
	])('refuses %j', (words, message) => {
		expect(refusal(...words)).toContain(message);
	});

	it('refuses positional arguments beyond those defined', () => {
		const { more: _, ...one } = args;
		expect(() => parse(['a', 'b'], one, 'try')).toThrow('unexpected argument "b"; see dorsal try --help');
	});
});
