import { pairedInterval } from '../../probes/mean.ts';
import { headGridFigure } from '../figures/head-grid.ts';
import { type Line, layerTicks, linesFigure } from '../figures/lines.ts';
import { fixed, list, meanText, plural, sizesByModel } from '../format.ts';
import { type HtmlValue, html } from '../html.ts';
import { type Measured, probesOf, type ReportData } from '../inputs.ts';
import { PAPER_MODELS, PAPER_TABLE_4 } from '../paper.ts';
import { type Figure, figureHtml, ofEach, type Section } from '../section.ts';
import { type Column, meanCell, NOTHING, table } from '../tables.ts';
import { gridSideOf } from './grid-side.ts';
import { pairedSide } from './paired.ts';

const two = (value: number) => fixed(value, 2);
const three = (value: number) => fixed(value, 3);

function layersFigure(measured: readonly Measured<'attention'>[]): Figure {
	const kinds = [
		{ key: 'meanOfH', label: 'mean(H)', line: 'solid' },
		{ key: 'hOfMean', label: 'H(mean)', line: 'dashed' },
	] as const;
	// Of many models each average has a panel of its own.
	const apart = measured.length > 2;
	const lines: Line[] = measured.flatMap(({ model, result: { layers, entropy } }, series) =>
		kinds.map(({ key, label, line }) => ({
			panel: apart ? label : '',
			name: measured.length === 1 ? label : apart ? model : `${model}, ${label}`,
			series,
			line: apart ? 'solid' : line,
			points: entropy.byLayer[key].map((y, i) => ({ x: layers[i] ?? i, y })),
		})),
	);
	const last = Math.max(...measured.flatMap(({ result }) => result.layers));
	return {
		name: 'entropy-layers',
		caption:
			'Normalised entropy of the attention on the vision tokens by layer. 1: even over the image; 0: one token has it all. mean(H): of each token’s attention; H(mean): of the attention averaged first. Both of each layer by itself; the average over layers is wider.',
		alt: `Entropy by layer. ${lines.map(({ name, points }) => `${name}: ${points.map(({ y }) => two(y)).join(', ')}`).join('. ')}.`,
		data: {
			columns: ['model', 'layer', 'mean(H)', 'H(mean)'],
			rows: measured.flatMap(({ model, result: { layers, entropy } }) =>
				layers.map((layer, i) => [
					model,
					layer,
					entropy.byLayer.meanOfH[i] ?? null,
					entropy.byLayer.hOfMean[i] ?? null,
				]),
			),
		},
		draw: (options) =>
			linesFigure(lines, {
				...options,
				x: { label: 'Layer', domain: [-0.3, Math.max(1, last + 0.3)], ...layerTicks(last + 1) },
				y: { label: 'Normalised entropy', domain: [0, 1] },
			}),
	};
}

function headsFigure(measured: readonly Measured<'attention'>[]): Figure {
	const panels = measured.map(({ model, result: { entropy } }) => ({ title: model, values: entropy.byHead }));
	return {
		name: 'entropy-heads',
		caption: 'mean(H) by layer and head. Grey: heads that never gave the image any weight.',
		alt: `Entropy of attention by layer and head of ${measured.map(({ model }) => model).join(', ')}.`,
		data: {
			columns: ['model', 'layer', 'head', 'mean(H)'],
			rows: measured.flatMap(({ model, result: { layers, heads, entropy } }) =>
				entropy.byHead.flatMap((row, i) => row.map((value, j) => [model, layers[i] ?? i, heads[j] ?? j, value])),
			),
		},
		draw: (options) => headGridFigure(panels, { ...options, scale: 'normalised entropy, mean(H)', domain: [0, 1] }),
	};
}

type Side = 'above' | 'within' | 'below';

/** How the attention of the other models differs from the first one's, all over the same images and number of tokens. */
function comparison([first, ...others]: readonly Measured<'attention'>[]): string[] {
	const { meanOfH, perImage = [] } = first!.result.entropy;
	const compared = others.map(({ model, result: { entropy } }) => {
		const paired = entropy.perImage?.length === perImage.length ? pairedInterval(perImage, entropy.perImage) : null;
		const name = paired ? `${model} (difference ${meanText(paired, three)})` : model;
		return { name, side: pairedSide(meanOfH, entropy.meanOfH, paired) };
	});
	const words = (side: Side, say: (names: string, verb: string) => string) => {
		const names = compared.filter((one) => one.side === side).map(({ name }) => name);
		return names.length > 0 ? [say(list(names), names.length > 1 ? 'look' : 'looks')] : [];
	};
	return [
		...words('above', (names, verb) => `${names} ${verb} wider than ${first!.model}.`),
		...words('below', (names, verb) => `${names} ${verb} narrower than ${first!.model}.`),
		...words('within', (names) => `Of ${names} no difference from ${first!.model} can be told.`),
	];
}

/** What can be said of several models: entropies over different numbers of tokens, or of other images, do not compare. */
function comparisons(data: ReportData, measured: readonly Measured<'attention'>[]): string[] {
	const known = measured.flatMap((one) => {
		const side = gridSideOf(data, one.result);
		return side === null ? [] : [{ ...one, side, like: `${side} ${one.result.images} ${one.result.data}` }];
	});
	const groups = [...new Set(known.map(({ like }) => like))].map((like) => known.filter((one) => one.like === like));
	const apart = known.filter(({ side }) => side !== known[0]!.side).map(({ model }) => model);
	return [
		...groups.flatMap(comparison),
		...(apart.length > 0
			? [
					`The entropies of ${list(apart)} and ${known[0]!.model} are over different numbers of vision tokens and do not compare.`,
				]
			: []),
	];
}

