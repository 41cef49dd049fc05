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

const run = await syntheticRun({ conditions: { intact: 0.8, permuted: 0.5 } }, { images: 12 });
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
		expect(text).toContain(
			'Of the other orders, these cost measurably: shuffled within each row and reversed, last to first.',
		);
		expect(text).toContain(
			'No difference can be measured for tokens shuffled within each column and shuffled within 2 × 2 blocks.',
		);
	});

	it('leaves out blocks that are the whole grid, where another result of the model says how large that is', () => {
		const { orders, ...rest } = syntheticPermutation();
		const four = { ...rest, orders: orders.map((o) => (o.within === 'blocks' ? { ...o, block: 4 } : o)) };
		expect(said(ordersSection, four)).toContain('4 × 4 blocks');
		expect(said(ordersSection, four, syntheticFullNorms())).toContain('4 × 4 blocks');
		expect(said(ordersSection, four, syntheticFullNorms({ side: 4 }))).not.toContain('4 × 4 blocks');
		expect(said(ordersSection, four, syntheticLinear({ side: 4 }))).not.toContain('4 × 4 blocks');
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
	it('judges by the paired difference', () => {
		expect(said(ropeSection, syntheticRope())).toContain(
			'paired image by image they differ by 0.150 [0.140, 0.160], so normalising makes it more sensitive (1.33 times)',
		);
		const { conditions, difference, ...rest } = syntheticRope();
		const by = (low: number, high: number) =>
			said(ropeSection, {
				...rest,
				conditions: conditions.map((each) => ({ ...each, absDeltaGV: conditions[0]!.absDeltaGV })),
				difference: { ...difference!, absDeltaGV: { mean: (low + high) / 2, low, high } },
			});
		expect(by(0.001, 0.003)).toContain('normalising makes it more sensitive');
		expect(by(-0.003, -0.001)).toContain('normalising makes it less sensitive');
		expect(by(-0.001, 0.001)).toContain('so 100 images cannot tell that normalising changes it');
	});

	it('says of an older result, which has no paired difference, only what two intervals can', () => {
		const { difference: _, ...older } = syntheticRope();
		expect(said(ropeSection, older)).toContain('(paper): normalising makes it more sensitive (1.33 times)');
		const [first, second] = older.conditions;
		const close = { ...second!, absDeltaGV: first!.absDeltaGV };
		const text = said(ropeSection, { ...older, conditions: [first!, close] });
		expect(text).toContain('and 0.450 [0.430, 0.470] normalised (paper). The weight');
		expect(text).not.toContain('cannot tell');
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
		// Of other images, nothing is said.
		expect(text).not.toMatch(/other looks|no difference from/);
	});

	it('compares entropies image by image', () => {
		const shifted = (by: number, model = 'models/other') => {
			const probe = syntheticAttention({ model });
			probe.entropy.perImage = probe.entropy.perImage!.map((h, i) => h + by + 0.001 * ((i % 7) - 3));
			return probe;
		};
		const first = syntheticAttention();
		expect(said(entropySection, first, shifted(0.01))).toMatch(
			/other \(difference 0\.010 \[0\.0\d\d, 0\.01\d\]\) looks wider than tiny-llava\./,
		);
		expect(said(entropySection, first, shifted(-0.01), shifted(-0.02, 'models/third'))).toMatch(
			/other \(.*\) and third \(.*\) look narrower than tiny-llava\./,
		);
		expect(said(entropySection, first, shifted(0))).toMatch(
			/Of other \(difference .*\) no difference from tiny-llava can be told\./,
		);
	});

	it('compares older entropies only where their intervals are apart', () => {
		const older = (model: string, by: number) => {
			const probe = syntheticAttention({ model });
			const { perImage: _, ...entropy } = probe.entropy;
			const { mean, low, high } = entropy.meanOfH;
			return { ...probe, entropy: { ...entropy, meanOfH: { mean: mean + by, low: low + by, high: high + by } } };
		};
		const first = older('models/tiny-llava', 0);
		expect(said(entropySection, first, older('models/other', 0.05))).toContain('other looks wider than tiny-llava.');
		expect(said(entropySection, first, older('models/other', 0.01))).not.toMatch(/other looks|no difference/);
	});

	it('does not compare entropies over different numbers of tokens', () => {
		const text = said(entropySection, syntheticAttention(), syntheticAttention({ ...other, side: 4 }));
		expect(text).toContain(
			'The entropies of other and tiny-llava are over different numbers of vision tokens and do not compare.',
		);
		expect(text).not.toMatch(/other (\(.*\) )?looks|no difference from/);
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
		expect(text).toContain(
			'In tiny-llava a token’s place in the 8 × 8 grid can be read off 72.0 % [70.0, 74.0] of the time at encoder 0 (labels in random order: 1.6 %), 16.0 % [14.0, 18.0] once projected (1.6 %) and 40.0 % [38.0, 42.0] at decoder 4 (1.6 %).',
		);
		expect(text).toContain('The largest loss, 42.0 % to 16.0 %, is between encoder 3 and projected.');
		expect(text).toContain('In the decoder more of it can be read again');
		expect(text).toContain('“What” can be read there as well: of projected tokens, colour 95.0 % [93.0, 97.0]');
	});

	it('compares projected tokens with the best of the layers that they are made of', () => {
		const lossWith = (layers: number[]) => {
			const { backend } = run.manifest;
			const visionPath = { layers, postLayerNorm: false, normalize: null, pool: null, permute: null, scale: 1 };
			const manifest = { ...run.manifest, backend: { ...backend, modelHash: 'hash of models/tiny-llava', visionPath } };
			const data = { ...dataOf([syntheticLinear()]), runs: [{ ...base.runs[0]!, manifest }] };
			return said(() => linearSection(data)).match(/The largest loss[^.]+\.[^.]+\.[^.]+\./)![0];
		};
		expect(lossWith([-1])).toMatch(/32\.0 % to 16\.0 %, is between encoder 4 and projected\./);
		expect(lossWith([2, -1])).toMatch(
			/52\.0 % to 16\.0 %, is between encoder 2, the best of the layers that the projector reads, and projected\./,
		);
	});

	it('says so where it does not know these layers', () => {
		expect(said(linearSection, syntheticLinear(other))).toContain(
			'72.0 % to 16.0 %, is between encoder 0, the best of the encoder (which layers the projector reads is not known here), and projected.',
		);
	});

	it('compares nothing across a change of grid', () => {
		const { sites, ...rest } = syntheticLinear();
		const pooled = sites.map((site) => (site.part === 'decoder' ? { ...site, side: 4 } : site));
		const text = said(linearSection, { ...rest, sites: pooled });
		expect(text).toContain('(1.6 %) and in the 4 × 4 grid that pooling leaves 40.0 % [38.0, 42.0] at decoder 4');
		expect(text).toContain('In the decoder more of it can be read than at decoder 0 (16.0 %): it comes from');
		expect(text).not.toContain('again');
	});

	it('has no place to speak of where all tokens are pooled into one', () => {
		const { sites, ...rest } = syntheticLinear();
		const one = sites.map((site) => (site.part === 'decoder' ? { ...site, side: 1, cell: null } : site));
		const text = said(linearSection, { ...rest, sites: one });
		expect(text).toContain('(labels in random order: 1.6 %) and 16.0 % [14.0, 18.0] once projected (1.6 %).');
		expect(text).toContain('The decoder reads a single token, which has no place to read off.');
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

	it('says which differences stand when corrected for their number', () => {
		const withP = (...ps: number[]) => {
			const { conditions, ...rest } = syntheticInterventions();
			const changed = conditions.map((each, i) => ({ ...each, overall: { ...each.overall, p: ps[i] ?? 0.6 } }));
			return said(interventionsSection, { ...rest, conditions: changed });
		};
		const corrected = 'Corrected for the 5 comparisons (Holm, 5 %),';
		expect(withP(0.01, 0.6, 0.012)).toContain(`${corrected} all of these differences stand.`);
		expect(withP(0.02, 0.6, 0.001)).toContain(`${corrected} these differences stand, except normalize:paper.`);
		expect(withP(0.02, 0.6, 0.02)).toContain(`${corrected} none of these differences stands.`);
		const { conditions, ...rest } = syntheticInterventions();
		expect(said(interventionsSection, { ...rest, conditions: conditions.slice(1) })).toContain(
			'Corrected for the 4 comparisons (Holm, 5 %), this difference stands.',
		);
		expect(said(interventionsSection, { ...rest, conditions: conditions.slice(0, 1) })).not.toContain('Corrected');
	});

	it('bounds what it cannot find', () => {
		const { conditions, ...rest } = syntheticInterventions();
		const text = said(interventionsSection, { ...rest, conditions: conditions.slice(3) });
		expect(text).toContain('None of 2 changes makes a measurable difference; none excludes one of up to 3.5 points.');
	});
});
