import type { RopeCondition, RopeProbe } from '../../probes/results.ts';
import { headGridFigure } from '../figures/head-grid.ts';
import { type Line, linesFigure } from '../figures/lines.ts';
import { interval, list, mark, meanText, plural, significant, sizesByModel } from '../format.ts';
import { type HtmlValue, html } from '../html.ts';
import { type Measured, probesOf, type ReportData } from '../inputs.ts';
import { PAPER_MODELS, PAPER_NOTEBOOK } from '../paper.ts';
import { type Figure, figureHtml, ofEach, type Section } from '../section.ts';
import { meanCell, NOTHING, table } from '../tables.ts';
import { pairedSide } from './paired.ts';

type Theory = Measured<'rope'>['result']['theory'];

/** Below this, a derivative is drawn at the lower edge: it reaches 10⁻²⁰⁰ and would flatten all else. */
const FLOOR = 1e-6;

const QUANTITIES: readonly {
	name: string;
	of: (point: Theory[number]) => { closed: number; finite: number | null };
}[] = [
	{ name: '|dα_V/dφ|', of: ({ sensitivity }) => sensitivity },
	{ name: '‖du/dφ‖', of: ({ residual }) => residual },
	{ name: 'α_V', of: ({ alphaV }) => ({ closed: alphaV, finite: null }) },
	{ name: '|g_V|', of: ({ gV }) => ({ closed: gV, finite: null }) },
];

function theoryFigure(theory: Theory): Figure {
	const worst = Math.max(...theory.map(({ error }) => error));
	const rows = theory.map((point) => [
		point.scale,
		...QUANTITIES.flatMap(({ of }) => [of(point).closed, of(point).finite]),
	]);
	const lines: Line[] = QUANTITIES.flatMap(({ name, of }, series) => {
		const line = (value: (point: Theory[number]) => number | null) =>
			theory.flatMap((point) => {
				const y = value(point);
				return y === null ? [] : [{ x: point.scale, y: Math.max(FLOOR, y) }];
			});
		const closed: Line = { panel: '', name, series, dots: false, points: line((point) => of(point).closed) };
		const finite: Line = {
			panel: '',
			name: `${name}, differences`,
			series,
			line: null,
			points: line((point) => of(point).finite),
		};
		return finite.points.length > 0 ? [closed, finite] : [closed];
	});
	return {
		name: 'rope-theory',
		caption: `The argument of Sec. 4.2 in numbers: random queries and keys of unit variance, the vision keys (or the residual stream) longer by the ratio on the horizontal axis. Lines: closed form; dots: finite differences, apart by at most ${significant(worst)} of the derivative. α_V: attention on vision. g_V: mean slope of its logits. dα_V/dφ = α_V (1 − α_V) g_V: what one position changes in it. du/dφ: what of that survives in the direction of a residual stream of that length. Values below 10⁻⁶ stand at the lower edge.`,
		alt: `Sensitivity to position against the ratio of norms from ${theory[0]!.scale} to ${theory.at(-1)!.scale}. ${theorySentence(theory)}`,
		data: {
			columns: ['ratio of norms', ...QUANTITIES.flatMap(({ name }) => [`${name} closed form`, `${name} differences`])],
			rows,
		},
		draw: (options) =>
			linesFigure(lines, {
				...options,
				x: { label: 'Norm of vision over norm of text (log scale)', type: 'log' },
				y: { label: 'Size (log scale)', type: 'log', domain: [FLOOR, 1000] },
			}),
	};
}

/** What the theory alone says: where the weight is most sensitive to position, and what is left at larger norms. */
function theorySentence(theory: Theory): string {
	const best = theory.reduce((a, b) => (b.sensitivity.closed > a.sensitivity.closed ? b : a));
	const [least, most] = [theory[0]!, theory.at(-1)!];
	return `In theory the weight of vision is most sensitive to position at a ratio of norms of ${mark(best.scale)} (|dα_V/dφ| ${significant(best.sensitivity.closed)} at α_V ${significant(best.alphaV)}) and hardly at all once vision takes nearly all attention; in the residual stream, what one position changes falls from ${significant(least.residual.closed)} at a ratio of ${mark(least.scale)} to ${significant(most.residual.closed)} at ${mark(most.scale)}.`;
}

