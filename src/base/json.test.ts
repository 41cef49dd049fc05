import { expect, test } from 'vitest';
import { z } from 'zod';
import { InputError } from './errors.ts';
import { parseJson, show, validate } from './json.ts';

const schema = z.strictObject({
	samples: z.array(z.strictObject({ answer: z.string(), n: z.int().positive().max(9) })),
	kind: z.literal('a', { error: 'only kind a is supported' }).optional(),
});

const line = (value: unknown, hint?: string) => {
	try {
		validate(schema, value, { where: 'run.json', code: 'run', hint });
	} catch (error) {
		expect(error).toBeInstanceOf(InputError);
		return (error as Error).message;
	}
	throw new Error('nothing was thrown');
};

test('the first problem is one line: where, path, what, value, what to do', () => {
	expect(
		line(
			{
				samples: [
					{ answer: 'x', n: 1 },
					{ answer: null, n: 1 },
				],
			},
			'was the file edited?',
		),
	).toBe('run.json: samples[1].answer: expected text, got null; was the file edited?');
	expect(line({ samples: [{ answer: 'x', n: 1.5 }] })).toBe('run.json: samples[0].n: expected a whole number, got 1.5');
	expect(line({ samples: [{ answer: 'x', n: 10 }] })).toBe('run.json: samples[0].n: expected at most 9, got 10');
	expect(line({ samples: [{ answer: 'x', n: 0 }] })).toBe('run.json: samples[0].n: expected more than 0, got 0');
	expect(line({})).toBe('run.json: samples: expected a list, got nothing');
	expect(line(7)).toBe('run.json: expected an object, got 7');
	expect(line({ samples: [], extra: 1 })).toBe('run.json: unknown key "extra"');
	expect(line({ samples: [], kind: 'b' })).toBe('run.json: kind: only kind a is supported, got "b"');
});

test('a valid value is returned typed', () => {
	expect(validate(schema, { samples: [] }, { where: 'x', code: 'x' })).toEqual({ samples: [] });
});

test('quoted values are short and hold no control characters', () => {
	expect(show('a\nb\u001b[31m\u202e')).toBe('"a\\nb\\u001b[31m\\u202e"');
	expect(show('x'.repeat(1000))).toHaveLength(61);
	expect(show('x'.repeat(1000), { most: 300 })).toHaveLength(301);
	expect(show(undefined)).toBe('nothing');
	expect(show(JSON.parse('['.repeat(1e6) + ']'.repeat(1e6)))).toBe('a deeply nested value');
});

test('bytes that are not JSON, or not UTF-8, are refused in one line', () => {
	expect(parseJson(new TextEncoder().encode('{"a": 1}'), 'x')).toEqual({ a: 1 });
	expect(() => parseJson(new TextEncoder().encode('{"a":\n'), 'x.json')).toThrow(/^x\.json: not JSON \([^\n]*\)$/);
	expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22), 'x.json')).toThrow('x.json: not JSON (not UTF-8)');
});
