import { expect, it } from 'vitest';
import { InputError, UsageError } from '../base/errors.ts';
import { failure } from './failure.ts';

it('tells every kind of error as one line with a code', () => {
	expect(failure(new UsageError('no such layer', { code: 'layer' }))).toEqual({
		line: 'dorsal: error [layer]: no such layer',
		exitCode: 2,
	});
	expect(failure(new InputError('a.json: line 1\n  is broken', { code: 'json' }))).toEqual({
		line: 'dorsal: error [json]: a.json: line 1 is broken',
		exitCode: 1,
	});
	expect(failure(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC', path: '/x/y' }))).toEqual({
		line: 'dorsal: error [ENOSPC]: /x/y: the disk is full; free some space and run the same command again',
		exitCode: 1,
	});
	for (const [thrown, text] of [
		[new TypeError('a is undefined'), 'a is undefined'],
		['words', 'words'],
		[undefined, 'undefined'],
	] as const) {
		expect(failure(thrown)).toEqual({
			line: `dorsal: error [internal]: ${text}; set DORSAL_DEBUG=1 to see where`,
			exitCode: 1,
		});
	}
});
