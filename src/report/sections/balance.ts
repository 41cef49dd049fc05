import type { BalanceCondition } from '../../probes/results.ts';
import { headGridFigure } from '../figures/head-grid.ts';
import { type Line, layerTicks, linesFigure } from '../figures/lines.ts';
import { meanText, percent, plural, significant, sizesByModel, withPercent } from '../format.ts';
import { type HtmlValue, html } from '../html.ts';
import { type Measured, probesOf, type ReportData } from '../inputs.ts';
import { PAPER_MODELS, PAPER_NOTEBOOK } from '../paper.ts';
import { type Figure, figureHtml, ofEach, type Section } from '../section.ts';
import { meanCell, NOTHING, table } from '../tables.ts';

const PARTS = [
	{ part: 'vision', label: 'vision' },
	{ part: 'user', label: 'user text' },
	{ part: 'system', label: 'system prompt' },
	{ part: 'bos', label: 'BOS' },
	{ part: 'answer', label: 'answer so far' },
] as const;

interface Row {
	model: string;
	/** Model and condition. */
	title: string;
	condition: BalanceCondition;
}

/** Vision's share of the attention on system prompt, vision and user text, as the published notebooks count. */
function visionOfThree({ shares: { system, vision, user } }: BalanceCondition): number | null {
	const total = system.mean + vision.mean + user.mean;
	return total > 0 ? vision.mean / total : null;
}

function sharesFigure(rows: readonly Row[]): Figure {
	const parts = PARTS.map((each, series) => ({ ...each, series })).filter(({ part }) =>
		rows.some(({ condition }) => condition.shares[part].mean > 0),
	);
	const lines: Line[] = rows.flatMap(({ title, condition }) =>
		parts.map(({ part, label, series }) => ({
			panel: rows.length > 1 ? title : '',
			name: label,
			series,
			points: condition.sharesByLayer.map((shares, x) => ({ x, y: shares[part] * 100 })),
		})),
	);
	const layers = Math.max(...rows.map(({ condition }) => condition.sharesByLayer.length));
	return {
		name: 'attention-shares',
		caption:
			'What attention goes to, by layer: shares of the rows of the generated tokens, means over heads, steps and images. They add up to 100 %.',
		alt: `Shares of attention by layer. ${rows.map(({ title, condition }) => `${title}: vision ${condition.sharesByLayer.map(({ vision }) => withPercent(vision)).join(', ')}`).join('. ')}.`,
		data: {
			columns: ['model and condition', 'layer', ...PARTS.map(({ label }) => label)],
			rows: rows.flatMap(({ title, condition }) =>
				condition.sharesByLayer.map((shares, layer) => [title, layer, ...PARTS.map(({ part }) => shares[part])]),
			),
		},
		draw: (options) =>
			linesFigure(lines, {
				...options,
				x: { label: 'Layer', domain: [-0.3, Math.max(1, layers - 0.7)], ...layerTicks(layers) },
				y: { label: 'Share of attention (%)', domain: [0, 100] },
			}),
	};
}

function balanceFigure(rows: readonly Row[]): Figure {
	const panels = rows.map(({ title, condition }) => ({ title, values: condition.balanceByHead }));
	const known = panels.flatMap(({ values }) => values.flat()).filter((value) => value !== null);
	return {
		name: 'balance',
		caption:
			'Cross-modal balance by layer and head: attention on the image over attention on image and user text; means over steps and images. 1: the image alone; 0: the text alone. Grey: no attention on either.',
		alt: `Cross-modal balance by layer and head${known.length > 0 ? `: from ${significant(Math.min(...known))} to ${significant(Math.max(...known))}` : ''}.`,
		data: {
			columns: ['model and condition', 'layer', 'head', 'balance'],
			rows: panels.flatMap(({ title, values }) =>
				values.flatMap((heads, layer) => heads.map((value, head) => [title, layer, head, value])),
			),
		},
		draw: (options) => headGridFigure(panels, { ...options, scale: 'vision / (vision + user text)', domain: [0, 1] }),
	};
}

