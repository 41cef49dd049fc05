import { describe, expect, it } from 'vitest';
import { reportData } from '../../src/report/data.ts';
import { headGridFigure } from '../../src/report/figures/head-grid.ts';
import { linesFigure } from '../../src/report/figures/lines.ts';
import type { ProbeResult, ReportData } from '../../src/report/inputs.ts';
import { drawn, NARROW, type Section, WIDE } from '../../src/report/section.ts';
import { balanceSection } from '../../src/report/sections/balance.ts';
import { compressionSection } from '../../src/report/sections/compression.ts';
import { entropySection } from '../../src/report/sections/entropy.ts';
import { interventionsSection } from '../../src/report/sections/interventions.ts';
import { linearSection } from '../../src/report/sections/linear.ts';
import { mapsSection } from '../../src/report/sections/maps.ts';
import { normsSection } from '../../src/report/sections/norms.ts';
import { ordersSection } from '../../src/report/sections/orders.ts';
import { ropeSection } from '../../src/report/sections/rope.ts';
import { syntheticRun } from '../report/synthetic.ts';
import { syntheticCompression, syntheticInterventions, syntheticPermutation } from '../report/synthetic-accuracy.ts';
import {
	syntheticAttention,
	syntheticBalance,
	syntheticFullNorms,
	syntheticLinear,
	syntheticRope,
} from '../report/synthetic-probes.ts';
import { expectSnapshot } from './snapshot.ts';

const run = await syntheticRun({ conditions: { intact: 0.8 } }, { images: 2 });
const base = await reportData([run]);
const dataOf = (results: readonly ProbeResult[]): ReportData => ({
	...base,
	probes: results.map((result) => ({ model: result.model.replace('models/', ''), result })),
});

/** Draws one figure of a section made from some results. */
function figure(
	section: (data: ReportData) => Section | null,
	results: ProbeResult[],
	name: string,
	width = WIDE,
): string {
	const found = section(dataOf(results))!.figures.find((each) => each.name === name)!;
	return drawn(found, width);
}

const other = { model: 'models/other' };

const FIGURES: Record<string, () => string> = {
	orders: () => figure(ordersSection, [syntheticPermutation()], 'orders'),
	'orders-two-models': () =>
		figure(
			ordersSection,
			[syntheticPermutation(), syntheticPermutation({ ...other, accuracy: 0.5 })],
			'orders',
			NARROW,
		),
	compression: () => figure(compressionSection, [syntheticCompression()], 'compression'),
	'compression-retrained': () =>
		figure(
			compressionSection,
			[syntheticCompression({ retrained: true }), syntheticCompression(other)],
			'compression',
			NARROW,
		),
	selection: () => figure(compressionSection, [syntheticCompression()], 'selection'),
	'norms-outliers': () => figure(normsSection, [syntheticFullNorms()], 'norms-outliers'),
	'norms-hidden': () => figure(normsSection, [syntheticFullNorms(), syntheticFullNorms(other)], 'norms-hidden'),
	'rope-theory': () => figure(ropeSection, [syntheticRope()], 'rope-theory'),
	'rope-logits': () => figure(ropeSection, [syntheticRope(), syntheticRope(other)], 'rope-logits', NARROW),
	'rope-weights': () => figure(ropeSection, [syntheticRope()], 'rope-weights'),
	balance: () => figure(balanceSection, [syntheticBalance()], 'balance'),
	'balance-32': () => figure(balanceSection, [syntheticBalance({ layers: 32, heads: 32 })], 'balance', NARROW),
	'attention-shares': () => figure(balanceSection, [syntheticBalance()], 'attention-shares'),
	'attention-maps': () => figure(mapsSection, [syntheticAttention()], 'attention-maps'),
	'attention-maps-two-models': () =>
		figure(mapsSection, [syntheticAttention(), syntheticAttention({ ...other, side: 24 })], 'attention-maps', NARROW),
	'entropy-layers': () => figure(entropySection, [syntheticAttention(), syntheticAttention(other)], 'entropy-layers'),
	'entropy-heads': () => figure(entropySection, [syntheticAttention()], 'entropy-heads'),
	linear: () => figure(linearSection, [syntheticLinear()], 'linear'),
	'linear-deep': () => figure(linearSection, [syntheticLinear({ layers: 24 })], 'linear', NARROW),
	interventions: () => figure(interventionsSection, [syntheticInterventions()], 'interventions'),
	'heads-alike': () =>
		headGridFigure(
			[
				{ title: 'all alike', values: [[1, 1]] },
				{ title: 'none', values: [[null, null]] },
			],
			{
				scale: 'nothing',
				width: NARROW,
				label: 'A figure',
			},
		),
	'lines-one-point': () =>
		linesFigure([{ panel: '', name: 'one', series: 0, points: [{ x: 0, y: 0 }] }], {
			x: { label: 'x', domain: [-1, 1] },
			y: { label: 'y' },
			width: NARROW,
			label: 'A figure',
		}),
};

describe("the figures of the report's probes", () => {
	it.each(Object.entries(FIGURES))('%s is drawn as it was', (name, draw) => {
		const svg = draw();
		expect(svg).not.toMatch(/NaN|Infinity|undefined/);
		expectSnapshot(`probe-${name}`, svg);
	});
});
