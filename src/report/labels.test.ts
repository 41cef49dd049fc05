import { describe, expect, it } from 'vitest';
import { syntheticRun } from '../../test/report/synthetic.ts';
import type { Manifest } from '../eval/run.ts';
import { labels, shortName } from './labels.ts';

const { manifest } = await syntheticRun({ conditions: { intact: 1 } }, { images: 1 });
const run = (dir: string, change: { model?: string; modelHash?: string; dataHash?: string; title?: string } = {}) => ({
	dir,
	manifest: {
		...manifest,
		task: { ...manifest.task, dataHash: change.dataHash ?? 'data', title: change.title ?? '2DS' },
		backend: { ...manifest.backend, model: change.model ?? 'models/a', modelHash: change.modelHash ?? 'hash-of-a' },
	} satisfies Manifest,
});

describe('labels', () => {
	it('names a model by its folder and a data set by its title', () => {
		expect(labels([run('runs/x')])).toEqual([{ model: 'a', dataset: '2DS' }]);
	});

	it('gives one model one name over several data sets', () => {
		const named = labels([run('x'), run('y', { dataHash: 'other', title: 'POPE' })]);
		expect(named.map(({ model }) => model)).toEqual(['a', 'a']);
	});

	it('tells models of one folder name apart by path, then by hash', () => {
		const named = labels([
			run('x'),
			run('y', { model: 'other/a', modelHash: 'b' }),
			run('z', { model: 'models/a', modelHash: 'cccccccccc' }),
		]);
		expect(named.map(({ model }) => model)).toEqual(['a', 'other/a', 'models/a']);
		const same = labels([run('x'), run('y', { modelHash: 'b' }), run('z', { modelHash: 'cccccccccc' })]);
		expect(same.map(({ model }) => model)).toEqual(['a', 'models/a', 'a (cccccccc)']);
	});

	it('tells data sets of one title apart by hash', () => {
		const named = labels([run('x'), run('y', { dataHash: '0123456789abcdef' })]);
		expect(named.map(({ dataset }) => dataset)).toEqual(['2DS', '2DS (01234567)']);
	});

	it('names a second run of one model over one data set by its folder', () => {
		expect(labels([run('runs/x'), run('runs/y')]).map(({ model }) => model)).toEqual(['a', 'a, runs/y']);
	});

	it('keeps an address whole and a name in one line', () => {
		expect(shortName('http://host/v1')).toBe('http://host/v1');
		expect(shortName('models\\tiny\\')).toBe('tiny');
		expect(shortName('models/two\nlines')).toBe('two lines');
		expect(shortName('/')).toBe('/');
	});
});
