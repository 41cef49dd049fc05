import { expect, it } from 'vitest';
import { fakeBackend, fakeTask } from '../../test/support/fake-eval.ts';
import { parseConditions } from '../eval/conditions.ts';
import { evaluate } from '../eval/runner.ts';
import { memoryStore } from '../eval/store.ts';
import { drawsRange } from '../report/words.ts';
import { resultsText } from './results-text.ts';

it('shows every condition against intact, then every category, then sets', async () => {
	const results = await evaluate({
		task: fakeTask(),
		backend: fakeBackend(),
		conditions: parseConditions('intact,permuted:2'),
		store: memoryStore(),
	});
	const lines = resultsText(results).split('\n');
	expect(lines[0]).toBe('fake, models/fake: 30 questions a condition; percent');
	expect(lines[2]!.trim().split(/ {2,}/)).toEqual([
		'right',
		'95 %',
		'chance',
		'lenient',
		'unparsed',
		'against intact',
		'p',
		'PSI',
	]);
	const { intact, permuted } = results.conditions;
	expect(lines[3]).toContain((100 * intact!.accuracy).toFixed(1));
	const range = drawsRange(permuted!.draws);
	expect(lines[4]).toContain(`permuted (2 draws: ${range})`);
	expect(lines[4]).toMatch(/ \[[+−]?\d+\.\d,\u00a0[+−]?\d+\.\d\] /);
	expect(lines[4]).toContain((100 * permuted!.accuracy).toFixed(1));
	expect(lines[6]).toBe('Intervals are over images for these draws, not over all that could be drawn.');
	expect(lines.slice(9, 11).map((line) => line.split(/ {2,}/)[0])).toEqual(['even', 'odd']);
	const quads = [intact, permuted].map((result) => (100 * result!.sets!.quad!.accuracy).toFixed(1));
	expect(lines.at(-1)!.split(/ {2,}/)).toEqual(['all right in quad', expect.any(String), ...quads]);
});

it('gives no interval of a difference from too few images', async () => {
	const results = await evaluate({
		task: fakeTask(),
		backend: fakeBackend(),
		conditions: parseConditions('intact,permuted:2'),
		store: memoryStore(),
		limit: 5,
	});
	expect(resultsText(results).split('\n')[4]).toContain(' too few images ');
});
