import { expect, it } from 'vitest';
import { syntheticRun } from '../../test/report/synthetic.ts';
import { compareRuns } from '../eval/compare.ts';
import { renderComparison } from './comparison-page.ts';

const run = (seed: number, changes: Parameters<typeof syntheticRun>[1] = {}) =>
	syntheticRun({ conditions: { intact: 0.6, permuted: 0.4 } }, { images: 10, seed, ...changes });

it('shows what differs, the paired test with its figure, and what flipped, marks and foreign text included', async () => {
	const other = await run(0, {
		manifest: (manifest) => ({ ...manifest, generation: { ...manifest.generation, temperature: 0.5 } }),
		record: (record) => ({ ...record, raw: '<script>x</script>', correct: false }),
	});
	const comparison = await compareRuns(await run(0), other);
	const { html, figures } = renderComparison(comparison, { version: '1.2.3', command: 'dorsal compare a b', flips: 3 });
	expect(html).toContain('differ in 1 place,');
	expect(html).toContain('<code>generation.temperature</code>');
	expect(html).toContain('Only A right');
	const [intact] = comparison.conditions;
	expect(html).toContain(`: ${intact!.flips.length} flipped, the first 3 shown`);
	expect(html).toContain('&lt;script&gt;x&lt;/script&gt;');
	expect(html).not.toContain('<script>');
	expect(html).toContain('Made by Dorsal 1.2.3');
	expect(figures.map(({ name }) => name)).toEqual(['comparison']);
	expect(figures[0]!.data.rows).toHaveLength(2 * (1 + 6));
	const { drawsA } = comparison.conditions[1]!.paired[0]!;
	const [least, greatest] = [Math.min(...drawsA), Math.max(...drawsA)].map((draw) => (draw * 100).toFixed(1));
	expect(html).toContain(`<span class="bounds">${least} to ${greatest}</span>`);
});

it('draws no interval of too few images', async () => {
	const few = { images: 9 };
	const { html, figures } = renderComparison(await compareRuns(await run(0, few), await run(1, few)), {
		version: '1.2.3',
	});
	expect(figures).toEqual([]);
	expect(html).toContain('too few images');
	expect(html).not.toContain('<span class="bounds">[');
});

it('says that nothing differs, and leaves out what there is not', async () => {
	const { html } = renderComparison(await compareRuns(await run(0), await run(0)), { version: '1.2.3' });
	expect(html).toContain('The manifests agree');
	expect(html).not.toContain('Questions that flipped');
	expect(html).not.toContain('What made this');
});
