import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { syntheticRun } from '../../../test/report/synthetic.ts';
import {
	syntheticCompression,
	syntheticInterventions,
	syntheticPermutation,
} from '../../../test/report/synthetic-accuracy.ts';
import {
	syntheticAttention,
	syntheticBalance,
	syntheticFullNorms,
	syntheticLinear,
	syntheticProbes,
	syntheticRope,
} from '../../../test/report/synthetic-probes.ts';
import { reportData } from '../data.ts';
import { markupOf } from '../html.ts';
import { PROBE_KINDS, type ProbeResult, probeSchema, type ReportData } from '../inputs.ts';
import { renderReport } from '../page.ts';
import type { Section } from '../section.ts';
import { balanceSection } from './balance.ts';
import { compressionSection } from './compression.ts';
import { entropySection } from './entropy.ts';
import { interventionsSection } from './interventions.ts';
import { linearSection } from './linear.ts';
import { mapsSection } from './maps.ts';
import { normsSection } from './norms.ts';
import { ordersSection } from './orders.ts';
import { ropeSection } from './rope.ts';

const run = await syntheticRun({ conditions: { intact: 0.8, permuted: 0.5 } }, { images: 5 });
const base = await reportData([run]);
const dataOf = (results: readonly ProbeResult[]): ReportData => ({
	...base,
	probes: results.map((result) => ({ model: result.model.replace('models/', ''), result })),
});

const textOf = (html: string) => parseHTML(`<html><body>${html}</body></html>`).document.body.textContent!;

/** What the section says, spaces made plain. */
function said(section: (data: ReportData) => Section | null, ...results: ProbeResult[]): string {
	return textOf(markupOf(section(dataOf(results))!.html)).replace(/\s+/g, ' ');
}

const other = { model: 'models/other' };