/** Whether normalising changes the model's own sensitivity; nothing where that cannot be told from the result. */
function changeWords({ conditions: [first, second], difference, images }: RopeProbe): string {
	const [a, b] = [first!.absDeltaGV, second!.absDeltaGV];
	const paired = difference && `paired image by image they differ by ${meanText(difference.absDeltaGV)}, so `;
	const times = significant(b.mean / a.mean);
	switch (pairedSide(a, b, difference?.absDeltaGV)) {
		case 'above':
			return `: ${paired ?? ''}normalising makes it more sensitive (${times} times)`;
		case 'below':
			return `: ${paired ?? ''}normalising makes it less sensitive (${times} times)`;
		case 'within':
			return `: ${paired ?? ''}${plural(images, 'image')} cannot tell that normalising changes it`;
		default:
			return '';
	}
}

/** What one position changes in the model, with and without normalised tokens. */
function sentence({ model, result }: Measured<'rope'>): string {
	const [first, second] = result.conditions;
	const size = ({ name, trained, absDeltaGV }: RopeCondition) =>
		`${meanText(absDeltaGV)} ${name}${trained ? ', as it was trained' : ''}`;
	if (!first) return '';
	if (!second)
		return `In ${model}, turning the vision keys by one position moves their mean logit by |Δg_V| ${size(first)}.`;
	return `In ${model}, turning the vision keys by one position moves their mean logit by |Δg_V| ${size(first)} and ${size(second)}${changeWords(result)}. The weight of vision itself changes by |Δα_V| ${meanText(first.absDeltaAlphaV)} and ${meanText(second.absDeltaAlphaV)}.`;
}

/** What survives in the residual stream at a ratio of norms, between the points of the theory on logarithmic axes. */
function residualAt(theory: Theory, ratio: number): number {
	const next = Math.max(
		1,
		Math.min(
			theory.length - 1,
			theory.findIndex(({ scale }) => scale >= ratio),
		),
	);
	const [a, b] = [theory[next - 1]!, theory[next] ?? theory[next - 1]!];
	const part = a === b ? 0 : Math.log(ratio / a.scale) / Math.log(b.scale / a.scale);
	return a.residual.closed ** (1 - part) * b.residual.closed ** part;
}

/** Where the measured ratio of norms of this model lies on the theory's axis. */
function placeSentence(data: ReportData, theory: Theory): string {
	const [least, most] = [theory[0]!.scale, theory.at(-1)!.scale];
	return probesOf(data, 'norms')
		.filter(({ result: { ratio } }) => ratio.median >= least && ratio.median <= most && least <= 1 && most >= 1)
		.map(({ model, result: { ratio } }) => {
			const left = residualAt(theory, ratio.median) / residualAt(theory, 1);
			return `At the ratio measured in ${model}, ${significant(ratio.median)}, it is ${significant(left)} times what it is at equal norms.`;
		})
		.join(' ');
}

/** The published code's figures for the paper's models, and how far off ours are. */
function comparison(measured: readonly Measured<'rope'>[]): string {
	const [base, normalised, multilayer] = PAPER_NOTEBOOK.absDeltaGV;
	const ours = measured.flatMap(({ model, result: { conditions } }) => {
		const own = conditions.find(({ trained }) => trained) ?? conditions[0];
		return own && own.absDeltaGV.mean > 0
			? [`${model}’s is ${significant(own.absDeltaGV.mean / base)} times that of LLaVA-1.5 7B`]
			: [];
	});
	return `The published code finds |Δg_V| ${significant(base)} in LLaVA-1.5 7B, ${significant(normalised)} when trained with normalisation and ${significant(multilayer)} with middle layers as well; ${list(ours)}. Of networks with other widths, numbers of tokens and images, only the direction of a change compares, not its size.`;
}