/** How spread the attention is, and whether that differs between the models measured. */
function sentences(data: ReportData, all: readonly Measured<'attention'>[]): string[] {
	const single = all.filter(hasOneToken).map(({ model }) => model);
	const measured = all.filter((one) => !hasOneToken(one));
	const each = measured.map(({ model, result: { entropy, layers } }) => {
		const { meanOfH, byLayer } = entropy;
		const how =
			meanOfH.low > 0.8
				? 'spread widely'
				: meanOfH.high < 0.5
					? 'drawn together on few tokens'
					: 'neither even nor narrow';
		const ranked = byLayer.meanOfH
			.map((value, i) => ({ value, layer: layers[i] ?? i }))
			.sort((a, b) => a.value - b.value);
		const narrow = ranked.length > 1 ? `, narrowest in layer ${ranked[0]!.layer} (${two(ranked[0]!.value)})` : '';
		return `While ${model} answers, its attention on the image is ${how}: mean(H) ${meanText(meanOfH, two)}${narrow}.`;
	});
	const none = `With one vision token there is nothing to spread over: the entropy of ${list(single)} is 0 and says nothing.`;
	return [...each, ...comparisons(data, measured), ...(single.length > 0 ? [none] : [])];
}

/** Over one token the entropy is exactly 0, whatever is asked; over more it is never that for every answer. */
const hasOneToken = ({ result: { entropy } }: Measured<'attention'>) => entropy.meanOfH.high === 0;

const OURS: readonly Column[] = [
	{ head: 'Tokens' },
	{ head: 'mean(H)' },
	{ head: 'H(mean)' },
	{ head: 'H(mean over all)' },
];

/** Entropy of attention over the image (Sec. 7.2, Table 4); null where it was not probed. */
export function entropySection(data: ReportData): Section | null {
	const measured = probesOf(data, 'attention');
	if (measured.length === 0) return null;
	const figures = [layersFigure(measured), headsFigure(measured)];
	const papers = (paper: (typeof PAPER_TABLE_4)[number] | undefined): HtmlValue[] =>
		PAPER_MODELS.map((_, i) => (paper ? two(paper.entropy[i]!) : NOTHING));
	const matched = measured.map((one) => ({
		...one,
		paper: PAPER_TABLE_4.find(({ names }) => names.test(one.result.data)),
	}));
	const firstOf = (paper: (typeof PAPER_TABLE_4)[number] | undefined) =>
		matched.findIndex((one) => one.paper === paper);
	const rows = matched.map(({ model, result: { entropy, data: what }, paper }, i): HtmlValue[] => [
		html`${model}<span class="bounds">${what}</span>`,
		String(entropy.rows),
		meanCell(entropy.meanOfH, two),
		meanCell(entropy.hOfMean, two),
		two(entropy.hOfMeanOverAll),
		// The paper has one figure for a data set, however many models are asked about it here.
		...papers(firstOf(paper) === i ? paper : undefined),
	]);
	const rest = PAPER_TABLE_4.filter((paper) => matched.every((one) => one.paper !== paper)).map(
		(paper): HtmlValue[] => [paper.dataset, ...OURS.map(() => NOTHING), ...papers(paper)],
	);
	const sizes = sizesByModel(measured, ({ images, data: what }) => `${plural(images, 'image')} (${what})`);
	const [base, normalised, multilayer] = PAPER_TABLE_4[0]!.entropy.map(two);
	return {
		id: 'entropy',
		title: 'How narrowly it looks: entropy of attention (Table 4)',
		html: html`${ofEach(sentences(data, measured))}<p>The paper has ${base} for LLaVA-1.5 7B on its 2DS, ${normalised} with normalisation and ${multilayer} with middle layers as well. Entropies are divided by that of an even spread over each model’s own tokens, 576 there, so the sizes of two networks do not compare; a change between models trained alike does.</p>
${table(
	'Table 4: normalised entropy of attention over the vision tokens',
	[
		{ head: 'Model and data', kind: 'text' },
		...OURS,
		...PAPER_MODELS.map((head) => ({ head, kind: 'paper' as const })),
	],
	[{ rows }, ...(rest.length > 0 ? [{ head: 'In the paper alone', rows: rest }] : [])],
	[
		{ label: '', columns: 1 },
		{ label: measured.length > 1 ? 'These models' : measured[0]!.model, columns: OURS.length },
		{ label: 'Paper, Table 4: LLaVA-1.5 7B', columns: PAPER_MODELS.length },
	],
)}
<p class="note">Attention of each generated token, averaged over heads without BOS, then over layers. Which of the averages the paper’s table holds, it does not say: mean(H) averages the entropies of single tokens; H(mean) is the entropy of an answer’s averaged attention; H(mean over all) that of the average over all answers. 95 % bootstrap intervals over images; a difference is paired image by image. ${sizes}.</p>
${figures.map(figureHtml)}`,
		figures,
	};
}
