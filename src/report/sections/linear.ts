import type { Decoded, LinearProbe, LinearSite } from '../../probes/linear-results.ts';
import { type Line, linesFigure } from '../figures/lines.ts';
import { interval, list, plural, withPercent } from '../format.ts';
import { html } from '../html.ts';
import { type Measured, probesOf, type ReportData } from '../inputs.ts';
import { type Figure, figureHtml, ofEach, type Section } from '../section.ts';
import { estimate, NOTHING, table } from '../tables.ts';

const READ = [
	{ key: 'row', label: 'row' },
	{ key: 'column', label: 'column' },
	{ key: 'color', label: 'colour' },
	{ key: 'shape', label: 'shape' },
] as const;
const CONTROL = 'the same from labels in random order';

const siteName = ({ part, layer }: LinearSite) => (layer === null ? 'projected' : `${part} ${layer}`);

/** Where a new part of the network begins. */
function bordersOf(sites: readonly LinearSite[]) {
	return sites.flatMap(({ part }, x) =>
		part === sites[x - 1]?.part ? [] : [{ x: x - 0.4, label: part === 'projected' ? '' : part }],
	);
}

/** Every layer where there are few; of many, every eighth that does not crowd the projected tokens. */
function ticksOf(sites: readonly LinearSite[]): number[] {
	const middle = sites.findIndex(({ part }) => part === 'projected');
	return sites.flatMap(({ layer }, x) => {
		const shown = layer === null || sites.length <= 20 || (layer % 8 === 0 && Math.abs(x - middle) > 3);
		return shown ? [x] : [];
	});
}

function sitesFigure({ model, result: { sites, images, folds, data } }: Measured<'linear'>, index: number): Figure {
	const lines: Line[] = READ.flatMap(({ key, label }, series) => {
		const read = sites.flatMap((site, x) => (site[key] ? [{ x, ...site[key] }] : []));
		const points = read.map(({ x, accuracy, interval: [low, high] }) => {
			return { x, y: accuracy * 100, low: low * 100, high: high * 100 };
		});
		const controls = read.map(({ x, control }) => ({ x, y: control * 100 }));
		return [
			{ panel: '', name: label, series, points },
			{ panel: '', name: CONTROL, series: null, line: 'chance' as const, points: controls },
		];
	})
		.filter(({ points }) => points.length > 0)
		.sort((a, b) => Number(a.series === null) - Number(b.series === null));
	return {
		name: index === 0 ? 'linear' : `linear-${index + 1}`,
		caption: `${model}: how often a linear map of one vision token’s state names its row and column in the grid, and the colour and shape of the object whose centre it covers, from the encoder’s input to the decoder’s output (p: the projected tokens). Ridge regression, ${folds} folds of images; bars: 95 % bootstrap intervals over images. n = ${plural(images, 'image')} (${data}).`,
		alt: `Accuracy of linear maps, ${model}. ${READ.map(({ key, label }) => `${label}: ${sites.map((site) => (site[key] ? withPercent(site[key].accuracy) : 'none')).join(', ')}`).join('. ')}.`,
		data: {
			columns: [
				'place in the network',
				...READ.flatMap(({ label }) => [label, `${label} low`, `${label} high`, `${label} control`, `${label} chance`]),
			],
			rows: sites.map((site) => [
				siteName(site),
				...READ.flatMap(({ key }) => {
					const read: Decoded | null = site[key];
					return read ? [read.accuracy, ...read.interval, read.control, read.chance] : [null, null, null, null, null];
				}),
			]),
		},
		draw: (options) =>
			linesFigure(lines, {
				...options,
				x: {
					label: 'Layer',
					domain: [-0.5, sites.length - 0.5],
					ticks: ticksOf(sites),
					tickFormat: (x) => String(sites[x]?.layer ?? 'p'),
				},
				y: { label: 'Read off rightly (%)', domain: [0, 100] },
				borders: bordersOf(sites),
			}),
	};
}

interface Placed {
	site: LinearSite;
	cell: Decoded;
}

/** The hidden states of the encoder that the projector reads, counted from 0; null where no run of the model says it. */
function layersRead({ runs }: ReportData, { modelHash, sites }: LinearProbe): number[] | null {
	const backend = runs.map(({ manifest }) => manifest.backend).find((one) => one.modelHash === modelHash);
	if (modelHash === null || !backend?.visionPath) return null;
	const depth = sites.filter(({ part }) => part === 'encoder').length - 1;
	return backend.visionPath.layers.map((layer) => (layer < 0 ? depth + 1 + layer : layer));
}

const best = (placed: readonly Placed[]) => placed.reduce((a, b) => (b.cell.accuracy > a.cell.accuracy ? b : a));

/** Each site with the one that hands on to it; the projected tokens with the best of the layers that they are made of. */
function stepsOf(placed: readonly Placed[], layers: readonly number[] | null): { before: Placed; now: Placed }[] {
	return placed.slice(1).map((now, i) => {
		if (now.site.part !== 'projected') return { before: placed[i]!, now };
		const encoder = placed.filter(({ site }) => site.part === 'encoder');
		const taken = encoder.filter(({ site }) => !layers || layers.includes(site.layer!));
		return { before: best(taken), now };
	});
}

const read = (decoded: Decoded) => `${withPercent(decoded.accuracy)} ${interval(decoded.interval)}`;