describe('the probes in the report', () => {
	it('knows every kind of result, as it is stored', () => {
		const results = syntheticProbes();
		expect(results.map(({ probe }) => probe).sort()).toEqual([...PROBE_KINDS].sort());
		for (const result of results) expect(probeSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
	});

	it('leaves out the sections that have nothing to show', () => {
		const sections = [
			ordersSection,
			compressionSection,
			normsSection,
			ropeSection,
			balanceSection,
			mapsSection,
			entropySection,
			linearSection,
			interventionsSection,
		];
		for (const section of sections) expect(section(base)).toBeNull();
		expect(mapsSection(dataOf([{ ...syntheticAttention(), maps: [] }]))).toBeNull();
	});

	it('stands in the order of the argument, each figure once', () => {
		const { html, figures } = renderReport(dataOf(syntheticProbes()));
		const { document } = parseHTML(html);
		const ids = Array.from(document.querySelectorAll('section'), ({ id }) => id);
		const expected =
			'answer what-and-where permutation orders compression conditions two-ds objects norms rope balance maps entropy linear interventions gallery reading manifest';
		expect(ids.filter((id) => id !== 'groups')).toEqual(expected.split(' '));
		for (const { name } of figures) {
			expect(document.querySelectorAll(`#figure-${name} svg`), name).toHaveLength(2);
		}
	});

	it('stays a file to send with two models of 32 layers and 32 heads', () => {
		const large = { layers: 32, heads: 32, side: 24 };
		const { html } = renderReport(dataOf([...syntheticProbes(large), ...syntheticProbes({ ...large, ...other })]));
		expect(html.length).toBeLessThan(2.5e6);
		expect(html).toContain('4096 rows, too many for this page');
	});

	it('names two results of one model apart', () => {
		const again = { ...syntheticBalance(), data: 'photos' };
		expect(said(balanceSection, syntheticBalance(), again)).toContain('tiny-llava, photos');
	});

	it('escapes what a result says', () => {
		const evil = '<script>alert(1)</script>';
		const results = syntheticProbes({ model: evil });
		for (const result of results) result.data = evil;
		const { html, figures } = renderReport(dataOf(results));
		expect(html).not.toContain('<script');
		for (const figure of figures) expect(figure.draw({ width: 400, label: evil })).not.toContain('<script');
	});
});

describe('orders', () => {
	it('says which part of the order matters', () => {
		const text = said(ordersSection, syntheticPermutation());
		expect(text).toContain('Shuffling the whole grid costs 30.0 points [27.0, 33.0].');
		expect(text).toContain('these cost measurably: shuffled within each row and reversed, last to first.');
		expect(text).toContain(
			'No difference can be measured for tokens shuffled within each column and shuffled within 2 × 2 blocks.',
		);
	});

	it('says that a model at chance had nothing to lose', () => {
		expect(said(ordersSection, syntheticPermutation({ accuracy: 0.42 }))).toContain(
			'is not above chance to begin with',
		);
		expect(said(ordersSection, syntheticPermutation())).not.toContain('is not above chance to begin with');
	});
});

describe('compression', () => {
	it('says what fewer tokens cost, and that the paper retrains', () => {
		const text = said(compressionSection, syntheticCompression());
		expect(text).toContain('pooling 64 tokens down to 1 costs 8.0 points [5.0, 11.0], without retraining.');
		expect(text).toContain('loses at most 8.5 % from 576 tokens to 1');
		expect(text).toContain('Here the model is asked as it is');
	});

	it('shows models that were trained with fewer tokens', () => {
		const text = said(compressionSection, syntheticCompression({ retrained: true }));
		expect(text).not.toContain('Here the model is asked as it is');
		expect(text).toContain('Trained with 1 token (tiny-llava-1), it costs 5.0 points');
	});
});

describe('RoPE', () => {
	it('tells a difference only where the intervals are apart', () => {
		expect(said(ropeSection, syntheticRope())).toContain('normalising makes it more sensitive (1.33 times)');
		const [first, second] = syntheticRope().conditions;
		const close = { ...second!, absDeltaGV: first!.absDeltaGV };
		expect(said(ropeSection, { ...syntheticRope(), conditions: [first!, close] })).toContain('cannot tell');
	});

	it('sets the theory beside the ratio that was measured', () => {
		const text = said(ropeSection, syntheticRope(), syntheticFullNorms());
		expect(text).toMatch(
			/At the ratio measured in tiny-llava, \d+\.\d, it is 0\.\d+ times what it is at equal norms\./,
		);
	});
});

describe('balance', () => {
	it('sets the share of the image beside the published one', () => {
		const section = balanceSection(dataOf([syntheticBalance()]))!;
		const { document } = parseHTML(`<html><body>${markupOf(section.html)}</body></html>`);
		const row = Array.from(document.querySelectorAll('tr')).find((tr) => tr.textContent!.includes('As asked'))!;
		expect(Array.from(row.querySelectorAll('td'), (cell) => cell.textContent)).toEqual([
			'38.9',
			'21.4',
			'18.8',
			'20.0',
		]);
	});

	it('says where there is no system prompt', () => {
		const [, stripped] = syntheticBalance().conditions;
		const text = said(balanceSection, { ...syntheticBalance(), conditions: [stripped!] });
		expect(text).toContain('Its prompt has no system part');
	});
});

describe('attention', () => {
	it('names token, layers, heads and normalisation of the maps', () => {
		const text = said(mapsSection, syntheticAttention(), syntheticAttention(other));
		expect(text).toContain('Decoder layers 0-3, heads 0-3: mean over heads, BOS left out, sum 1 in each layer');
		const { alt } = mapsSection(dataOf([syntheticAttention()]))!.figures[0]!;
		expect(alt.replace(/\s/g, ' ')).toContain('ring [ring], H 0.85, image 50.0 %, greatest at the top left');
		expect(said(mapsSection, syntheticAttention({ source: 'vit' }))).toContain(
			'All patches together in the vision encoder',
		);
	});

	it('draws a map over the picture that it carries, once for each width', () => {
		const section = mapsSection(dataOf([syntheticAttention()]))!;
		const { picture } = syntheticAttention().maps[0]!;
		expect(markupOf(section.html).split(picture!)).toHaveLength(3);
	});

	it('leaves out pictures that are too large', () => {
		const probe = syntheticAttention();
		probe.maps[0]!.picture = `data:image/png;base64,${'A'.repeat(100_000)}`;
		expect(markupOf(mapsSection(dataOf([probe]))!.html).length).toBeLessThan(100_000);
	});

	it("sets the paper's entropies beside those of the same data", () => {
		const text = said(entropySection, syntheticAttention(), { ...syntheticAttention(other), data: 'COCO, 36 photos' });
		expect(text).toMatch(/tiny-llava2DS: where things are, 100 images.*0\.97 ?0\.76 ?0\.90 ?0\.72/);
		expect(text).toMatch(/otherCOCO, 36 photos.*0\.81 ?0\.89 ?0\.72/);
		expect(text).toContain('The intervals of other and tiny-llava overlap: no difference can be told.');
	});

	it('says nothing of the entropy over a single token', () => {
		const single = syntheticAttention(other);
		single.entropy.meanOfH = { mean: 0, low: 0, high: 0 };
		const text = said(entropySection, syntheticAttention(), single);
		expect(text).toContain('the entropy of other is 0 and says nothing');
		expect(text).not.toContain('other looks');
	});
});

describe('linear probes', () => {
	it('says where the place is lost, and whether it comes back', () => {
		const text = said(linearSection, syntheticLinear());
		expect(text).toContain('is between encoder 4 and projected.');
		expect(text).toContain('In the decoder more of it can be read again');
		expect(text).toContain('“What” can be read there as well: of projected tokens, colour 95.0 % [93.0, 97.0]');
	});

	it('has nothing to say of a single token', () => {
		const { sites, ...rest } = syntheticLinear();
		const single = sites.map((site) => ({ ...site, row: null, column: null, cell: null }));
		expect(said(linearSection, { ...rest, sites: single })).toContain('which has no place to read off');
	});
});

describe('interventions', () => {
	it('names what helps and what harms', () => {
		const text = said(interventionsSection, syntheticInterventions());
		expect(text).toContain('Measurably better: normalize:paper (+5.0 points).');
		expect(text).toContain('Measurably worse: scale:2 (−12.0 points).');
	});

	it('bounds what it cannot find', () => {
		const { conditions, ...rest } = syntheticInterventions();
		const text = said(interventionsSection, { ...rest, conditions: conditions.slice(3) });
		expect(text).toContain('None of 2 changes makes a measurable difference; none excludes one of up to 3.5 points.');
	});
});