type HeadValue = 'absDeltaGV' | 'deltaAlphaV';

function headsFigure(measured: readonly Measured<'rope'>[], value: HeadValue): Figure {
	const panels = measured.flatMap(({ model, result }) =>
		result.conditions.map(({ name, byHead }) => ({ model, name, title: `${model}, ${name}`, values: byHead[value] })),
	);
	const symbol = value === 'absDeltaGV' ? '|Δg_V|' : 'Δα_V';
	const what =
		value === 'absDeltaGV'
			? 'Change of the mean vision logit, |Δg_V|, when the vision keys are turned by one position'
			: 'Change of the attention on vision, Δα_V, when the vision keys are turned by one position';
	const all = panels.flatMap(({ values }) => values.flat());
	const sizes = sizesByModel(measured, ({ images, data }) => `${plural(images, 'image')} (${data})`);
	return {
		name: value === 'absDeltaGV' ? 'rope-logits' : 'rope-weights',
		caption: `${what}, by layer and head; means over images. ${sizes}.`,
		alt: `${what}, by layer and head: from ${significant(Math.min(...all))} to ${significant(Math.max(...all))}.`,
		data: {
			columns: ['model', 'condition', 'layer', 'head', symbol],
			rows: panels.flatMap(({ model, name, values }) =>
				values.flatMap((heads, layer) => heads.map((each, head) => [model, name, layer, head, each])),
			),
		},
		draw: (options) => headGridFigure(panels, { ...options, scale: symbol, diverging: value === 'deltaAlphaV' }),
	};
}

/** Sensitivity to position, in theory and in the model (Sec. 4.2, Appendix A); null where it was not probed. */
export function ropeSection(data: ReportData): Section | null {
	const measured = probesOf(data, 'rope');
	const theory = measured.find(({ result }) => result.theory.length > 0)?.result.theory;
	if (measured.length === 0) return null;
	const figures = [
		...(theory ? [theoryFigure(theory)] : []),
		headsFigure(measured, 'absDeltaGV'),
		headsFigure(measured, 'deltaAlphaV'),
	];
	const rows = measured.flatMap(({ model, result }) =>
		result.conditions.map(({ name, trained, absDeltaGV, deltaAlphaV, absDeltaAlphaV }): HtmlValue[] => [
			`${model}, ${name}${trained ? ' (as trained)' : ''}`,
			meanCell(absDeltaGV),
			meanCell(deltaAlphaV),
			meanCell(absDeltaAlphaV),
		]),
	);
	const papers = PAPER_MODELS.map((name, i): HtmlValue[] => [
		`${name}, 20 COCO photos`,
		significant(PAPER_NOTEBOOK.absDeltaGV[i]!),
		significant(PAPER_NOTEBOOK.deltaAlphaV[i]!),
		NOTHING,
	]);
	return {
		id: 'rope',
		title: 'Why order may not matter: RoPE and norms (Sec. 4.2, App. A)',
		html: html`${theory && html`<p>${theorySentence(theory)} ${placeSentence(data, theory)}</p>\n${figureHtml(figures[0]!)}`}
${ofEach(measured.map(sentence))}<p>${comparison(measured)}</p>
${table(
	'RoPE probe: what one position changes',
	[{ head: 'Model', kind: 'text' }, { head: '|Δg_V|' }, { head: 'Δα_V' }, { head: '|Δα_V|' }],
	[{ rows }, { head: 'In the paper’s published notebooks (trained with and without normalisation)', rows: papers }],
)}
${figures.slice(theory ? 1 : 0).map(figureHtml)}
<p class="note">The end token is put after the prompt and looks at the keys before it; the vision keys alone are turned by one position of RoPE. Means over layers and heads, then images; ${interval([2.5, 97.5], String)} percentiles of a bootstrap over images. “Normalised” without “as trained” is a change that the model did not see in training.</p>`,
		figures,
	};
}
