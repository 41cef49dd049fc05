import { describe, expect, it } from 'vitest';
import { failureIn, parseWithoutKey, withoutKey, wordsOf } from './remote-words.ts';

const KEY = 'sk/test+0123456789';

describe('a key that a server sends back', () => {
	it('is blotted out of names and texts, however they are escaped', () => {
		const escaped = KEY.replace('/', '\\/').replace('s', '\\u0073');
		expect(parseWithoutKey(`{"a":["is ${escaped}"],"${escaped}":1,"n":null}`, KEY)).toEqual({
			a: ['is [key]'],
			'[key]': 1,
			n: null,
		});
		expect(wordsOf(`{"detail":{"${escaped}":"bad ${escaped}"}}`, KEY)).toBe(
			String.raw`"{\"detail\":{\"[key]\":\"bad [key]\"}}"`,
		);
		expect(wordsOf(`<p>bad ${KEY.replace('/', '\\/')}</p>`, KEY)).toBe('"<p>bad [key]</p>"');
	});

	it('is left where it is too short for one, and does not spoil the JSON around it', () => {
		expect(withoutKey('none of them', 'none')).toBe('none of them');
		expect(parseWithoutKey('{"content":"yes"}', 'content')).toEqual({ content: 'yes' });
		expect(parseWithoutKey('{"n":12345678,"s":"12345678"}', '12345678')).toEqual({ n: 12345678, s: '[key]' });
	});
});

describe("a server's own words", () => {
	it.each([
		['{"error":{"message":"a","code":1}}', '"a"'],
		['{"error":"a"}', '"a"'],
		['{"message":"a","error":{}}', '"a"'],
		['{"detail":"a"}', '"a"'],
		['null', '"null"'],
		['', '""'],
		['<p>a</p>', '"<p>a</p>"'],
	])('are found in %j', (text, expected) => {
		expect(wordsOf(text, undefined)).toBe(expected);
	});

	it('are quoted at some length', () => {
		expect(wordsOf('x'.repeat(1000), undefined)).toHaveLength(301);
	});
});

describe('failureIn', () => {
	it.each<[unknown, string | undefined, number | undefined]>([
		[{ error: { message: 'overloaded', code: 502 } }, 'status 200 with error 502: "overloaded"', 502],
		[{ error: { message: 'slow', code: '429' } }, 'status 200 with error 429: "slow"', 429],
		[{ error: { message: 'no', code: 'invalid' } }, 'status 200 with an error: "no"', 200],
		[{ error: 'no', choices: [] }, 'status 200 with an error: "no"', 200],
		[{ choices: [{ error: { message: 'cut', code: 503 } }] }, 'status 200 with error 503: "cut"', 503],
		[{ choices: [] }, 'choices: expected at least 1, got []', 0],
		[{ choices: [{ message: { content: 'yes' } }], error: null }, undefined, undefined],
		[{ data: [] }, undefined, undefined],
		[null, undefined, undefined],
		[{ choices: [null] }, undefined, undefined],
	])('reads %j', (json, reason, status) => {
		expect(failureIn(json)?.reason).toBe(reason);
		expect(failureIn(json)?.status).toBe(status);
	});
});