function sentence({ model, result: { conditions } }: Measured<'balance'>): string {
	const [asked, stripped] = conditions;
	if (!asked) return '';
	const { vision, user, system } = asked.shares;
	const layers = asked.sharesByLayer.map(({ vision: share }, layer) => ({ share, layer }));
	const most = layers.reduce((a, b) => (b.share > a.share ? b : a));
	const least = layers.reduce((a, b) => (b.share < a.share ? b : a));
	const heads = asked.balanceByHead.flat().filter((value) => value !== null);
	const imageHeads = heads.filter((value) => value > 0.5).length;
	const parts = [
		`${model} gives the image ${withPercent(vision.mean)} of its attention [${percent(vision.low)}, ${percent(vision.high)}], the user’s text ${withPercent(user.mean)}${system.mean > 0 ? ` and the system prompt ${withPercent(system.mean)}` : ''}; the balance of vision against user text is ${meanText(asked.balance)}.`,
		layers.length > 1
			? `The image gets most in layer ${most.layer} (${withPercent(most.share)}) and least in layer ${least.layer} (${withPercent(least.share)}); ${imageHeads} of ${heads.length} heads look more at it than at the text.`
			: '',
		stripped
			? `Without the system prompt the balance is ${meanText(stripped.balance)}.`
			: asked.systemTokens === 0
				? 'Its prompt has no system part, so there is nothing to take out.'
				: '',
	];
	return parts.filter((part) => part !== '').join(' ');
}

/** What attention goes to: balance of image and text, shares by layer; null where it was not probed. */
export function balanceSection(data: ReportData): Section | null {
	const measured = probesOf(data, 'balance');
	if (measured.length === 0) return null;
	const rows: Row[] = measured.flatMap(({ model, result: { conditions } }) =>
		conditions.map((condition) => {
			return { model, condition, title: conditions.length > 1 ? `${model}, ${condition.name}` : model };
		}),
	);
	const figures = [balanceFigure(rows), sharesFigure(rows)];
	const cells = ({ title, condition }: Row): HtmlValue[] => [
		title,
		meanCell(condition.balance),
		...PARTS.map(({ part }) => meanCell(condition.shares[part], percent)),
	];
	const { visionShare, visionShareWithoutSystem } = PAPER_NOTEBOOK;
	const compared = [
		{ head: 'As asked', at: 0, paper: visionShare },
		{ head: 'Without system prompt', at: 1, paper: visionShareWithoutSystem },
	].map(({ head, at, paper }): HtmlValue[] => [
		head,
		...measured.map(({ result: { conditions } }) => {
			const share = conditions[at] ? visionOfThree(conditions[at]) : null;
			return share === null ? NOTHING : percent(share);
		}),
		...paper.map(percent),
	]);
	const sizes = sizesByModel(measured, ({ images, data: what }) => `${plural(images, 'image')} (${what})`);
	return {
		id: 'balance',
		title: 'What attention goes to',
		html: html`${ofEach(measured.map(sentence))}<p>LLaVA-1.5 7B, by the paper’s published notebooks, leaves its system prompt most of the attention: the image gets ${withPercent(visionShare[0])} with it and ${withPercent(visionShareWithoutSystem[0])} without.</p>
${figures.map(figureHtml)}
${table(
	'Balance and shares of attention',
	[
		{ head: 'Model', kind: 'text' },
		{ head: 'Balance' },
		...PARTS.map(({ label }) => ({ head: `${label[0]!.toUpperCase()}${label.slice(1)}` })),
	],
	[{ rows: rows.map(cells) }],
)}
${table(
	'Share of the image in attention on system prompt, image and user text',
	[
		{ head: 'Image’s share (%)', kind: 'text' },
		...measured.map(({ model }) => ({ head: model })),
		...PAPER_MODELS.map((head) => ({ head, kind: 'paper' as const })),
	],
	[{ rows: compared }],
	[
		{ label: 'Of system prompt, image and user text', columns: 1 + measured.length },
		{ label: 'Paper’s published notebooks, LLaVA-1.5 7B, 20 COCO photos', columns: PAPER_MODELS.length },
	],
)}
<p class="note">Shares in percent of the attention of the position that generates each token of the answer, its end included; 95 % bootstrap intervals over images. ${sizes}.</p>`,
		figures,
	};
}