/** Between which two sites most of it is lost; those with another grid do not compare. */
function lossSentence(placed: readonly Placed[], layers: readonly number[] | null): string {
	const [first, ...rest] = stepsOf(placed, layers)
		.filter(({ before, now }) => before.site.side === now.site.side)
		.map((step) => ({ ...step, lost: step.before.cell.accuracy - step.now.cell.accuracy }));
	if (!first) return '';
	const { before, now } = rest.reduce((a, b) => (b.lost > a.lost ? b : a), first);
	if (now.cell.interval[1] >= before.cell.interval[0])
		return 'No single step loses more of it than the intervals can tell.';
	const several = now.site.part === 'projected' && layers?.length !== 1;
	const which = layers
		? ', the best of the layers that the projector reads,'
		: ', the best of the encoder (which layers the projector reads is not known here),';
	return `The largest loss, ${withPercent(before.cell.accuracy)} to ${withPercent(now.cell.accuracy)}, is between ${siteName(before.site)}${several ? which : ''} and ${siteName(now.site)}.`;
}

/** Whether more or less of it can be read at the end than where tokens first have that grid. */
function decoderSentence(placed: readonly Placed[]): string {
	const end = placed.at(-1)!;
	if (end.site.part !== 'decoder') return 'The decoder reads a single token, which has no place to read off.';
	const start = placed.find(({ site }) => site.part !== 'encoder' && site.side === end.site.side)!;
	const [before, after] = [start.cell.interval, end.cell.interval];
	if (after[1] < before[0]) return 'The decoder loses more of it.';
	if (after[0] <= before[1]) return '';
	const where =
		start.site.part === 'projected'
			? 'In the decoder more of it can be read again'
			: `In the decoder more of it can be read than at ${siteName(start.site)} (${withPercent(start.cell.accuracy)})`;
	return `${where}: it comes from the order in which the tokens are read, or from what a linear map of a single token missed.`;
}

/** Where "where" is, and where it is lost, as the intervals have it. */
function sentence(data: ReportData, { model, result }: Measured<'linear'>): string {
	const placed = result.sites.flatMap((site): Placed[] => (site.cell ? [{ site, cell: site.cell }] : []));
	if (placed.length === 0) return `${model} hands on a single vision token, which has no place to read off.`;
	const [start, projected, end] = [placed[0]!, placed.find(({ site }) => site.part === 'projected'), placed.at(-1)!];
	const { side } = start.site;
	const pooled = end.site.side === side ? '' : `in the ${end.site.side} × ${end.site.side} grid that pooling leaves `;
	const control = ({ cell }: Placed) => withPercent(cell.control);
	const figures = [
		`${read(start.cell)} of the time at ${siteName(start.site)} (labels in random order: ${control(start)})`,
		...(projected ? [`${read(projected.cell)} once projected (${control(projected)})`] : []),
		...(end !== projected ? [`${pooled}${read(end.cell)} at ${siteName(end.site)} (${control(end)})`] : []),
	];
	return [
		`In ${model} a token’s place in the ${side} × ${side} grid can be read off ${list(figures)}.`,
		lossSentence(placed, layersRead(data, result)),
		decoderSentence(placed),
		objectSentence(projected?.site ?? end.site),
	]
		.filter((part) => part !== '')
		.join(' ');
}

function objectSentence({ color, shape, ...site }: LinearSite): string {
	if (!color || !shape) return '';
	const both = [color, shape].every(({ interval: [low], controlInterval: [, high] }) => low > high);
	return `${both ? '“What” can be read there as well' : 'Of “what”, not all can be told from labels in random order'}: of ${siteName({ ...site, color, shape })} tokens, colour ${read(color)} and shape ${read(shape)} (in random order ${withPercent(color.control)} and ${withPercent(shape.control)}).`;
}

const cell = (decoded: Decoded | null) =>
	decoded ? estimate(withPercent(decoded.accuracy), interval(decoded.interval)) : NOTHING;

function siteRows({ sites }: LinearProbe) {
	return sites.map((site) => [
		siteName(site),
		...[site.row, site.column, site.cell, site.color, site.shape].map(cell),
		site.cell ? withPercent(site.cell.control) : NOTHING,
	]);
}

/** Linear probes of the vision tokens, layer by layer; null where they were not run. */
export function linearSection(data: ReportData): Section | null {
	const measured = probesOf(data, 'linear');
	if (measured.length === 0) return null;
	const figures = measured.map(sitesFigure);
	const heads = ['After', 'Row', 'Column', 'Both', 'Colour', 'Shape', 'Both, random labels'];
	return {
		id: 'linear',
		title: 'Where “where” is lost: linear probes',
		html: html`${ofEach(measured.map((each) => sentence(data, each)))}<p>The paper only infers this from behaviour and has no such figures. That a linear map can read something does not show that the model uses it.</p>
${figures.map(figureHtml)}
<details><summary>All layers as a table</summary>
${table(
	'Accuracy of linear probes',
	heads.map((head, i) => ({ head, kind: i === 0 ? 'text' : 'number' })),
	measured.map(({ model, result }) => ({ ...(measured.length > 1 ? { head: model } : {}), rows: siteRows(result) })),
)}
<p class="note">State 0 is what goes into the first layer. Both: row and column of one token, both right. Random labels: the same fit to labels in random order, which is what a map gets without any knowledge.</p>
</details>`,
		figures,
	};
}
